import { describe, expect, test } from "bun:test";
import type { ConfigData } from "../../src/config/data.ts";
import { type ExplainedChoice, type Explanation, explain } from "../../src/routing/explain.ts";
import { decide, createTried } from "../../src/routing/decide.ts";
import type { RouteId } from "../../src/routing/plan.ts";
import { find, healthWithout, kindOf, OPTIONS, planOf } from "./compiled.ts";

const config: Partial<ConfigData> = {
  combos: {
    smart: { chat: ["combo:spread", "a/small"], timeout: "90s" },
    spread: {
      strategy: "weighted",
      chat: [
        { to: "a/big", weight: 3 },
        { to: "combo:pair", weight: 1 },
      ],
    },
    pair: { strategy: "weighted", chat: ["b/big", "b/fast"] },
  },
  default: "combo:smart",
  aliases: { clever: "combo:smart", "gpt-4": "a/big" },
};
const plan = planOf(config);
const one = (name: string): Explanation => explain(plan, name)[0]!;

describe("explain", () => {
  test.each([
    { name: "a/big", kind: "target", path: ["a/big"] },
    { name: "small", kind: "model", path: ["small", "a/small"] },
    { name: "combo:smart", kind: "combo", path: ["combo:smart"] },
    { name: "smart", kind: "combo", path: ["smart", "combo:smart"] },
    { name: "clever", kind: "alias", path: ["clever", "combo:smart"] },
    { name: "gpt-4", kind: "alias", path: ["gpt-4", "a/big"] },
    { name: "default", kind: "default", path: ["default", "combo:smart"] },
  ])("says that $name is a $kind, and what it leads to", ({ name, kind, path }) => {
    expect(one(name)).toMatchObject({ kind, path, operation: "chat" });
  });

  test("says nothing of a name that is none", () => {
    expect(explain(plan, "smart ")).toEqual([]);
  });

  test("writes out the tree, each branch with its part of what reaches it", () => {
    expect(one("smart").choice).toEqual({
      name: "combo:smart",
      share: 1,
      strategy: "fallback",
      children: [
        {
          name: "combo:spread",
          share: 1,
          strategy: "weighted",
          children: [
            { name: "a/big", share: 0.75 },
            {
              name: "combo:pair",
              share: 0.25,
              strategy: "weighted",
              children: [
                { name: "b/big", share: 0.5 },
                { name: "b/fast", share: 0.5 },
              ],
            },
          ],
        },
        { name: "a/small", share: 0 },
      ],
    });
  });

  test("gives each target the part that decisions give it", () => {
    const counts = new Map<string, number>();
    for (let at = 0; at < 8000; at++) {
      const target = decide(plan, find(plan, "smart") as RouteId, healthWithout(plan), createTried(), 0, (at + 0.5) / 8000);
      const { name } = plan.targets[target]!;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const { name, share } of one("smart").targets) expect(share).toBeCloseTo((counts.get(name) ?? 0) / 8000, 3);
  });

  test("writes a shared combo out once, so that it ends where doubled references would make a billion lines", () => {
    const layers = Array.from({ length: 30 }, (_, at) => [`c${at}`, { chat: [`combo:c${at + 1}`, `combo:c${at + 1}`] }] as const);
    const deep = planOf({ combos: { ...Object.fromEntries(layers), c30: { strategy: "weighted", chat: ["a/big", "b/fast"] } } });
    const count = (choice: ExplainedChoice): number => 1 + (choice.children ?? []).reduce((sum, child) => sum + count(child), 0);
    const [explanation] = explain(deep, "c0");
    expect(count(explanation!.choice)).toBe(63);
    expect(explanation!.targets.map(({ share }) => share)).toEqual([0.5, 0.5]);
  });

  test("says where a key comes from; of a command no more than its program", () => {
    const definitions = [...OPTIONS.definitions, kindOf("needy", ["m"], { keyRequired: true, keyEnv: "NEEDY_KEY" })];
    const providers: ConfigData["providers"] = {
      usual: { kind: "needy", timeout: "5s" },
      file: { kind: "needy", apiKey: { $secret: "file", name: "/run/key" } },
      exec: { kind: "needy", apiKey: { $secret: "exec", name: ["op", "read", "--token", "s3cret"] } },
      none: { kind: "vendor" },
    };
    const other = planOf({ providers }, { definitions });
    const keys = ["usual/m", "file/m", "exec/m", "none/big"].map((name) => explain(other, name)[0]!.targets[0]!.key);
    expect(keys).toEqual(["$NEEDY_KEY", "file /run/key", "output of op", undefined]);
    expect(explain(other, "usual/m")[0]!.targets[0]).toMatchObject({
      kind: "needy",
      baseUrl: "https://needy.example.com/v1",
      timeoutMs: 5000,
    });
  });

  test("says who else has a model of that name and is not asked", () => {
    expect(one("big").notes).toEqual(["Not asked, though of the same name: b/big.", expect.stringMatching(/^"big" is had by "a", "b"/)]);
    expect(one("a/big").notes).toEqual([]);
  });
});

describe("explain, of what decides whether a target is asked", () => {
  const choosy = planOf({
    providers: {
      a: {
        kind: "vendor",
        concurrency: 4,
        facts: { small: { tools: false, images: false, structuredOutput: false, contextTokens: 1_000 } },
        accounts: {
          one: { apiKey: { $secret: "env", name: "ONE" }, weight: 3 },
          two: { apiKey: { $secret: "file", name: "/two" }, weight: 1 },
        },
      },
    },
    combos: { smart: { strategy: "conditional", chat: [{ to: "a/small", when: { tools: false } }, "a/big"] } },
  });
  const [explained] = explain(choosy, "smart");

  test("names what a model can not serve, and what room there is", () => {
    expect(explained?.targets.map(({ limits }) => limits)).toEqual([
      ...new Array(2).fill(["no tools", "no images", "no schema", "at most 1000 tokens", "at most 4 at a time"]),
      ...new Array(2).fill(["at most 4 at a time"]),
    ]);
  });

  test("writes conditions and accounts out", () => {
    expect(explained?.choice.children).toMatchObject([
      {
        name: "a/small",
        when: { tools: false },
        strategy: "weighted",
        children: [
          { name: "a/small#one", share: 0.75 },
          { name: "a/small#two", share: 0.25 },
        ],
      },
      { name: "a/big", share: 0 },
    ]);
    expect(explained?.targets.map(({ key }) => key)).toEqual(["$ONE", "file /two", "$ONE", "file /two"]);
  });
});
