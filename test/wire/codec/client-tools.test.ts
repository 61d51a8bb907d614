// biome-ignore-all lint/suspicious/noExplicitAny: what was written is looked into where the claim is, not typed.
import { describe, expect, test } from "bun:test";
import { CHAT_CODECS, openaiChatCodec, openaiResponsesCodec } from "../../../src/wire/chat-codecs.ts";
import { splitSse } from "./recordings.ts";

const LONG = `mcp__${"server".repeat(12)}__read`;
const ASKED = {
  model: "m",
  input: [
    { type: "custom_tool_call", call_id: "c0", name: "patch", input: "*** Begin" },
    { type: "custom_tool_call_output", call_id: "c0", output: "done" },
    { type: "message", role: "user", content: "again" },
  ],
  tools: [
    { type: "custom", name: "patch", description: "Takes a patch." },
    { type: "function", name: LONG, parameters: {}, strict: false },
  ],
};

describe.each([
  ["anthropic-messages", {}],
  ["openai-chat", { customTools: false, tokensField: "max_tokens" }],
] as const)("a Responses client's tools at a provider of %s", (wire, departures) => {
  const provider = CHAT_CODECS.find((codec) => codec.wire === wire)!;
  const request = openaiResponsesCodec.decodeRequest(ASKED);
  const { json } = provider.encodeRequest(request, departures) as any;
  const nameOf = (tool: any): string => tool.name ?? tool.function.name;

  test("go out as functions, with names that the provider takes", () => {
    expect(json.tools.map(nameOf)[0]).toBe("patch");
    expect(json.tools.map(nameOf)[1].length).toBeLessThanOrEqual(wire === "openai-chat" ? 64 : 128);
    expect(JSON.stringify(json.messages)).toContain("*** Begin");
    expect(JSON.stringify(json)).not.toContain('"custom"');
  });

  test("come back as what they are, whole and streamed", () => {
    const response = {
      id: "x",
      model: "m",
      choices: [
        {
          parts: [
            { type: "tool-call", id: "c1", name: "patch", argumentsJson: '{"input":"*** \\"End\\""}' },
            { type: "tool-call", id: "c2", name: nameOf(json.tools[1]), argumentsJson: "{}" },
          ],
          finish: { reason: "tool-calls" },
        },
      ],
    } as const;
    const wanted = [
      { type: "custom_tool_call", call_id: "c1", name: "patch", input: '*** "End"' },
      { type: "function_call", call_id: "c2", name: LONG, arguments: "{}" },
    ];
    expect((openaiResponsesCodec.encodeResponse(response, { request }).json as any).output).toMatchObject(wanted);
    const bytes = openaiResponsesCodec
      .encodeStream({ request })
      .push([
        { type: "start", id: "x", model: "m" },
        ...response.choices[0].parts.flatMap(
          ({ argumentsJson, ...part }, index) =>
            [
              { type: "part-start", choice: 0, part: index, content: { ...part, argumentsJson: "" } },
              ...argumentsJson.split("").map((json) => ({ type: "arguments-delta", choice: 0, part: index, json }) as const),
              { type: "part-end", choice: 0, part: index },
            ] as const,
        ),
        { type: "finish", choice: 0, finish: { reason: "tool-calls" } },
        { type: "end" },
      ]);
    const last = splitSse(new TextDecoder().decode(bytes)).at(-1)!;
    expect(JSON.parse(last.data).response.output).toMatchObject(wanted);
  });
});

test("long names are shortened to the same name every time, and never to one another's", () => {
  const shortOf = (name: string): string =>
    (
      openaiChatCodec.encodeRequest({ model: "m", stream: false, messages: [], sampling: {}, tools: [{ type: "function", name }] })
        .json as any
    ).tools[0].function.name;
  expect(shortOf(`${LONG}a`)).toBe(shortOf(`${LONG}a`));
  expect(shortOf(`${LONG}a`)).not.toBe(shortOf(`${LONG}b`));
  expect(shortOf("x".repeat(64))).toBe("x".repeat(64));
});
