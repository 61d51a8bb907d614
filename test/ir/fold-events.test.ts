import { describe, expect, test } from "bun:test";
import type { ChatEvent } from "../../src/ir/chat-events.ts";
import { OmniError } from "../../src/ir/failure.ts";
import { foldEvents } from "../../src/ir/fold-events.ts";
import { Losses } from "../../src/ir/loss.ts";

const START: ChatEvent = { type: "start", id: "a", model: "m" };
const at = (part: number, choice = 0) => ({ choice, part });

describe("foldEvents", () => {
  test("puts deltas of parts that are open side by side where they belong", () => {
    const response = foldEvents([
      START,
      { type: "part-start", ...at(0), content: { type: "tool-call", id: "x", name: "f", argumentsJson: "" } },
      { type: "part-start", ...at(1), content: { type: "tool-call", id: "y", name: "g", argumentsJson: "" } },
      { type: "arguments-delta", ...at(1), json: "{" },
      { type: "arguments-delta", ...at(0), json: "[" },
      { type: "arguments-delta", ...at(1), json: "}" },
      { type: "part-end", ...at(1) },
      { type: "part-end", ...at(0) },
      { type: "finish", choice: 0, finish: { reason: "tool-calls" } },
      { type: "end" },
    ]);
    expect(response.choices[0]!.parts).toMatchObject([
      { id: "x", argumentsJson: "[" },
      { id: "y", argumentsJson: "{}" },
    ]);
  });

  test("takes the last word on usage and on what is opaque", () => {
    const usage = { inputTokens: 1, inputTokensCached: 0, outputTokens: 1, reasoningTokens: 0 };
    const response = foldEvents([
      { ...START, usage } as ChatEvent,
      { type: "part-start", ...at(0), content: { type: "reasoning", texts: [] } },
      { type: "opaque", ...at(0), opaque: { issuer: "w", kind: "encrypted", value: "1" } },
      { type: "opaque", ...at(0), opaque: { issuer: "w", kind: "encrypted", value: "2" } },
      { type: "usage", usage: { ...usage, outputTokens: 9 } },
      { type: "finish", choice: 0, finish: { reason: "stop" } },
      { type: "end" },
    ]);
    expect(response.usage?.outputTokens).toBe(9);
    expect(response.choices[0]!.parts).toMatchObject([{ opaque: { value: "2" } }]);
  });

  test("never makes an answer of a stream that has no end", () => {
    expect(() => foldEvents([START, { type: "finish", choice: 0, finish: { reason: "stop" } }])).toThrow(/before its end/);
  });

  test("throws the failure of a stream that failed", () => {
    const error = new OmniError("rate_limited", "later");
    expect(() => foldEvents([START, { type: "failure", error }])).toThrow(error);
  });
});

test("bags of other wires are losses, echoes of the request are not", () => {
  const losses = new Losses();
  losses.addBags({ one: { a: 1 }, two: { b: 2, c: 3 }, "two.echo": { d: 4 } }, "one", "tools[0]");
  expect(losses.list.map(({ path, what }) => [path, what])).toEqual([
    ["tools[0].b", "b"],
    ["tools[0].c", "c"],
  ]);
});
