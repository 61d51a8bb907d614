import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../src/ir/failure.ts";
import { WIRES } from "../../src/wire/index.ts";
import type { StreamReader, Upstream } from "../../src/wire/wire.ts";
import { exchangesOf, isStream, type RecordedExchange, type RecordedResponse, recordings, responseBytes } from "../support/recordings.ts";

/** What is particular about a wire's recordings. */
interface Ways {
  /** The recordings' names for what the wire carries; the first one is that of the folder. */
  readonly apis: readonly string[];
  /** What a stream cannot have succeeded without. Written within a string its quotes would be escaped, so a model can not write it. */
  readonly ending: RegExp;
  /** What stands between two events. Default: a blank line. */
  readonly separator?: "\n";
  /** Whether so few exchanges were recorded that some sorts are missing. */
  readonly fewRecorded?: true;
  /** Whether a whole answer is a stream of one event as well. */
  readonly wholeIsStream?: true;
}

const WAYS: Readonly<Record<string, Ways>> = {
  "openai-chat": { apis: ["chat"], ending: /"finish_reason":\s*"/g },
  "anthropic-messages": { apis: ["messages"], ending: /"type":\s*"message_stop"/g },
  "openai-responses": { apis: ["responses"], ending: /"type":\s*"response\.(?:completed|incomplete)"/g },
  "gemini-generate": { apis: ["generateContent", "streamGenerateContent"], ending: /"finishReason":\s*"/g },
  "ollama-chat": { apis: ["api-chat"], ending: /"done":\s*true/g, separator: "\n", fewRecorded: true, wholeIsStream: true },
};

/** Streams that providers did not end well, by the part of the exchange's name that tells them apart. */
const ODD: readonly { readonly wire: string; readonly name: RegExp; readonly failure: FailureKind | undefined; readonly why: string }[] = [
  {
    wire: "openai-chat",
    name: /test-tool-use-failed-error-streaming.* #0/,
    failure: "upstream_rejected",
    why: "Groq says `event: error` and stops",
  },
  {
    wire: "openai-chat",
    name: /test-openrouter-stream-error #0/,
    failure: "upstream_rejected",
    why: "OpenRouter puts an error beside choices after two finish reasons",
  },
  {
    wire: "openai-chat",
    name: /llm--test-tools-streaming-test-tools-streaming-variant-b #0/,
    failure: undefined,
    why: "no finish reason at all, but usage before `[DONE]`",
  },
  {
    wire: "openai-responses",
    name: /vercel-ai--openai-responses-openai-error\.1 #0/,
    failure: "rate_limited",
    why: "OpenAI says `error`, then `response.failed`",
  },
];

/** Refusals that mean something else than their status does, by a part of the exchange's name. */
const ODD_REFUSALS: readonly { readonly name: RegExp; readonly failure: FailureKind; readonly why: string }[] = [
  { name: /test-model-not-found/, failure: "upstream_model_unknown", why: "OpenAI's Responses answer 400 where its chat answers 404" },
  {
    name: /with-gemini-.*appropriate-auth-error|test-authentication-error-stream-google/,
    failure: "upstream_auth",
    why: "Google answers 400 to a wrong key",
  },
  { name: /google-429-retry-info/, failure: "rate_limited", why: "recorded with a 400 around a 429" },
  { name: /with-xai-.*appropriate-auth-error/, failure: "upstream_auth", why: "xAI answers 400 to a wrong key" },
  { name: /openai-responses-openai-error\.1 #1/, failure: "rate_limited", why: "a quota that is used up, told with a 400" },
];

interface Case {
  readonly name: string;
  readonly upstream: Upstream;
  readonly response: RecordedResponse;
  readonly bytes: Uint8Array;
}

function waysOf({ name }: { readonly name: string }): Ways {
  const ways = WAYS[name];
  if (ways === undefined) throw new Error(`Say which recordings ${name} is to be held to.`);
  return ways;
}

function casesOf(wire: (typeof WIRES)[number]): Case[] {
  const { apis } = waysOf(wire);
  const upstream = wire.upstream({});
  return recordings({ api: apis[0]! }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange: RecordedExchange, index) => {
      if (!apis.includes(exchange.api)) return [];
      return [{ name: `${row.id} #${index}`, upstream, response: exchange.response, bytes: responseBytes(exchange.response) }];
    }),
  );
}

interface Outcome {
  readonly bytes: Buffer;
  readonly committed: boolean;
  readonly failure: FailureKind | undefined;
  readonly usage: unknown;
}

function pass(reader: StreamReader, pieces: readonly Uint8Array[]): Outcome {
  const out: Uint8Array[] = [];
  for (const piece of pieces) out.push(reader.push(piece));
  out.push(reader.end());
  return { bytes: Buffer.concat(out), committed: reader.committed, failure: reader.failure?.kind, usage: reader.usage };
}

/** What follows `[DONE]` is ignored, and some recordings have an empty line more. */
function withoutTail(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes);
  const done = text.lastIndexOf("data: [DONE]");
  return done === -1 ? text : text.subarray(0, done + "data: [DONE]\n\n".length);
}

