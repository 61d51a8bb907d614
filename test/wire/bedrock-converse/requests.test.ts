import { describe, expect, test } from "bun:test";
import { AwsEventStreamReader } from "../../../src/bytes/aws-event-stream.ts";
import type { ChatRequest } from "../../../src/ir/chat.ts";
import { bedrockConverse } from "../../../src/wire/bedrock-converse/index.ts";
import { awsMessage, converseEvent } from "./frames.ts";

const upstream = bedrockConverse.upstream({});
const { encodeRequest, decodeResponse, decodeStream } = upstream.chat!;

const CLAUDE = "us.anthropic.claude-sonnet-4-6-v1:0";
const OLD_CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA = "amazon.nova-lite-v1:0";
const TOOL = { type: "function", name: "t", parameters: { type: "object", properties: { a: { type: "string" } } } } as const;
const HI = { role: "user", parts: [{ type: "text", text: "hi" }] } as const;
const CALL = { role: "assistant", parts: [{ type: "tool-call", id: "functions.t:0", name: "t", argumentsJson: '{"a":"b"}' }] } as const;
const RESULT = {
  role: "user",
  parts: [{ type: "tool-result", id: "functions.t:0", parts: [{ type: "text", text: "ok" }], isError: true }],
} as const;

function encoded(request: Partial<ChatRequest>) {
  const { json, losses } = encodeRequest({ model: CLAUDE, stream: false, messages: [HI], sampling: {}, ...request });
  return { json, lost: losses.map(({ what }) => what) };
}

interface Row {
  readonly claim: string;
  readonly request: Partial<ChatRequest>;
  readonly json: object;
  readonly lost?: readonly string[];
}

