import { describe, expect, test } from "bun:test";
import { SseReader } from "../../src/bytes/sse.ts";
import type { ConfigData } from "../../src/config/data.ts";
import { Gateway, type Reply } from "../../src/gateway/gateway.ts";
import type { ChatEvent } from "../../src/ir/chat-events.ts";
import type { AssistantPart } from "../../src/ir/chat-parts.ts";
import type { ChatRequest, Message } from "../../src/ir/chat.ts";
import { foldEvents } from "../../src/ir/fold-events.ts";
import type { JsonObject } from "../../src/ir/json.ts";
import { ANONYMOUS, type Caller } from "../../src/policies/caller.ts";
import { bearer } from "../../src/providers/auth.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { defineProvider, speaks } from "../../src/providers/provider.ts";
import { SimulatorSession } from "../../src/providers/simulator/session.ts";
import { mannerOf } from "../../src/providers/simulator/settings.ts";
import { compile } from "../../src/routing/compile.ts";
import { bridgeOf } from "../../src/wire/bridge.ts";
import type { ChatCodec } from "../../src/wire/chat-codec.ts";
import { CHAT_CODECS } from "../../src/wire/chat-codecs.ts";
import { geminiGenerateCodec } from "../../src/wire/gemini-generate/codec.ts";
import { WIRES } from "../../src/wire/index.ts";
import { ollamaChatCodec } from "../../src/wire/ollama-chat/codec.ts";
import { openaiResponses } from "../../src/wire/openai-responses/index.ts";
import type { NetworkRequest } from "../../src/world/network.ts";
import { type SimulatedWorld, simulatedWorld } from "../../src/world/simulated.ts";

const sealedOnly = defineProvider({
  name: "sealed-only",
  reference: "https://platform.openai.com/docs/api-reference/responses",
  auth: bearer,
  keyRequired: true,
  services: [speaks(openaiResponses)],
  models: {},
});

const UPSTREAMS = {
  anthropic: { kind: "anthropic", wire: "anthropic-messages" },
  responses: { kind: "sealed-only", wire: "openai-responses" },
  gemini: { kind: "gemini", wire: "gemini-generate" },
  deepseek: { kind: "deepseek", wire: "openai-chat" },
  compatible: { kind: "openai-compatible", wire: "openai-chat" },
} as const;
type UpstreamName = keyof typeof UPSTREAMS;

const CLIENTS: readonly ChatCodec[] = [...CHAT_CODECS, geminiGenerateCodec, ollamaChatCodec];

/** What a provider was asked, and how it liked it. */
interface Seen {
  readonly provider: string;
  readonly json: JsonObject;
  readonly text: string;
  readonly status: number;
}

interface Stage {
  readonly gateway: Gateway;
  readonly world: SimulatedWorld;
  readonly seen: Seen[];
}

async function stage(policies: ConfigData["policies"] = {}, accounts?: readonly string[]): Promise<Stage> {
  const seen: Seen[] = [];
  const world: SimulatedWorld = simulatedWorld(async (request: NetworkRequest) => {
    const provider = new URL(request.url).hostname.replace(".test", "");
    const session = new SimulatorSession({ ...world, manner: mannerOf({ pace: "0ms", firstTokenDelay: "0ms" }) });
    const response = await session.send(request);
    const text = Buffer.from(request.body!).toString();
    seen.push({ provider, text, json: JSON.parse(text) as JsonObject, status: response.status });
    return response;
  });
  const secret = (name: string) => ({ $secret: "env", name }) as const;
  const providers = Object.entries(UPSTREAMS).map(([name, { kind }]) => [
    name,
    {
      kind,
      baseUrl: `http://${name}.test/v1`,
      models: { chat: ["reasoner"] },
      ...(accounts === undefined
        ? { apiKey: secret("KEY") }
        : { accounts: Object.fromEntries(accounts.map((account) => [account, { apiKey: secret(account) }])) }),
    },
  ]);
  const config = { providers: Object.fromEntries(providers), policies } as ConfigData;
  const gateway = new Gateway(world);
  await gateway.adopt(compile(config, { definitions: [...PROVIDERS, sealedOnly], wires: WIRES, bridgeOf }), async ({ name }) =>
    String(name),
  );
  return { gateway, world, seen };
}

