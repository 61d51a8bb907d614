import { describe, expect, test } from "bun:test";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { WIRES } from "../../src/wire/index.ts";

const PICTURE = "iVBORw0KGgo=";
const ASKED: Readonly<Record<string, object>> = {
  "openai-chat": { model: "m", messages: [{ role: "user", content: "x" }] },
  "openai-responses": { model: "m", input: "x" },
  "anthropic-messages": { model: "m", max_tokens: 99, messages: [{ role: "user", content: "x" }] },
  "gemini-generate": { contents: [{ role: "user", parts: [{ text: "x" }] }] },
  "ollama-chat": { model: "m", messages: [{ role: "user", content: "x" }] },
};
const wireOf = (name: string) => WIRES.find((wire) => wire.name === name)!;

function cross(from: string, to: string, asked: object, stream: boolean) {
  const [downstream, upstream] = [wireOf(from), wireOf(to)];
  const body = Buffer.from(JSON.stringify(from === "gemini-generate" ? asked : { ...asked, stream }));
  const path = `m:${stream ? "streamGenerateContent" : "generateContent"}`;
  const head = downstream.downstream!.readHead(body, from === "gemini-generate" ? path : "", stream ? "alt=sse" : "");
  const bridge = bridgeOf(downstream, upstream, upstream.upstream({}))!;
  return bridge.cross(new ClientRequest(body, head), { model: "m", modelJson: Buffer.from('"m"') }, { requestId: "r", nowS: 0 });
}

const candidate = (parts: object[]): object => ({
  candidates: [{ content: { role: "model", parts }, index: 0, finishReason: "STOP" }],
  modelVersion: "m",
  responseId: "r",
});
const ANSWER = candidate([{ text: "Here." }, { inlineData: { mimeType: "image/png", data: PICTURE } }]);

/** Where clients of each format look for it. */
const SHOWN: readonly (readonly [string, object])[] = [
  ["openai-chat", { images: [{ index: 0, type: "image_url", image_url: { url: `data:image/png;base64,${PICTURE}` } }] }],
  ["openai-responses", { type: "image_generation_call", status: "completed", output_format: "png", result: PICTURE }],
  ["ollama-chat", { images: [PICTURE] }],
];

/** Whether `wanted` is a part of some object anywhere within a value. */
function holds(value: unknown, wanted: object): boolean {
  if (typeof value !== "object" || value === null) return false;
  const same = Object.entries(wanted).every(([name, part]) => Bun.deepEquals((value as Record<string, unknown>)[name], part));
  return same || Object.values(value).some((part) => holds(part, wanted));
}

describe("a picture that Gemini made", () => {
  test.each(SHOWN)("is shown to clients of %s, whole and streamed", (name, wanted) => {
    const { body, losses } = cross(name, "gemini-generate", ASKED[name]!, false).encodeAnswer(
      "application/json",
      Buffer.from(JSON.stringify(ANSWER)),
    );
    expect(holds(JSON.parse(Buffer.from(body).toString()), wanted)).toBeTrue();
    expect(losses).toEqual([]);

    const reader = cross(name, "gemini-generate", ASKED[name]!, true).openStream();
    const bytes = [reader.push(Buffer.from(`data: ${JSON.stringify(ANSWER)}\r\n\r\n`)), reader.end()];
    expect(reader.failure).toBeUndefined();
    const events = Buffer.concat(bytes)
      .toString()
      .split("\n")
      .map((line) => line.replace(/^data: /, ""))
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as object);
    expect(events.some((event) => holds(event, wanted))).toBeTrue();
  });

  test("has no place in an answer of Messages, which says so", () => {
    const { losses } = cross("anthropic-messages", "gemini-generate", ASKED["anthropic-messages"]!, false).encodeAnswer(
      "application/json",
      Buffer.from(JSON.stringify(ANSWER)),
    );
    expect(losses).toMatchObject([{ weight: "content" }]);
  });

  test("goes back to Gemini with the conversation", () => {
    const picture = { inlineData: { mimeType: "image/png", data: PICTURE } };
    const chat = {
      role: "assistant",
      content: "Here.",
      images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PICTURE}` } }],
    };
    const item = { type: "image_generation_call", id: "ig_1", status: "completed", output_format: "png", result: PICTURE };
    const user = { role: "user", content: "x" };
    for (const [name, asked] of [
      ["openai-chat", { model: "m", messages: [user, chat, user] }],
      ["openai-responses", { model: "m", input: [user, item, user] }],
    ] as const) {
      const { body, losses } = cross(name, "gemini-generate", asked, false);
      expect(holds(JSON.parse(Buffer.from(body).toString()), picture)).toBeTrue();
      expect(losses).toEqual([]);
    }
  });

  test.each([{ mimeType: "audio/wav", data: "AAAA" }, { mimeType: "image/png" }, { data: "AAAA" }, "x"])(
    "is no picture if it is %j, and is a loss",
    (inlineData) => {
      const bytes = Buffer.from(JSON.stringify(candidate([{ text: "x" }, { inlineData }])));
      const { losses } = cross("openai-chat", "gemini-generate", ASKED["openai-chat"]!, false).encodeAnswer("application/json", bytes);
      expect(losses).toMatchObject([{ weight: "content" }]);
    },
  );
});

test("a picture that the tool of Responses made is shown to clients of chat and of Gemini", () => {
  const item = { type: "image_generation_call", id: "ig_1", status: "completed", output_format: "webp", result: PICTURE };
  const answer = { id: "resp_1", object: "response", status: "completed", model: "m", output: [item] };
  for (const [name, wanted] of [
    ["openai-chat", { image_url: { url: `data:image/webp;base64,${PICTURE}` } }],
    ["gemini-generate", { inlineData: { mimeType: "image/webp", data: PICTURE } }],
  ] as const) {
    const { body, losses } = cross(name, "openai-responses", ASKED[name]!, false).encodeAnswer(
      "application/json",
      Buffer.from(JSON.stringify(answer)),
    );
    expect(holds(JSON.parse(Buffer.from(body).toString()), wanted)).toBeTrue();
    expect(losses).toEqual([]);
  }
});