describe("a request of Converse", () => {
  test.each<Row>([
    {
      claim: "rebuilds the tools that a history without any has called, and makes ids that Bedrock takes, in pairs",
      request: { messages: [HI, CALL, RESULT] },
      json: {
        messages: [
          { role: "user", content: [{ text: "hi" }] },
          {
            role: "assistant",
            content: [{ toolUse: { toolUseId: expect.stringMatching(/^[\w-]{1,64}$/), name: "t", input: { a: "b" } } }],
          },
          {
            role: "user",
            content: [{ toolResult: { toolUseId: expect.stringMatching(/^[\w-]{1,64}$/), content: [{ text: "ok" }], status: "error" } }],
          },
        ],
        toolConfig: { tools: [{ toolSpec: { name: "t", inputSchema: { json: { type: "object", properties: {} } } } }] },
      },
    },
    {
      claim: "leaves tools out where none may be called",
      request: { tools: [TOOL], toolChoice: { type: "none" } },
      json: { messages: [{ role: "user", content: [{ text: "hi" }] }] },
    },
    {
      claim: "keeps them where one was called, and says that the choice is lost",
      request: { messages: [HI, CALL, RESULT], tools: [TOOL], toolChoice: { type: "none" } },
      json: { messages: expect.anything(), toolConfig: { tools: [{ toolSpec: { name: "t", inputSchema: { json: TOOL.parameters } } }] } },
      lost: ["tool_choice"],
    },
    {
      claim: "says nothing blank, merges neighbours, and puts results first",
      request: {
        messages: [
          { role: "system", parts: [{ type: "text", text: "be" }] },
          HI,
          { role: "assistant", parts: [{ type: "text", text: " \n" }] },
          { role: "user", parts: [{ type: "text", text: "more" }] },
          CALL,
          { role: "user", parts: [{ type: "text", text: "so?" }, ...RESULT.parts] },
        ],
        tools: [{ ...TOOL, description: "" }],
      },
      json: {
        system: [{ text: "be" }],
        messages: [
          { role: "user", content: [{ text: "hi" }, { text: "more" }] },
          { role: "assistant", content: [{ toolUse: expect.anything() }] },
          { role: "user", content: [{ toolResult: expect.anything() }, { text: "so?" }] },
        ],
        toolConfig: { tools: [{ toolSpec: { name: "t", inputSchema: { json: TOOL.parameters } } }] },
      },
    },
    {
      claim: "puts marks of the cache behind what they are about",
      request: {
        messages: [{ role: "user", parts: [{ type: "text", text: "long", cache: { ttl: "1h" } }] }],
        tools: [{ ...TOOL, cache: {} }],
      },
      json: {
        messages: [{ role: "user", content: [{ text: "long" }, { cachePoint: { type: "default", ttl: "1h" } }] }],
        toolConfig: { tools: [{ toolSpec: expect.anything() }, { cachePoint: { type: "default" } }] },
      },
    },
    {
      claim: "gives documents names that may be, each once, and a text beside them",
      request: {
        messages: [
          {
            role: "user",
            parts: [
              { type: "file", name: "q3_report.final.pdf", source: { type: "base64", mediaType: "application/pdf", data: "JVBERi0=" } },
              { type: "file", name: "q3 report final pdf", source: { type: "text", mediaType: "text/plain", text: "x" } },
            ],
          },
        ],
      },
      json: {
        messages: [
          {
            role: "user",
            content: [
              { document: { format: "pdf", name: "q3 report final pdf", source: { bytes: "JVBERi0=" } } },
              { document: { format: "txt", name: "q3 report final pdf 2", source: { bytes: "eA==" } } },
              { text: "q3 report final pdf" },
            ],
          },
        ],
      },
    },
    {
      claim: "takes no pictures by their address, but for those in S3",
      request: {
        messages: [
          {
            role: "user",
            parts: [
              { type: "text", text: "see" },
              { type: "image", source: { type: "url", url: "https://x.test/a.png" } },
              { type: "image", source: { type: "url", url: "s3://b/a.jpg" } },
            ],
          },
        ],
      },
      json: {
        messages: [
          { role: "user", content: [{ text: "see" }, { image: { format: "jpeg", source: { s3Location: { uri: "s3://b/a.jpg" } } } }] },
        ],
      },
      lost: ["image"],
    },
    {
      claim: "lets new Claudes think as they see fit, by an effort",
      request: { reasoning: { mode: "adaptive", effort: "low" }, sampling: { maxTokens: 9, temperature: 0.5, topK: 3 } },
      json: {
        messages: expect.anything(),
        inferenceConfig: { maxTokens: 9 },
        additionalModelRequestFields: { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      },
      lost: ["temperature", "top_k"],
    },
    {
      claim: "lets older ones think within a budget, below a limit of tokens",
      request: { model: OLD_CLAUDE, reasoning: { mode: "adaptive", effort: "medium" } },
      json: {
        messages: expect.anything(),
        inferenceConfig: { maxTokens: 32_000 },
        additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 4096 } },
      },
    },
    {
      claim: "tells Nova what to sample from in its own words, and takes nothing that it has not",
      request: {
        model: NOVA,
        sampling: { topK: 5, seed: 1 },
        tools: [{ ...TOOL, strict: true }],
        format: { type: "json-schema", schema: {} },
        reasoning: { effort: "high" },
      },
      json: {
        messages: expect.anything(),
        additionalModelRequestFields: { inferenceConfig: { topK: 5 } },
        toolConfig: { tools: [{ toolSpec: { name: "t", inputSchema: { json: TOOL.parameters } } }] },
      },
      lost: ["seed", "reasoning_effort", "strict", "response_format"],
    },
    {
      claim: "holds new models to schemas, which are texts",
      request: { format: { type: "json-schema", name: "city", schema: { type: "object" } }, tools: [{ ...TOOL, strict: true }] },
      json: {
        messages: expect.anything(),
        toolConfig: { tools: [{ toolSpec: { name: "t", inputSchema: { json: TOOL.parameters }, strict: true } }] },
        outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema: { name: "city", schema: '{"type":"object"}' } } } },
      },
    },
    {
      claim: "asks which sequence stopped Claude",
      request: { sampling: { stop: ["END", " "] } },
      json: {
        messages: expect.anything(),
        inferenceConfig: { stopSequences: ["END"] },
        additionalModelResponseFieldPaths: ["/stop_sequence", "/delta/stop_sequence"],
      },
      lost: ["stop"],
    },
  ])("$claim", ({ request, json, lost = [] }) => {
    const got = encoded(request);
    expect(got.json).toEqual(json as never);
    expect(got.lost).toEqual([...lost]);
  });

  test("gives Claude back what it signed, wherever that was, and nothing else", () => {
    const reasoning = (issuer: string) =>
      encoded({
        messages: [
          HI,
          {
            role: "assistant",
            parts: [{ type: "reasoning", texts: [{ form: "summary", text: "hm" }], opaque: { issuer, kind: "signature", value: "c2ln" } }],
          },
        ],
      });
    const { choices } = decodeResponse({
      output: { message: { content: [{ reasoningContent: { reasoningText: { text: "hm", signature: "c2ln" } } }] } },
      stopReason: "end_turn",
    });
    const [part] = choices[0]!.parts;
    const { issuer } = (part as { opaque: { issuer: string } }).opaque;
    const block = { reasoningContent: { reasoningText: { text: "hm", signature: "c2ln" } } };
    expect(reasoning(issuer).json["messages"]).toEqual([expect.anything(), { role: "assistant", content: [block] }] as never);
    expect(reasoning("gemini-generate").lost).toEqual(["reasoning"]);
  });
});

