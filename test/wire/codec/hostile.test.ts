import { describe, expect, test, setDefaultTimeout } from "bun:test";
import fc from "fast-check";
import { OmniError } from "../../../src/ir/failure.ts";
import { parseJson } from "../../../src/ir/json.ts";
import { CHAT_CODECS } from "../../../src/wire/chat-codecs.ts";
import { API_OF, exchangesOf } from "./recordings.ts";

// All recorded traffic at once, on machines that may be busy.
setDefaultTimeout(60_000);

/** What may stand anywhere instead of what should. */
const WRONG: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  "constructor",
  [],
  [[]],
  [null],
  {},
  { type: "x" },
  { type: 1 },
  JSON.parse('{"__proto__":{"type":"text"}}'),
  parseJson("1.0"),
];

/** All places of a value, as paths of keys. */
function* placesOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) yield* placesOf((value as Record<string, unknown>)[key], [...path, key]);
}

/** A copy with another value at one place; undefined removes it. */
function withAt(value: unknown, path: readonly string[], other: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return other;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = withAt(copy[key], rest, other);
  return copy;
}

/** Runs it, and says what it threw that is no OmniError of the kind. */
function escapeOf(run: () => unknown, kinds: readonly string[]): unknown {
  try {
    run();
  } catch (error) {
    if (error instanceof OmniError && kinds.includes(error.kind)) return undefined;
    return error;
  }
  return undefined;
}

/** Of each shape one sample is enough: the largest requests hold most kinds of fields. */
function samples<T>(values: readonly T[], count: number): T[] {
  return [...values]
    .sort((left, right) => JSON.stringify(right).length - JSON.stringify(left).length)
    .filter((value) => JSON.stringify(value).length < 6000)
    .slice(0, count);
}

const UPSTREAM = [
  "upstream_invalid",
  "upstream_rejected",
  "upstream_failed",
  "upstream_auth",
  "rate_limited",
  "upstream_overloaded",
  "upstream_timeout",
  "upstream_model_unknown",
  "upstream_truncated",
];

describe.each(CHAT_CODECS.map((codec) => [codec.wire, codec] as const))("%s", (wire, codec) => {
  const exchanges = exchangesOf(API_OF[wire]!);

  test("a request with anything anywhere is read or refused by the path of a field, and what is read can be written", () => {
    const requests = samples(
      exchanges.flatMap(({ request }) => (typeof request === "object" && request !== null ? [request] : [])),
      6,
    );
    for (const request of requests) {
      for (const path of placesOf(request)) {
        for (const wrong of [...WRONG, undefined]) {
          const body = withAt(request, path, wrong);
          const run = (): void => {
            const decoded = codec.decodeRequest(body);
            for (const other of CHAT_CODECS) other.encodeRequest(decoded);
          };
          expect(escapeOf(run, ["invalid_request"])).toBeUndefined();
        }
      }
    }
  });

  test("an answer with anything anywhere is read or refused, and what is read can be written", () => {
    const bodies = samples(
      exchanges.flatMap(({ body, status }) => (status === 200 && body !== undefined ? [body] : [])),
      6,
    );
    for (const body of bodies) {
      for (const path of placesOf(body)) {
        for (const wrong of [...WRONG, undefined]) {
          const run = (): void => {
            const decoded = codec.decodeResponse(withAt(body, path, wrong));
            for (const other of CHAT_CODECS) other.encodeResponse(decoded);
          };
          expect(escapeOf(run, UPSTREAM)).toBeUndefined();
        }
      }
    }
  });

  test("a stream with anything anywhere never throws, and nothing follows a failure", () => {
    const streams = samples(
      exchanges.flatMap(({ stream }) => (stream ? [stream] : [])),
      4,
    );
    for (const stream of streams) {
      for (const [position, event] of stream.entries()) {
        if (event.data === "[DONE]") continue;
        const json = JSON.parse(event.data);
        for (const path of placesOf(json)) {
          const wrong = WRONG[(position + path.length) % WRONG.length];
          const decoder = codec.decodeStream();
          const encoders = CHAT_CODECS.map((other) => other.encodeStream());
          let failed = false;
          for (const [index, { data, name }] of stream.entries()) {
            const events = decoder.push(index === position ? JSON.stringify(withAt(json, path, wrong)) : data, name);
            if (failed) expect(events).toEqual([]);
            failed ||= events.some(({ type }) => type === "failure");
            for (const encoder of encoders) encoder.push(events);
          }
          for (const encoder of encoders) encoder.push(decoder.end());
        }
      }
    }
  });

  test("arbitrary JSON never throws anything but an OmniError", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(escapeOf(() => codec.decodeRequest(value), ["invalid_request"])).toBeUndefined();
        expect(escapeOf(() => codec.decodeResponse(value), UPSTREAM)).toBeUndefined();
        codec.decodeStream().push(JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });

  test("what is no JSON, or nested a hundred thousand deep, fails as a stream fails", () => {
    const deep = `${'{"type":"content_block_start","index":0,"choices":'}${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    for (const data of ["", "{", "null", "[]", '"x"', "\u0000", deep]) {
      const [event] = codec.decodeStream().push(data);
      if (event !== undefined) expect(event.type).toBe("failure");
    }
  });
});

test("arguments that are nested too deeply to print are refused by name", () => {
  let input: unknown = {};
  for (let depth = 0; depth < 100_000; depth += 1) input = { input };
  const { decodeRequest } = CHAT_CODECS.find(({ wire }) => wire === "anthropic-messages")!;
  const body = { model: "m", messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "b", input }] }] };
  expect(() => decodeRequest(body)).toThrow(/`messages\[0\]\.content\[0\]\.input` is nested too deeply/);
});

test.each([
  ["openai-chat", { model: "m", messages: [{ role: "user", content: [{ type: "text", text: 1 }] }] }, "messages[0].content[0].text"],
  ["openai-chat", { model: "m", messages: [], temperature: "hot" }, "temperature"],
  ["openai-chat", { model: 3, messages: [] }, "model"],
  ["anthropic-messages", { model: "m", messages: [{ role: "user", content: "x" }], tools: [{ name: 1 }] }, "tools[0].name"],
  ["anthropic-messages", { model: "m", messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
  ["openai-responses", { model: "m", input: [{ type: "function_call_output", call_id: "a", output: 5 }] }, "input[0].output"],
  ["openai-responses", { model: "m", input: "x", reasoning: [] }, "reasoning"],
] as const)("%s names the field that is wrong", (wire, body, param) => {
  const { decodeRequest } = CHAT_CODECS.find((codec) => codec.wire === wire)!;
  try {
    decodeRequest(body);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ kind: "invalid_request", param });
  }
});