/** Numbers that look random and never change. */
function* places(count: number, below: number): Generator<number> {
  let state = 42;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state % below;
  }
}

/** Every place in a small stream, some of a larger one; its first and last places always. */
function cutsOf(length: number): number[] {
  if (length <= 2000) return Array.from({ length }, (_, cut) => cut);
  return [...new Set([0, 1, length - 1, ...places(40, length)])];
}

/** Where the last event with an ending begins: a stream that is cut before can not have succeeded. */
function lastEnding(bytes: Uint8Array, { ending, separator }: Ways): number {
  const text = Buffer.from(bytes).toString("latin1");
  const found = [...text.matchAll(ending)].at(-1)!.index;
  return separator === undefined ? text.lastIndexOf("data:", found) : text.lastIndexOf(separator, found) + 1;
}

function firstEnding(bytes: Uint8Array, { ending }: Ways): number {
  return Buffer.from(bytes).toString("latin1").search(ending);
}

// What no client speaks never passes verbatim; upstream-only.test.ts is about it.
const spoken = WIRES.filter(({ operation, downstream }) => operation === "chat" && downstream !== undefined);

describe.each(spoken.map((wire) => [wire.name, wire] as const))("%s", (_, wire) => {
  const ways = waysOf(wire);
  const odds = ODD.filter((odd) => odd.wire === wire.name);
  const cases = casesOf(wire);
  const streams = cases.filter(({ response }) => response.status === 200 && isStream(response));
  // Google answers with a list to those who ask for a stream and not for events, which the gateway never does.
  const wholes = cases.filter(({ response }) => response.status === 200 && !isStream(response) && !Array.isArray(response.body));
  const refusals = cases.filter(({ response }) => response.status !== 200);
  const good = streams.filter((one) => !odds.some((odd) => odd.name.test(one.name)));

  test("shows a request that works as it is, if it shows one", () => {
    const { sample, readHead, chat } = wire.downstream!;
    if (sample === undefined) return;
    const body = Buffer.from(JSON.stringify(sample));
    const { modelStart, modelEnd } = readHead(body, "", "");
    expect(body.toString("utf8", modelStart, modelEnd)).toBe("default");
    expect(() => chat!.decodeRequest(sample)).not.toThrow();
  });

  test("has recordings of every sort", () => {
    const counts = ways.fewRecorded ? [streams.length, wholes.length] : [streams.length, wholes.length, refusals.length, good.length];
    expect(Math.min(...counts)).toBeGreaterThan(ways.fewRecorded ? 0 : 5);
  });

  test.each(good)("passes $name byte for byte", ({ upstream, bytes }) => {
    const outcome = pass(upstream.openStream(), [bytes]);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.committed).toBeTrue();
    expect(outcome.bytes.toString()).toBe(withoutTail(bytes).toString());
  });

  test("reads usage from nearly every stream and answer", () => {
    const used = (usage: unknown) => usage !== undefined;
    expect(good.filter(({ upstream, bytes }) => used(pass(upstream.openStream(), [bytes]).usage)).length).toBeGreaterThan(
      good.length * 0.6,
    );
    expect(wholes.filter(({ upstream, bytes }) => used(upstream.inspectAnswer("application/json", bytes))).length).toBe(wholes.length);
  });

  test.each(good)("passes $name the same, cut anywhere", ({ upstream, bytes }) => {
    const whole = pass(upstream.openStream(), [bytes]);
    for (const cut of cutsOf(bytes.length)) {
      const outcome = pass(upstream.openStream(), [bytes.subarray(0, cut), bytes.subarray(cut)]);
      if (!outcome.bytes.equals(whole.bytes)) throw new Error(`Other bytes when it is cut at ${cut}.`);
      expect({ ...outcome, bytes: undefined }).toEqual({ ...whole, bytes: undefined });
    }
  });

  test.each(good.filter(({ bytes }) => bytes.length < 30_000))("passes $name the same, byte by byte", ({ upstream, bytes }) => {
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(pass(upstream.openStream(), pieces)).toEqual(pass(upstream.openStream(), [bytes]));
  });

  test.each(good)("calls $name cut off wherever it ends before its ending", ({ upstream, bytes }) => {
    const limit = firstEnding(bytes, ways);
    for (const cut of [...cutsOf(limit), limit]) {
      const outcome = pass(upstream.openStream(), [bytes.subarray(0, cut)]);
      if (outcome.failure !== "upstream_truncated") throw new Error(`${outcome.failure} when it ends at ${cut}.`);
      // Whole events only: what has come out ends as events do.
      expect(outcome.bytes.toString("latin1")).toMatch(ways.separator === undefined ? /^$|(?:\n\n|\r\n\r\n?)$/ : /^$|\n$/);
      expect(bytes.subarray(0, outcome.bytes.length)).toEqual(new Uint8Array(outcome.bytes));
    }
  });

  test.each(good)("takes $name for whole once its last ending is out and the bytes end between events", ({ upstream, bytes }) => {
    const text = Buffer.from(bytes).toString("latin1");
    const end = text.slice(lastEnding(bytes, ways)).search(ways.separator ?? /\r?\n\r?\n/) + lastEnding(bytes, ways);
    const outcome = pass(upstream.openStream(), [bytes.subarray(0, end)]);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.bytes.toString("latin1")).toBe(`${text.slice(0, end)}${ways.separator ?? "\n\n"}`);
  });

  test.each(odds)("tells what is odd: $why", ({ name, failure }) => {
    const odd = streams.filter((one) => name.test(one.name));
    expect(odd.length).toBeGreaterThan(0);
    for (const { upstream, bytes } of odd) {
      for (const cut of cutsOf(bytes.length)) {
        const outcome = pass(upstream.openStream(), [bytes.subarray(0, cut), bytes.subarray(cut)]);
        expect(outcome.failure).toBe(failure);
        expect(outcome.bytes.toString().includes("[DONE]")).toBe(failure === undefined);
        expect(Buffer.from(bytes).toString().startsWith(outcome.bytes.toString())).toBeTrue();
      }
    }
  });

  test.each(wholes)("takes $name", ({ upstream, response, bytes }) => {
    expect(() => upstream.inspectAnswer(response.headers?.["content-type"] ?? null, bytes)).not.toThrow();
    // The same answer where a stream was asked for.
    if (!ways.wholeIsStream)
      expect(pass(upstream.openStream(), [bytes])).toMatchObject({ failure: "upstream_invalid", bytes: Buffer.alloc(0) });
    for (const cut of [0, 1, bytes.length >> 1, bytes.length - 1]) {
      expect(() => upstream.inspectAnswer("application/json", bytes.subarray(0, cut))).toThrow("Cannot use the provider's answer");
    }
  });

  test.each(refusals)("reads the refusal $name", ({ name: one, upstream, response, bytes }) => {
    const failure = upstream.decodeRefusal(response.status, { get: () => null }, bytes, 0);
    const wanted: Record<number, FailureKind[]> = {
      400: ["upstream_rejected", "context_length_exceeded", "reasoning_refused"],
      401: ["upstream_auth"],
      404: ["upstream_model_unknown", "upstream_rejected"],
      429: ["rate_limited"],
    };
    const odd = ODD_REFUSALS.find(({ name }) => name.test(one));
    expect(odd === undefined ? wanted[response.status] : [odd.failure]).toContain(failure.kind);
    // What is wrong with the request is told in the provider's own words.
    expect(failure.body !== undefined).toBe(["upstream_rejected", "context_length_exceeded", "reasoning_refused"].includes(failure.kind));
  });
});
