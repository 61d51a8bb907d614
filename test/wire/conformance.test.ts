import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../src/ir/failure.ts";
import { WIRES } from "../../src/wire/index.ts";
import type { StreamReader, Upstream } from "../../src/wire/wire.ts";
import { exchangesOf, isStream, type RecordedExchange, type RecordedResponse, recordings, responseBytes } from "../support/recordings.ts";

/** The recordings' name for what a wire carries. */
const APIS: Readonly<Record<string, string>> = { "openai-chat": "chat", "anthropic-messages": "messages", "openai-responses": "responses" };

/** Streams that providers did not end well, by the part of the case's id that tells them apart. */
const ODD: readonly { readonly id: RegExp; readonly failure: FailureKind; readonly why: string }[] = [
  {
    id: /groq--?.*|groq\/chat\/.*test-tool-use-failed-error-streaming/,
    failure: "upstream_rejected",
    why: "Groq says `event: error` and stops",
  },
  {
    id: /test-openrouter-stream-error/,
    failure: "upstream_rejected",
    why: "OpenRouter puts an error beside choices after two finish reasons",
  },
  {
    id: /llm--test-tools-streaming-test-tools-streaming-variant-b/,
    failure: "upstream_truncated",
    why: "no finish reason at all before `[DONE]`",
  },
];

interface Case {
  readonly name: string;
  readonly id: string;
  readonly upstream: Upstream;
  readonly response: RecordedResponse;
  readonly bytes: Uint8Array;
}

function casesOf(wire: (typeof WIRES)[number]): Case[] {
  const api = APIS[wire.name];
  if (api === undefined) throw new Error(`Say which recordings ${wire.name} is to be held to.`);
  const upstream = wire.upstream({});
  return recordings({ api }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange: RecordedExchange, index) => {
      if (exchange.api !== api) return [];
      return [{ name: `${row.id} #${index}`, id: row.id, upstream, response: exchange.response, bytes: responseBytes(exchange.response) }];
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

const EXHAUSTIVE_BYTES_MAX = 3000;
const SAMPLES = 60;

function cutsOf(length: number): number[] {
  return length <= EXHAUSTIVE_BYTES_MAX ? Array.from({ length }, (_, cut) => cut) : [...places(SAMPLES, length)];
}

describe.each(WIRES.map((wire) => [wire.name, wire] as const))("%s", (_, wire) => {
  const cases = casesOf(wire);
  const streams = cases.filter(({ response }) => response.status === 200 && isStream(response));
  const wholes = cases.filter(({ response }) => response.status === 200 && !isStream(response));
  const refusals = cases.filter(({ response }) => response.status !== 200);
  const good = streams.filter(({ id }) => !ODD.some((odd) => odd.id.test(id)));

  test("has recordings of every sort", () => {
    expect(Math.min(streams.length, wholes.length, refusals.length, good.length)).toBeGreaterThan(5);
  });

  test.each(good)("passes $name byte for byte", ({ upstream, bytes }) => {
    const outcome = pass(upstream.openStream(), [bytes]);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.committed).toBeTrue();
    expect(outcome.bytes.toString()).toBe(withoutTail(bytes).toString());
  });
});
