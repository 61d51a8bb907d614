import { describe, expect, test } from "bun:test";
import { KeptAnswers } from "../../src/gateway/kept-answers.ts";
import { BoundedStore } from "../../src/store/bounded-store.ts";
import { openaiResponses } from "../../src/wire/openai-responses/index.ts";
import { simulatedWorld } from "../../src/world/simulated.ts";

const keeping = openaiResponses.downstream!.keeping!;
const maker = { provider: "groq", account: undefined };

function keptIn(bytesMax = 1_000_000): {
  kept: KeptAnswers;
  put(id: string, previous?: string, text?: string): void;
  later(ms: number): Promise<void>;
} {
  const world = simulatedWorld(() => new Promise(() => {}));
  const kept = new KeptAnswers(new BoundedStore({ bytesMax, ttlMs: 1_000 }, world.clock), false);
  return {
    kept,
    put: (id, previous, text = "x") =>
      kept.putTurn("a", id, { previous, maker, isThere: false }, [{ role: "user", content: text }], answerOf(id), keeping),
    later: (ms) => world.clock.advance(ms),
  };
}

const answerOf = (id: string): Uint8Array => Buffer.from(JSON.stringify({ id, output: [{ type: "message", id: `msg_${id}` }] }));

describe("KeptAnswers", () => {
  test("tells a conversation from its beginning", () => {
    const { kept, put } = keptIn();
    put("1", undefined, "One");
    put("2", "1", "Two");
    put("3", "2", "Three");
    expect(kept.turnsUpTo("a", "3", 10_000)?.map(({ input }) => input[0]!["content"])).toEqual(["One", "Two", "Three"]);
    expect(kept.turnsUpTo("b", "3", 10_000)).toBeUndefined();
  });

  test("does not tell one of which a part is gone", () => {
    const { kept, put } = keptIn();
    put("1");
    put("2", "1");
    kept.delete("a", "1", keeping);
    expect(kept.turnsUpTo("a", "2", 10_000)).toBeUndefined();
    expect(kept.find("a", "2")).toBeDefined();
  });

  test("is not led in a circle by a provider that names two answers alike", () => {
    const { kept, put } = keptIn();
    put("1", "2");
    put("2", "1");
    expect(kept.turnsUpTo("a", "2", 10_000)).toBeUndefined();
  });

  test("refuses a conversation that is longer than a request may be", () => {
    const { kept, put } = keptIn();
    put("1", undefined, "x".repeat(600));
    put("2", "1", "x".repeat(600));
    expect(() => kept.turnsUpTo("a", "2", 1_000)).toThrow(expect.objectContaining({ kind: "request_too_large" }));
  });

  test("forgets items with their answer, and all after their time", async () => {
    const { kept, put, later } = keptIn();
    put("1");
    expect(kept.itemOf("a", "msg_1", keeping)).toEqual({ type: "message" });
    expect(kept.itemOf("b", "msg_1", keeping)).toBeUndefined();
    kept.delete("a", "1", keeping);
    expect(kept.itemOf("a", "msg_1", keeping)).toBeUndefined();
    put("2");
    await later(1_001);
    expect(kept.find("a", "2")).toBeUndefined();
  });

  test("of an answer that is too large to keep, it is still remembered who has it", () => {
    const { kept } = keptIn(8_000);
    kept.putTurn("a", "1", { previous: undefined, maker, isThere: true }, [{ content: "x".repeat(5_000) }], answerOf("1"), keeping);
    expect(kept.find("a", "1")).toEqual({ previous: undefined, maker, isThere: true, turn: undefined });
  });
});