async function ask(
  { gateway }: Stage,
  client: ChatCodec,
  request: ChatRequest,
  caller: Caller = ANONYMOUS,
): Promise<{ reply: Reply; parts: readonly AssistantPart[] }> {
  const wire = WIRES.find(({ name }) => name === client.wire)!;
  const { json } = client.encodeRequest(request);
  const isGemini = client.wire === "gemini-generate";
  const method = request.stream ? "streamGenerateContent" : "generateContent";
  const reply = await gateway.serve({
    wire,
    provider: undefined,
    rest: isGemini ? `${request.model}:${method}` : "",
    ...(isGemini && request.stream && { query: "alt=sse" }),
    body: Buffer.from(JSON.stringify(isGemini ? json : { ...json, stream: request.stream })),
    headers: new Headers(),
    caller,
    address: () => "",
    signal: new AbortController().signal,
  });
  const text = await new Response(reply.body as Uint8Array<ArrayBuffer>).text();
  if (reply.status !== 200) return { reply, parts: [{ type: "text", text }] };
  const answer = request.stream ? foldEvents(eventsOf(client, text)) : client.decodeResponse(JSON.parse(text));
  return { reply, parts: answer.choices[0]!.parts };
}

function eventsOf(client: ChatCodec, text: string): ChatEvent[] {
  const frames = client.openFrames?.() ?? new SseReader();
  const decoder = client.decodeStream();
  const events: ChatEvent[] = [];
  frames.push(Buffer.from(text));
  while (frames.next())
    events.push(...decoder.push(Buffer.from(frames.data.subarray(frames.dataStart, frames.dataEnd)).toString(), frames.type));
  events.push(...decoder.end());
  return events;
}

/** What a client keeps of a turn whose format has no place for reasoning, or that takes no care of it. */
function forgetful(parts: readonly AssistantPart[]): AssistantPart[] {
  return parts.flatMap((part): AssistantPart[] => {
    if (part.type === "reasoning") return [];
    if (part.type !== "tool-call") return [part];
    const { opaque: _, itemId: __, ...call } = part;
    return [call];
  });
}

const TOOLS = ["read_file", "list_files"].map((name) => ({
  type: "function" as const,
  name,
  parameters: { type: "object", properties: { path: { type: "string" }, depth: { type: "integer" } }, required: ["path", "depth"] },
}));

const user = (text: string): Message => ({ role: "user", parts: [{ type: "text", text }] });

/** Lets a model call tools until it speaks, for one question after the other, in one conversation. */
async function converse(
  on: Stage,
  client: ChatCodec,
  upstream: UpstreamName,
  options: {
    stream: boolean;
    keeps?: (parts: readonly AssistantPart[]) => readonly AssistantPart[];
    caller?: Caller;
    questions?: readonly string[];
  },
): Promise<{ answers: string[]; statuses: number[] }> {
  const { stream, keeps = forgetful, caller, questions = ["What is here?", "And there?"] } = options;
  const messages: Message[] = [];
  const answers: string[] = [];
  const statuses: number[] = [];
  for (const question of questions) {
    messages.push(user(question));
    for (let turn = 0; turn < 5; turn++) {
      const request = { model: `${upstream}/reasoner`, stream, messages: [...messages], tools: TOOLS, sampling: { maxTokens: 4096 } };
      const { reply, parts } = await ask(on, client, request, caller);
      statuses.push(reply.status);
      messages.push({ role: "assistant", parts: keeps(parts) });
      const calls = parts.filter((part) => part.type === "tool-call");
      if (calls.length === 0) {
        answers.push(parts.map((part) => (part.type === "text" ? part.text : "")).join(""));
        break;
      }
      const results = calls.map(({ id }) => ({ type: "tool-result" as const, id, parts: [{ type: "text" as const, text: "done" }] }));
      messages.push({ role: "user", parts: results });
    }
  }
  return { answers, statuses };
}

