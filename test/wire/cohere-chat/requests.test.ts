import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../../src/ir/chat.ts";
import { cohereChat } from "../../../src/wire/cohere-chat/index.ts";

const { encodeRequest, decodeStream } = cohereChat.upstream({}).chat!;

const HI = { role: "user", parts: [{ type: "text", text: "hi" }] } as const;
const parameters = (required: readonly string[]) => ({ type: "object", properties: { a: { type: "string" } }, required });
const TOOL = { type: "function", name: "t", parameters: parameters(["a"]) } as const;
const LOOSE = { type: "function", name: "u", parameters: parameters([]) } as const;
const WRITTEN = { type: "function", function: { name: "t", parameters: TOOL.parameters } };

interface Row {
  readonly claim: string;
  readonly request: Partial<ChatRequest>;
  readonly json: object;
  readonly lost?: readonly string[];
}

describe("a request of Cohere's chat", () => {
  test.each<Row>([
    {
      claim: "says limits and samplings in Cohere's words, within its scales",
      request: {
        sampling: {
          maxTokens: 9,
          topP: 0.5,
          topK: 3,
          stop: ["x"],
          seed: 1,
          presencePenalty: -1,
          frequencyPenalty: 0.5,
          n: 2,
          logprobs: true,
        },
      },
      json: { max_tokens: 9, p: 0.5, k: 3, stop_sequences: ["x"], seed: 1, presence_penalty: 0, frequency_penalty: 0.5 },
      lost: ["n", "logprobs", "presence_penalty"],
    },
    {
      claim: "forces one tool by listing no other",
      request: { tools: [TOOL, LOOSE], toolChoice: { type: "tool", name: "t" } },
      json: { tools: [WRITTEN], tool_choice: "REQUIRED" },
    },
    { claim: "forbids tools", request: { tools: [TOOL], toolChoice: { type: "none" } }, json: { tools: [WRITTEN], tool_choice: "NONE" } },
    { claim: "is strict about all tools", request: { tools: [{ ...TOOL, strict: true }] }, json: { tools: [WRITTEN], strict_tools: true } },
    {
      claim: "is strict about none of them where one requires nothing, and says so",
      request: { tools: [{ ...TOOL, strict: true }, LOOSE] },
      json: { tools: [WRITTEN, { type: "function", function: { name: "u", parameters: LOOSE.parameters } }] },
      lost: ["strict"],
    },
    {
      claim: "lets models think that can",
      request: { model: "command-a-reasoning-08-2025", reasoning: { effort: "high" } },
      json: { model: "command-a-reasoning-08-2025", thinking: { type: "enabled", token_budget: 16_384 } },
    },
    {
      claim: "stops them from it",
      request: { model: "command-a-reasoning-08-2025", reasoning: { mode: "off" } },
      json: { model: "command-a-reasoning-08-2025", thinking: { type: "disabled" } },
    },
    { claim: "tells no others about it", request: { reasoning: { mode: "adaptive" } }, json: {}, lost: ["reasoning_effort"] },
    {
      claim: "asks for JSON by a schema",
      request: { format: { type: "json-schema", name: "n", schema: { type: "object" } } },
      json: { response_format: { type: "json_object", json_schema: { type: "object" } } },
    },
    {
      claim: "shows pictures that a tool gave right behind its result, and calls a failure one",
      request: {
        messages: [
          HI,
          { role: "assistant", parts: [{ type: "tool-call", id: "c", name: "t", argumentsJson: '{"a":' }] },
          {
            role: "user",
            parts: [
              {
                ...{ type: "tool-result", id: "c", isError: true },
                parts: [
                  { type: "text", text: "no" },
                  { type: "image", source: { type: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } },
                ],
              },
            ],
          },
        ],
      },
      json: {
        messages: [
          { role: "user", content: "hi" },
          { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "t", arguments: '{"raw":"{\\"a\\":"}' } }] },
          { role: "tool", tool_call_id: "c", content: "The tool failed:\nno" },
          { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }] },
        ],
      },
    },
    {
      claim: "says what of a document it can not take, and the text of those that are text",
      request: {
        messages: [
          {
            role: "user",
            parts: [
              { type: "file", source: { type: "base64", mediaType: "application/pdf", data: "JVBERi0=" } },
              { type: "file", source: { type: "base64", mediaType: "text/csv", data: "YSxi" } },
            ],
          },
        ],
      },
      json: { messages: [{ role: "user", content: "a,b" }] },
      lost: ["file"],
    },
  ])("$claim", ({ request, json, lost = [] }) => {
    const got = encodeRequest({ model: "command-a-03-2025", stream: false, messages: [HI], sampling: {}, ...request });
    expect(got.json).toEqual({ model: "command-a-03-2025", messages: [{ role: "user", content: "hi" }], stream: false, ...json } as never);
    expect(got.losses.map(({ what }) => what).sort()).toEqual([...lost].sort());
  });
});

describe("the end of a stream of Cohere's", () => {
  test.each([
    { reason: "ERROR", kind: "upstream_failed" },
    { reason: "TIMEOUT", kind: "upstream_timeout" },
  ])("that says $reason is a failure", ({ reason, kind }) => {
    const decoder = decodeStream();
    const events = [
      ...decoder.push('{"type":"message-start","id":"i","delta":{"message":{}}}'),
      ...decoder.push(JSON.stringify({ type: "message-end", delta: { finish_reason: reason } })),
      ...decoder.end(),
    ];
    const last = events.at(-1)!;
    expect(last.type === "failure" && last.error.kind).toBe(kind as never);
  });
});
