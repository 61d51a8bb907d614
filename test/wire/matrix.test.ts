import { describe, expect, test } from "bun:test";
import { SseReader } from "../../src/bytes/sse.ts";
import type { ChatEvent } from "../../src/ir/chat-events.ts";
import type { AssistantPart, UserPart } from "../../src/ir/chat-parts.ts";
import type { ChatRequest, ChatResponse } from "../../src/ir/chat.ts";
import { foldEvents } from "../../src/ir/fold-events.ts";
import { inputTokensTotal, outputTokensTotal, type Usage } from "../../src/ir/usage.ts";
import { type Bridge, bridgeOf, type Crossing } from "../../src/wire/bridge.ts";
import type { ChatDownstream, ChatUpstream } from "../../src/wire/chat-codec.ts";
import { ClientRequest } from "../../src/wire/client-request.ts";
import { WIRES } from "../../src/wire/index.ts";
import { translateChat } from "../../src/wire/translate-chat.ts";
import type { StreamReader, Wire } from "../../src/wire/wire.ts";
import { brokenChatRules } from "./codec/chat-rules.ts";
import { brokenMessagesRules } from "./codec/messages-rules.ts";
import { type SseEvent, splitSse } from "./codec/recordings.ts";
import { brokenResponsesRules } from "./codec/responses-rules.ts";
import { MATRIX, type MatrixExchange } from "./matrix-exchange.ts";

const MODEL = { model: "m-1", modelJson: Buffer.from('"m-1"') };
const CONTEXT = { requestId: "r", nowS: 1_790_000_000 };

/** What clients hold a stream to, where it is written down. */
const RULES: Readonly<Record<string, (events: readonly SseEvent[]) => string[]>> = {
  "openai-chat": (events) => brokenChatRules(events, false),
  "anthropic-messages": brokenMessagesRules,
  "openai-responses": brokenResponsesRules,
};

/** What some formats have no place for. Everything else has to arrive. */
const LOSABLE: ReadonlySet<string> = new Set(["reasoning", "signature", "strict", "reasoning_effort", "summary", "tool_choice"]);

const chatWires = WIRES.filter((wire) => wire.operation === "chat");
const clientWires = chatWires.filter((wire) => wire.downstream?.chat !== undefined);

function exchangeOf(wire: Wire): MatrixExchange {
  const exchange = MATRIX[wire.name];
  if (exchange === undefined) throw new Error(`Write the exchange of the matrix in the words of ${wire.name}.`);
  return exchange;
}

/** Reads what a provider of a format was asked. */
function requestIn(wire: Wire, request: object): ChatRequest {
  const { read } = exchangeOf(wire);
  return read === undefined ? clientSide(wire).decodeRequest(request) : read(request);
}

/** The stream of a format, event by event. */
function framesOf(wire: Wire): readonly Uint8Array[] {
  const { stream, separator } = exchangeOf(wire);
  if (typeof stream !== "string") return stream;
  if (separator === undefined) throw new Error(`Say what stands between two events of ${wire.name}.`);
  return stream.split(separator).flatMap((event) => (event === "" ? [] : [Buffer.from(event + separator)]));
}

/** The client's side of a format, which reads requests. */
const clientSide = (wire: Wire): ChatDownstream => wire.downstream!.chat!;
/** The provider's side, which reads answers. */
const providerSide = (wire: Wire): ChatUpstream => wire.upstream({}).chat!;

/** Both ways where both ends are the same: the bytes untouched, and through the IR. */
const pairs = clientWires.flatMap((down) =>
  chatWires.flatMap((up) => {
    const half = up.upstream({});
    const bridge = bridgeOf(down, up, half);
    if (bridge === undefined) throw new Error(`Nothing leads from ${down.name} to ${up.name}.`);
    const pair = { down, up, bridge, name: `${down.name} → ${up.name}, ${bridge.type}` };
    if (bridge.type === "translate") return [pair];
    const translated = translateChat(down.downstream!, clientSide(down), half, half.chat!);
    return [pair, { ...pair, bridge: translated, name: `${down.name} → ${up.name}, translate` }];
  }),
);