const PAIRS = CLIENTS.flatMap((client) =>
  (Object.keys(UPSTREAMS) as UpstreamName[]).flatMap((upstream) =>
    [true, false].map((stream) => ({ client, upstream, stream, name: client.wire })),
  ),
);

describe("a loop of tools with a model that wants its reasoning back", () => {
  test.each(PAIRS)("from $name to $upstream, streamed: $stream, though the client drops it", async ({ client, upstream, stream }) => {
    const on = await stage();
    const { answers, statuses } = await converse(on, client, upstream, { stream });
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(answers).toEqual(["I thought 2 times about: What is here?", "I thought 2 times about: And there?"]);
    // Only a provider that is not known to want it is asked once too often, and one that speaks the client's own format verbatim, which keeps nothing back.
    const isVerbatim = client.wire === UPSTREAMS[upstream].wire && upstream !== "deepseek" && upstream !== "compatible";
    const refused = on.seen.filter(({ status }) => status !== 200).length;
    if (isVerbatim) expect(refused).toBeGreaterThanOrEqual(0);
    else expect(refused).toBe(upstream === "compatible" ? 1 : 0);
  });

  test.each(PAIRS)(
    "from $name to $upstream, streamed: $stream, if the client keeps all that it got",
    async ({ client, upstream, stream }) => {
      const on = await stage();
      const { statuses, answers } = await converse(on, client, upstream, { stream, keeps: (parts) => parts });
      expect([statuses, answers.length]).toEqual([[200, 200, 200, 200, 200, 200], 2]);
    },
  );

  test("puts back byte for byte what the provider gave, before the calls that it led to", async () => {
    const on = await stage();
    await converse(on, CHAT_CODECS[0]!, "anthropic", { stream: true, questions: ["What is here?"] });
    const [, second, third] = on.seen.map(
      ({ json }) => json["messages"] as { content: { type: string; thinking?: string; signature?: string }[] }[],
    );
    expect(second![1]!.content.map(({ type }) => type)).toEqual(["thinking", "tool_use", "tool_use"]);
    expect(second![1]!.content[0]).toMatchObject({
      thinking: "Round 0 of “What is here?”: é🙂 what do I need?",
      signature: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(third!.slice(0, 3)).toEqual(second!.slice(0, 3));
  });

  test("gives a turn the same reasoning in every later request, so that prefixes stay the same", async () => {
    const on = await stage();
    await converse(on, CHAT_CODECS[0]!, "responses", { stream: false, questions: ["one", "two", "three"] });
    const inputs = on.seen.map(({ json }) => (json["input"] as JsonObject[]).map((item) => JSON.stringify(item)));
    for (const [at, input] of inputs.entries()) {
      if (at > 0) expect(input.slice(0, inputs[at - 1]!.length)).toEqual(inputs[at - 1]!);
    }
    expect(inputs.at(-1)!.filter((item) => item.includes("encrypted_content"))).toHaveLength(8);
  });
});

describe("reasoning", () => {
  const callerOf = (keyId: string): Caller => ({ ...ANONYMOUS, keyId, keyName: keyId });
  const hasReasoning = ({ text }: Seen): boolean => text.includes("reasoning_content");

  test("never crosses from one tenant to another", async () => {
    const on = await stage();
    const chat = CHAT_CODECS[0]!;
    await converse(on, chat, "deepseek", { stream: false, caller: callerOf("alice"), questions: ["q"] });
    const before = on.seen.length;
    // Bob knows all that Alice's client knows, her ids of calls included.
    const call = (on.seen[1]!.json["messages"] as { tool_calls?: { id: string; function: { name: string; arguments: string } }[] }[])[1]!
      .tool_calls![0]!;
    const messages: Message[] = [
      user("q"),
      { role: "assistant", parts: [{ type: "tool-call", id: call.id, name: call.function.name, argumentsJson: call.function.arguments }] },
      { role: "user", parts: [{ type: "tool-result", id: call.id, parts: [] }] },
    ];
    const { reply } = await ask(
      on,
      chat,
      { model: "deepseek/reasoner", stream: false, messages, tools: TOOLS, sampling: {} },
      callerOf("bob"),
    );
    expect(reply.status).toBe(200);
    expect(on.seen.slice(before).map(({ text }) => text.includes("Round 0"))).toEqual([false, false]);
    expect(on.seen.slice(before).map(({ status }) => status)).toEqual([400, 200]);
    expect(on.seen[1]!.text).toContain("Round 0");
  });

  test("goes back to the account alone that made it; at another the session goes on without it", async () => {
    const on = await stage({}, ["one", "two"]);
    const { statuses } = await converse(on, CHAT_CODECS[0]!, "anthropic", { stream: false });
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(on.seen.map(({ text }) => text).join("\n")).not.toContain("omni-sealed");
    for (const { status, text } of on.seen) if (status === 400) expect(text).not.toContain("Invalid `signature`");
  });

  test("that its provider refuses is taken out, and the session goes on", async () => {
    for (const upstream of ["anthropic", "responses", "gemini"] as const) {
      const on = await stage();
      const client = CLIENTS.find(({ wire }) => wire === UPSTREAMS[upstream].wire)!;
      const spoil = (parts: readonly AssistantPart[]): AssistantPart[] =>
        parts.map((part) =>
          (part.type === "reasoning" || part.type === "tool-call") && part.opaque !== undefined
            ? { ...part, opaque: { ...part.opaque, value: Buffer.from("expired").toString("base64") } }
            : part,
        );
      const { statuses, answers } = await converse(on, client, upstream, { stream: true, keeps: spoil });
      expect([upstream, statuses, answers.length]).toEqual([upstream, [200, 200, 200, 200, 200, 200], 2]);
      expect(on.seen.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
    }
  });

  test("is not remembered where that is switched off", async () => {
    const on = await stage({ reasoning: { enabled: false } });
    await converse(on, CHAT_CODECS[0]!, "anthropic", { stream: false, questions: ["q"] });
    expect(on.seen.filter(({ text }) => text.includes('"type":"thinking"'))).toEqual([]);
  });

  test("is forgotten when its time is over", async () => {
    const on = await stage({ reasoning: { ttl: "1m" } });
    const first = { model: "deepseek/reasoner", stream: false, messages: [user("q")], tools: TOOLS, sampling: {} };
    const { parts } = await ask(on, CHAT_CODECS[0]!, first);
    await on.world.clock.advance(60_000);
    const results = parts.flatMap((part) => (part.type === "tool-call" ? [{ type: "tool-result" as const, id: part.id, parts: [] }] : []));
    const messages: Message[] = [user("q"), { role: "assistant", parts: forgetful(parts) }, { role: "user", parts: results }];
    const { reply } = await ask(on, CHAT_CODECS[0]!, { ...first, messages });
    expect(reply.status).toBe(200);
    expect(on.seen.slice(1).map(({ status, text }) => [status, text.includes("Round 0")])).toEqual([
      [400, false],
      [200, false],
    ]);
  });

  test("changes no byte of a request that has all it needs", async () => {
    const on = await stage();
    await ask(on, CHAT_CODECS[0]!, { model: "compatible/reasoner", stream: false, messages: [user("q")], tools: TOOLS, sampling: {} });
    expect(hasReasoning(on.seen[0]!)).toBe(false);
  });
});
