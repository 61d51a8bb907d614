import { describe, expect, test } from "bun:test";
import type { AssistantPart, UserPart } from "../../src/ir/chat-parts.ts";
import type { ChatRequest, ChatResponse } from "../../src/ir/chat.ts";
import { foldEvents } from "../../src/ir/fold-events.ts";
import { type Bridge, bridgeOf, type Crossing } from "../../src/wire/bridge.ts";
import { CHAT_CODECS } from "../../src/wire/chat-codecs.ts";
import type { ChatCodec } from "../../src/wire/chat-codec.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { WIRES } from "../../src/wire/index.ts";
import { translateChat } from "../../src/wire/translate-chat.ts";
import type { Wire } from "../../src/wire/wire.ts";
import { brokenChatRules } from "./codec/chat-rules.ts";
import { brokenMessagesRules } from "./codec/messages-rules.ts";
import { type SseEvent, splitSse } from "./codec/recordings.ts";
import { brokenResponsesRules } from "./codec/responses-rules.ts";
import { MATRIX, type MatrixExchange } from "./matrix-exchange.ts";

const MODEL = { model: "m-1", modelJson: Buffer.from('"m-1"') };
const CONTEXT = { requestId: "r", nowS: 1_790_000_000 };

const RULES: Readonly<Record<string, (events: readonly SseEvent[]) => string[]>> = {
  "openai-chat": (events) => brokenChatRules(events, false),
  "anthropic-messages": brokenMessagesRules,
  "openai-responses": brokenResponsesRules,
};

const TERMINALS = Object.values(MATRIX).map(({ terminal }) => terminal);
const chatWires = WIRES.filter((wire) => wire.operation === "chat");

function exchangeOf(wire: Wire): MatrixExchange {
  const exchange = MATRIX[wire.name];
  if (exchange === undefined) throw new Error(`Write the exchange of the matrix in the words of ${wire.name}.`);
  return exchange;
}

function codecOf(wire: Wire): ChatCodec {
  return CHAT_CODECS.find((codec) => codec.wire === wire.name)!;
}

/** Both ways where both ends are the same: the bytes untouched, and through the IR. */
const pairs = chatWires
  .filter((wire) => wire.downstream !== undefined)
  .flatMap((down) =>
    chatWires.flatMap((up) => {
      const half = up.upstream({});
      const bridge = bridgeOf(down, up, half);
      if (bridge === undefined) throw new Error(`Nothing leads from ${down.name} to ${up.name}.`);
      const pair = { down, up, bridge, name: `${down.name} → ${up.name}, ${bridge.type}` };
      if (bridge.type === "translate") return [pair];
      const translated = translateChat(down.downstream!, down.downstream!.chat!, half, half.chat!);
      return [pair, { ...pair, bridge: translated, name: `${down.name} → ${up.name}, translate` }];
    }),
  );

function cross(bridge: Bridge, wire: Wire, stream: boolean): Crossing {
  const body = Buffer.from(JSON.stringify({ ...exchangeOf(wire).request, ...(stream && { stream: true }) }));
  return bridge.cross(new ClientRequest(body, bridge.downstream.readHead(body, "", "")), MODEL, CONTEXT);
}

const parsed = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(Buffer.from(bytes).toString());

/** What must arrive whatever the format: all but the reasoning, which only its own vendor takes back. */
function askedIn(request: ChatRequest): object {
  return {
    model: request.model,
    stream: request.stream,
    maxTokens: request.sampling.maxTokens,
    effort: request.reasoning?.effort,
    tools: request.tools?.map((tool) => tool.type === "function" && { name: tool.name, parameters: tool.parameters, strict: tool.strict }),
    toolChoice: request.toolChoice,
    // Formats cut a turn at different places: what one says in one message, another says in three.
    said: request.messages.flatMap(({ role, parts }) =>
      parts
        .filter(({ type }) => type !== "reasoning")
        .map((part) => ({ role: role === "developer" ? "system" : role, ...saidIn(part as AssistantPart | UserPart) })),
    ),
  };
}