test.each([
  { type: undefined, part: "tool-call" },
  { type: "tool_use", part: "tool-call" },
  { type: "server_tool_use", part: "foreign" },
])("a call of the type $type is a $part", ({ type, part }) => {
  const toolUse = { toolUseId: "c", name: "t", ...(type !== undefined && { type }) };
  const whole = decodeResponse({ output: { message: { content: [{ toolUse: { ...toolUse, input: {} } }] } }, stopReason: "tool_use" });
  const started = decodeStream().push(JSON.stringify({ contentBlockIndex: 0, start: { toolUse } }), "contentBlockStart");
  expect(whole.choices[0]!.parts.map((each) => each.type as string)).toEqual([part]);
  expect(started.some((event) => event.type === "part-start")).toBe(part === "tool-call");
});

describe("what goes wrong at Bedrock", () => {
  test.each([
    { name: "throttlingException", kind: "rate_limited" },
    { name: "validationException", kind: "upstream_rejected" },
    { name: "modelStreamErrorException", kind: "upstream_failed" },
    { name: "serviceUnavailableException", kind: "upstream_overloaded" },
    { name: "internalServerException", kind: "upstream_failed" },
    { name: "neverHeardOfException", kind: "upstream_failed" },
  ])("in the middle of a stream, $name ends it as $kind", ({ name, kind }) => {
    const frames = new AwsEventStreamReader();
    const decoder = decodeStream();
    frames.push(converseEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "a" } }));
    frames.push(awsMessage({ ":message-type": "exception", ":exception-type": name }, '{"message":"Told."}'));
    const events = [];
    while (frames.next())
      events.push(...decoder.push(Buffer.from(frames.data.subarray(frames.dataStart, frames.dataEnd)).toString(), frames.type));
    events.push(...decoder.end());
    const last = events.at(-1)!;
    expect(events.map(({ type }) => type)).toEqual(["start", "part-start", "text-delta", "failure"]);
    expect(last.type === "failure" && [last.error.kind, last.error.message === "Told."]).toEqual([
      kind,
      kind === "upstream_rejected",
    ] as never);
  });

  test.each([
    { status: 400, type: "ValidationException:http://internal.amazon.com/", message: "Input is too long", kind: "upstream_rejected" },
    { status: 400, type: "ValidationException", message: "The provided model identifier is invalid.", kind: "upstream_model_unknown" },
    { status: 400, type: "ServiceQuotaExceededException", message: "Too many.", kind: "rate_limited" },
    { status: 403, type: "UnrecognizedClientException", message: "The security token is invalid.", kind: "upstream_auth" },
    { status: 404, type: "ResourceNotFoundException", message: "No.", kind: "upstream_model_unknown" },
    { status: 424, type: "ModelErrorException", message: "No.", kind: "upstream_failed" },
    { status: 429, type: "ModelNotReadyException", message: "Wait.", kind: "upstream_overloaded" },
    { status: 429, type: null, message: "Wait.", kind: "rate_limited" },
    { status: 503, type: "ServiceUnavailableException", message: "Wait.", kind: "upstream_overloaded" },
  ])("before an answer, $status $type is $kind", ({ status, type, message, kind }) => {
    const headers = { get: (name: string) => (name === "x-amzn-errortype" ? type : null) };
    expect(upstream.decodeRefusal(status, headers, Buffer.from(JSON.stringify({ message })), 0).kind).toBe(kind as never);
  });
});