function requestOf(wire: Wire, stream: boolean): object {
  const { request, streamField } = exchangeOf(wire);
  return { ...request, ...streamField(stream) };
}

function cross(bridge: Bridge, wire: Wire, stream: boolean): Crossing {
  const body = Buffer.from(JSON.stringify(requestOf(wire, stream)));
  const head = bridge.downstream.readHead(body, exchangeOf(wire).rest?.(stream) ?? "", "alt=sse");
  expect(head.stream).toBe(stream);
  return bridge.cross(new ClientRequest(body, head), MODEL, CONTEXT);
}

const parsed = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(Buffer.from(bytes).toString());

/** What must arrive whatever the format: all but the reasoning, which only its own vendor takes back. */
function askedIn({ sampling, tools, toolChoice, messages }: ChatRequest): object {
  return {
    maxTokens: sampling.maxTokens,
    tools: tools?.map((tool) => tool.type === "function" && { name: tool.name, about: tool.description, parameters: tool.parameters }),
    // What happens anyway need not be said.
    toolChoice: toolChoice ?? { type: "auto" },
    // Formats cut a turn at different places: what one says in one message, another says in three.
    said: messages.flatMap(({ role, parts }) =>
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

function answeredIn({ model, choices }: ChatResponse): object {
  const [choice] = choices;
  return {
    model,
    reason: choice?.finish.reason,
    reasoning: choice?.parts.flatMap((part) => (part.type === "reasoning" ? part.texts.map(({ text }) => text) : [])).join(""),
    said: choice?.parts.filter(({ type }) => type !== "reasoning").map(saidIn),
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
};

const totals = (usage: Usage | undefined) => usage && [inputTokensTotal(usage), outputTokensTotal(usage)];

function streamed(crossing: Crossing, pieces: readonly Uint8Array[]): { readonly reader: StreamReader; readonly bytes: Buffer } {
  const reader = crossing.openStream();
  const out: Uint8Array[] = [];
  for (const piece of pieces) out.push(reader.push(piece));
  out.push(reader.end());
  return { reader, bytes: Buffer.concat(out) };
}

/** Reads what a client got as a client of that format would. */
function eventsIn(wire: Wire, bytes: Uint8Array): ChatEvent[] {
  const { decodeStream, openFrames } = providerSide(wire);
  const decoder = decodeStream();
  const frames = openFrames?.() ?? new SseReader();
  const events: ChatEvent[] = [];
  frames.push(bytes);
  while (frames.next()) {
    const { data, dataStart, dataEnd, type } = frames;
    events.push(...decoder.push(Buffer.from(data.subarray(dataStart, dataEnd)).toString(), type || undefined));
  }
  return [...events, ...decoder.end()];
}

describe.each(pairs)("$name", ({ down, up, bridge }) => {
  const { answer, ending, usage } = exchangeOf(up);
  const frames = framesOf(up);
  const streamBytes = Buffer.concat(frames);
  /** Up to the end of the event that has this in it, or before it. */
  const upTo = (word: string, where: "before" | "after"): Uint8Array => {
    const at = frames.findIndex((event) => Buffer.from(event).includes(word));
    return Buffer.concat(frames.slice(0, where === "after" ? at + 1 : at));
  };

  test.each([false, true])("asks the same (stream: %p)", (wantsStream) => {
    const body = parsed(cross(bridge, down, wantsStream).body);
    const meant = clientSide(down).decodeRequest(requestOf(down, wantsStream));
    expect(askedIn(requestIn(up, body))).toEqual(askedIn(meant));
    if ("model" in exchangeOf(up).request) expect(body["model"]).toBe("m-1");
    expect(body).toMatchObject(exchangeOf(up).streamField(wantsStream));
  });

  test("loses no more than some formats have no place for, and says so", () => {
    const { losses } = cross(bridge, down, false);
    if (bridge.type === "verbatim") expect(losses).toEqual([]);
    expect(losses.filter(({ what }) => !LOSABLE.has(what))).toEqual([]);
  });

  test("brings the whole answer", () => {
    const encoded = cross(bridge, down, false).encodeAnswer("application/json", Buffer.from(JSON.stringify(answer)));
    const got = providerSide(down).decodeResponse(parsed(encoded.body));
    expect(answeredIn(got)).toEqual(ANSWERED);
    expect(totals(got.usage)).toEqual([120, 60]);
    expect(encoded.usage).toEqual(usage);
    expect(encoded.losses.filter(({ weight }) => weight === "content")).toEqual([]);
  });

  test("brings the streamed answer, in keeping with the rules of the client's format", () => {
    const { reader, bytes } = streamed(cross(bridge, down, true), [streamBytes]);
    expect(reader).toMatchObject({ committed: true, failure: undefined });
    expect(reader.usage).toEqual(usage);
    const got = foldEvents(eventsIn(down, bytes));
    expect(answeredIn(got)).toEqual(ANSWERED);
    // In a chat stream usage is told only to those who ask.
    expect(totals(got.usage) ?? [120, 60]).toEqual([120, 60]);
    if (bridge.type === "translate") expect(RULES[down.name]?.(splitSse(bytes.toString())) ?? []).toEqual([]);
  });

  test("gives the same bytes wherever the stream is cut", () => {
    const crossing = cross(bridge, down, true);
    const whole = streamed(crossing, [streamBytes]).bytes;
    // Byte by byte is every cut at once.
    expect(
      streamed(
        crossing,
        Array.from(streamBytes, (byte) => Uint8Array.of(byte)),
      ).bytes.toString(),
    ).toBe(whole.toString());
    for (let cut = 1; cut < streamBytes.length; cut += 31) {
      const { reader, bytes } = streamed(crossing, [streamBytes.subarray(0, cut), streamBytes.subarray(cut)]);
      if (reader.failure !== undefined || !bytes.equals(whole)) throw new Error(`Other bytes when it is cut at ${cut}.`);
    }
  });

  test("never makes up an end for a stream that breaks off, and tells the client in its own format", () => {
    const crossing = cross(bridge, down, true);
    const limit = streamBytes.toString("latin1").search(ending);
    for (let length = 0; length < limit; length += 37) {
      const { reader, bytes } = streamed(crossing, [streamBytes.subarray(0, length)]);
      expect(reader.failure?.kind).toBe("upstream_truncated");
      const got = Buffer.concat([bytes, reader.encodeFailure(reader.failure!, "r")]);
      expect(got.toString()).not.toMatch(exchangeOf(down).ending);
      const last = eventsIn(down, got).at(-1);
      // What is told is an error, and not merely that an end is missing.
      expect(last?.type === "failure" && last.error.kind !== "upstream_truncated").toBeTrue();
    }
  });

  test("begins with the first word of content, and not before", () => {
    const crossing = cross(bridge, down, true);
    const committedBy = (bytes: Uint8Array): boolean => {
      const reader = crossing.openStream();
      reader.push(bytes);
      return reader.committed;
    };
    expect(committedBy(upTo("Oslo is ", "before"))).toBeFalse();
    expect(committedBy(upTo("Oslo is ", "after"))).toBeTrue();
  });
});

describe("verbatim and translated mean the same", () => {
  test.each(clientWires)("$name", (wire) => {
    const [verbatim, translated] = pairs
      .filter(({ down, up }) => down === wire && up === wire)
      .map(({ bridge }) => cross(bridge, wire, true));
    const { answer } = exchangeOf(wire);
    const meaningOf = (crossing: Crossing) => ({
      asked: askedIn(clientSide(wire).decodeRequest(parsed(crossing.body))),
      whole: providerSide(wire).decodeResponse(parsed(crossing.encodeAnswer(null, Buffer.from(JSON.stringify(answer))).body)).choices,
      streamed: foldEvents(eventsIn(wire, streamed(crossing, framesOf(wire)).bytes)).choices,
    });
    const [one, other] = [meaningOf(verbatim!), meaningOf(translated!)];
    expect(other.asked).toEqual(one.asked);
    expect(other.whole).toEqual(one.whole);
    expect(other.streamed.map(({ parts }) => parts.map(({ type }) => type))).toEqual(
      one.streamed.map(({ parts }) => parts.map(({ type }) => type)),
    );
  });
});