function saidIn(part: AssistantPart | UserPart): object {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "image":
      return { image: part.source };
    case "tool-call":
      return { call: part.id, name: part.name, arguments: JSON.parse(part.argumentsJson) };
    case "tool-result":
      return { result: part.id, parts: part.parts.map((each) => each.type === "text" && each.text) };
    default:
      return { other: part.type };
  }
}

function answeredIn({ model, choices, usage }: ChatResponse): object {
  const [choice] = choices;
  return {
    model,
    reason: choice?.finish.reason,
    reasoning: choice?.parts.flatMap((part) => (part.type === "reasoning" ? part.texts.map(({ text }) => text) : [])).join(""),
    said: choice?.parts.filter(({ type }) => type !== "reasoning").map(saidIn),
    usage,
  };
}

const ANSWERED = {
  model: "m-1",
  reason: "tool-calls",
  reasoning: "Oslo is up north.",
  said: [
    { text: "I ask again: “Oslo”." },
    { call: "call_w2", name: "get_weather", arguments: { city: "Oslo" } },
    { call: "call_t2", name: "get_time", arguments: { city: "Oslo" } },
  ],
  usage: { inputTokens: 20, inputTokensCached: 100, outputTokens: 40, reasoningTokens: 20 },
};

function streamed(crossing: Crossing, pieces: readonly Uint8Array[]) {
  const reader = crossing.openStream();
  const out: Uint8Array[] = [];
  for (const piece of pieces) out.push(reader.push(piece));
  out.push(reader.end());
  return { reader, bytes: Buffer.concat(out) };
}

function fold(codec: ChatCodec, text: string): ChatResponse {
  const decoder = codec.decodeStream();
  return foldEvents([...splitSse(text).flatMap(({ data, name }) => decoder.push(data, name)), ...decoder.end()]);
}

