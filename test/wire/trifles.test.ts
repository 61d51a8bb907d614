import { describe, expect, test } from "bun:test";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { foreseenLosses } from "../../src/wire/foreseen-losses.ts";
import { WIRES } from "../../src/wire/index.ts";
import { exchangesOf, recordings } from "../support/recordings.ts";

const chats = WIRES.filter(({ operation }) => operation === "chat");
const clients = chats.filter(({ downstream }) => downstream?.chat !== undefined);
const wireOf = (name: string) => chats.find((wire) => wire.name === name)!;

function lostOf(from: string, to: string, request: object): string[] {
  const [downstream, upstream] = [wireOf(from), wireOf(to)];
  const body = Buffer.from(JSON.stringify(request));
  const head = downstream.downstream!.readHead(body, from === "gemini-generate" ? "m:generateContent" : "", "");
  const bridge = bridgeOf(downstream, upstream, upstream.upstream({}))!;
  const crossing = bridge.cross(new ClientRequest(body, head), { model: "m", modelJson: Buffer.from('"m"') }, { requestId: "r", nowS: 0 });
  return [...new Set(crossing.losses.map(({ what }) => what))];
}

const chat = (more: object, messages: object[] = [{ role: "user", content: "x" }]): object => ({ model: "m", messages, ...more });
const responses = (more: object, input: unknown = "x"): object => ({ model: "m", input, ...more });
const messages = (more: object, turns: object[] = [{ role: "user", content: "x" }]): object => ({
  model: "m",
  max_tokens: 99,
  messages: turns,
  ...more,
});
const THOUGHT = { type: "thinking", thinking: "hm", signature: "s" };

describe("what no answer depends on is no loss", () => {
  test.each([
    ["openai-chat", chat({ user: "u", metadata: { a: "b" }, store: true, prompt_cache_key: "k" })],
    ["openai-chat", chat({ usage: { include: true } })],
    ["openai-chat", chat({ service_tier: "auto" })],
    ["openai-responses", responses({ include: ["reasoning.encrypted_content"], truncation: "disabled", reasoning: { summary: "auto" } })],
    [
      "anthropic-messages",
      messages({ metadata: { user_id: "u" }, system: [{ type: "text", text: "y", cache_control: { type: "ephemeral", ttl: "1h" } }] }),
    ],
    ["ollama-chat", { ...chat({ keep_alive: "5m" }), stream: false }],
  ])("%s: %j", (from, request) => {
    for (const { name } of chats) if (name !== from) expect(lostOf(from, name, request)).toEqual([]);
  });

  test("nor what was thought before the last question, which vendors forget themselves", () => {
    const before = [
      { role: "user", content: "a" },
      { role: "assistant", content: [THOUGHT, { type: "text", text: "b" }] },
      { role: "user", content: "c" },
    ];
    for (const { name } of chats)
      if (name !== "anthropic-messages") expect(lostOf("anthropic-messages", name, messages({}, before))).toEqual([]);
  });
});

describe("what changes an answer is a loss", () => {
  test.each([
    ["openai-chat", "anthropic-messages", chat({ seed: 1, n: 2 }), ["n", "seed"]],
    ["openai-chat", "anthropic-messages", chat({ service_tier: "priority" }), ["service_tier"]],
    ["openai-responses", "openai-chat", responses({ truncation: "auto" }), ["truncation"]],
    ["openai-responses", "openai-chat", responses({ include: ["reasoning.encrypted_content", "file_search_call.results"] }), ["include"]],
    [
      "openai-chat",
      "ollama-chat",
      chat({ tool_choice: "required", tools: [{ type: "function", function: { name: "f" } }] }),
      ["tool_choice"],
    ],
  ])("%s to %s: %j", (from, to, request, lost) => {
    expect(lostOf(from, to, request).toSorted()).toEqual(lost);
  });

  test("so is what was thought before calls that are under way", () => {
    const turns = [
      { role: "user", content: "a" },
      { role: "assistant", content: [THOUGHT, { type: "tool_use", id: "t", name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "b" }] },
    ];
    expect(lostOf("anthropic-messages", "openai-responses", messages({}, turns))).toEqual(["reasoning"]);
  });
});

describe.each(clients.map((wire) => [wire.name, wire] as const))("what requests of %s may lose", (_, wire) => {
  const { everything, chat: codec } = wire.downstream!;

  test("is foreseen by a request that says all there is to say", () => {
    const request = codec!.decodeRequest(everything);
    expect(request.tools?.length).toBeGreaterThan(0);
    expect(Object.keys(request.sampling).length).toBeGreaterThan(2);
    const parts = request.messages.flatMap((message) => message.parts.map(({ type }) => type as string));
    expect(parts).toEqual(expect.arrayContaining(["text", "image", "tool-call", "tool-result"]));
  });

  test.each(chats.map((other) => [other.name, other] as const))("at %s", (name, other) => {
    const losses = foreseenLosses(bridgeOf(wire, other, other.upstream({}))!, "m");
    if (name === wire.name) expect(losses).toEqual([]);
    else expect(losses.length).toBeGreaterThan(0);
    for (const { what, why } of losses)
      expect({ what, why }).toEqual({ what: expect.stringMatching(/^[\w.:-]+$/), why: expect.stringMatching(/\.$/) });
  });
});

/** Of the recorded requests of coding agents and of plain chats that have nothing to do with one vendor alone, as few as possible may be marked. */
test("most recorded requests of chat lose nothing on the way to Responses and Messages", () => {
  const counts = { asked: 0, lossy: 0 };
  for (const row of recordings({ api: "chat" })) {
    for (const { request, response } of exchangesOf(row)) {
      if (response.status !== 200 || typeof request.body !== "object" || request.body === null) continue;
      for (const to of ["openai-responses", "anthropic-messages"]) {
        counts.asked++;
        if (lostOf("openai-chat", to, { model: "m", ...request.body }).length > 0) counts.lossy++;
      }
    }
  }
  expect(counts.asked).toBeGreaterThan(400);
  expect(counts.lossy / counts.asked).toBeLessThan(0.3);
});