describe.each(pairs)("$name", ({ down, up, bridge }) => {
  const { answer, stream, terminal } = exchangeOf(up);
  const streamBytes = Buffer.from(stream);

  test.each([false, true])("asks the same (stream: %p)", (wantsStream) => {
    const crossing = cross(bridge, down, wantsStream);
    const asked = askedIn(codecOf(up).decodeRequest(parsed(crossing.body)));
    const meant = askedIn(codecOf(down).decodeRequest({ ...exchangeOf(down).request, model: "m-1", stream: wantsStream }));
    expect(asked).toEqual(meant);
  });

  test("loses no more than reasoning that only another vendor can read, and says so", () => {
    const { losses } = cross(bridge, down, false);
    if (bridge.type === "verbatim") expect(losses).toEqual([]);
    expect(losses.filter(({ what }) => what !== "reasoning" && what !== "signature")).toEqual([]);
  });

  test("brings the whole answer", () => {
    const crossing = cross(bridge, down, false);
    const encoded = crossing.encodeAnswer("application/json", Buffer.from(JSON.stringify(answer)));
    expect(answeredIn(codecOf(down).decodeResponse(parsed(encoded.body)))).toEqual(ANSWERED);
    expect(encoded.usage).toEqual(ANSWERED.usage);
  });

  test("brings the streamed answer, in keeping with the rules of the client's format", () => {
    const { reader, bytes } = streamed(cross(bridge, down, true), [streamBytes]);
    const text = bytes.toString();
    expect(reader).toMatchObject({ committed: true, failure: undefined });
    expect(reader.usage).toEqual(ANSWERED.usage);
    const { usage, ...answered } = answeredIn(fold(codecOf(down), text)) as typeof ANSWERED;
    // In a chat stream usage is told only to those who ask.
    expect({ ...answered, usage: usage ?? ANSWERED.usage }).toEqual(ANSWERED);
    if (bridge.type === "translate") expect(RULES[down.name]?.(splitSse(text))).toEqual([]);
  });

  test("gives the same bytes wherever the stream is cut", () => {
    const crossing = cross(bridge, down, true);
    const whole = streamed(crossing, [streamBytes]).bytes;
    // Byte by byte is every cut at once.
    expect(streamed(crossing, Array.from(streamBytes, (byte) => Uint8Array.of(byte))).bytes.toString()).toBe(whole.toString());
    for (let cut = 1; cut < streamBytes.length; cut += 31) {
      const { reader, bytes } = streamed(crossing, [streamBytes.subarray(0, cut), streamBytes.subarray(cut)]);
      if (reader.failure !== undefined || !bytes.equals(whole)) throw new Error(`Other bytes when it is cut at ${cut}.`);
    }
  });

  test("never makes up an end for a stream that breaks off, and tells the client in its own format", () => {
    const crossing = cross(bridge, down, true);
    const limit = stream.lastIndexOf(up.name === "openai-chat" ? '"tool_calls"}' : terminal);
    for (let length = 0; length < Buffer.byteLength(stream.slice(0, limit)); length += 37) {
      const { reader, bytes } = streamed(crossing, [streamBytes.subarray(0, length)]);
      expect(reader.failure?.kind).toBe("upstream_truncated");
      const text = bytes.toString() + Buffer.from(reader.encodeFailure(reader.failure!, "r")).toString();
      for (const { data, name } of splitSse(text))
        for (const end of TERMINALS) expect([data, name, /"type":"([\w.]+)"/.exec(data)?.[1]]).not.toContain(end);
      expect(fails(codecOf(down), text)).toBeTrue();
    }
  });

  test("takes the same for the beginning of content", () => {
    const crossing = cross(bridge, down, true);
    const at = (word: string) => Buffer.byteLength(stream.slice(0, stream.indexOf("\n\n", stream.indexOf(word)) + 2));
    const reader = crossing.openStream();
    const start = stream.indexOf("Oslo is ");
    reader.push(streamBytes.subarray(0, Buffer.byteLength(stream.slice(0, stream.lastIndexOf("\n\n", start) + 2))));
    expect(reader.committed).toBeFalse();
    reader.push(streamBytes.subarray(0, 0));
    const other = crossing.openStream();
    other.push(streamBytes.subarray(0, at("Oslo is ")));
    expect(other.committed).toBeTrue();
  });
});

function fails(codec: ChatCodec, text: string): boolean {
  const decoder = codec.decodeStream();
  return splitSse(text).some(({ data, name }) =>
    decoder.push(data, name).some((event) => event.type === "failure" && event.error.kind !== "upstream_truncated"),
  );
}

describe("verbatim and translated mean the same", () => {
  test.each(chatWires.filter((wire) => wire.downstream !== undefined))("$name", (wire) => {
    const [verbatim, translated] = pairs
      .filter(({ down, up }) => down === wire && up === wire)
      .map(({ bridge }) => cross(bridge, wire, true));
    const [one, other] = [verbatim!, translated!].map((crossing) => codecOf(wire).decodeRequest(parsed(crossing.body)));
    expect(askedIn(other!)).toEqual(askedIn(one!));
    const { answer, stream } = exchangeOf(wire);
    const bytes = Buffer.from(JSON.stringify(answer));
    const wholes = [verbatim!, translated!].map((crossing) =>
      codecOf(wire).decodeResponse(parsed(crossing.encodeAnswer(null, bytes).body)),
    );
    expect(answeredIn(wholes[1]!)).toEqual(answeredIn(wholes[0]!));
    const streams = [verbatim!, translated!].map((crossing) =>
      fold(codecOf(wire), streamed(crossing, [Buffer.from(stream)]).bytes.toString()),
    );
    expect({ ...answeredIn(streams[1]!), usage: 0 }).toEqual({ ...answeredIn(streams[0]!), usage: 0 });
  });
});
