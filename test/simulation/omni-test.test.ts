import { describe, expect, test } from "bun:test";
import { defineConfig, provider, secret } from "omni";
import { explain, simulate } from "omni/test";

const config = defineConfig({
  providers: {
    main: provider.openaiCompatible({
      baseUrl: "http://127.0.0.1:1/v1",
      models: { chat: ["big", "small"] },
      facts: { small: { tools: false, contextTokens: 1_000 } },
    }),
    spare: provider.openaiCompatible({ baseUrl: "http://127.0.0.1:2/v1", models: { chat: ["big"] } }),
    keys: provider.openai({ accounts: { a: { apiKey: secret.env("A"), weight: 3 }, b: { apiKey: secret.env("B") } } }),
  },
  combos: {
    smart: { chat: ["main/big", "spare/big"], timeout: "20s" },
    choosy: {
      strategy: "conditional",
      chat: [
        { to: "main/small", when: { inputTokensMax: 500, hoursUtc: "08:00-18:00" } },
        { to: "main/big", when: { images: true } },
        "spare/big",
      ],
    },
    turns: { strategy: "round-robin", chat: ["main/big", "spare/big"] },
    talks: { strategy: "sticky", chat: ["main/big", "spare/big"] },
    tiny: { chat: ["main/small"] },
  },
  environments: { night: { combos: { smart: { chat: ["spare/big"] } } } },
});

describe("explain", () => {
  test.each([
    { claim: "in order", request: { model: "smart" }, targets: ["main/big", "spare/big"] },
    { claim: "without a provider that is out", request: { model: "smart", out: ["main"] }, targets: ["spare/big"] },
    { claim: "without a target that is out", request: { model: "smart", out: ["spare/big"] }, targets: ["main/big"] },
    { claim: "to whom a condition leads", request: { model: "choosy", inputTokens: 400 }, targets: ["main/small", "spare/big"] },
    { claim: "and to whom another does", request: { model: "choosy", inputTokens: 600, images: true }, targets: ["main/big", "spare/big"] },
    { claim: "at night", request: { model: "choosy", time: "23:00" }, targets: ["spare/big"] },
    { claim: "not to a model that takes no tools", request: { model: "choosy", tools: true }, targets: ["spare/big"] },
    { claim: "in turn", request: { model: "turns", turn: 1 }, targets: ["spare/big", "main/big"] },
    { claim: "by the weight of keys", request: { model: "keys/gpt-5.1", chance: 0.8 }, targets: ["keys/gpt-5.1#b", "keys/gpt-5.1#a"] },
  ])("says where a request goes: $claim", ({ request, targets }) => {
    expect(explain(config, request)).toEqual({ targets, reasons: [] });
  });

  test("stays with a session", () => {
    const homes = new Set(["x", "y", "z", "u", "v", "w"].map((session) => explain(config, { model: "talks", session }).targets[0]));
    expect(homes.size).toBe(2);
    expect(explain(config, { model: "talks", session: "x" })).toEqual(explain(config, { model: "talks", session: "x" }));
  });

  test("says why a request goes nowhere", () => {
    expect(explain(config, { model: "tiny", tools: true })).toEqual({ targets: [], reasons: ["main/small takes no tools"] });
    expect(explain(config, { model: "tiny", inputTokens: 9_000 }).reasons[0]).toContain("has room for 1000 tokens, and this is about 9000");
  });

  test("reads one environment", () => {
    expect(explain(config, { model: "smart" }, { environment: "night" }).targets).toEqual(["spare/big"]);
  });

  test("refuses what does not hold", () => {
    expect(() => explain(config, { model: "smrt" })).toThrow("no such name");
    expect(() => explain({ providers: {}, combos: { x: { chat: ["y/z"] } } }, { model: "x" })).toThrow("does not hold");
    expect(() => explain({ provider: {} }, { model: "x" })).toThrow('knows no "provider"');
  });
});

describe("simulate", () => {
  test("sends requests elsewhere during an outage, and back when it is over", async () => {
    const result = await simulate(config, {
      model: "smart",
      requests: 300,
      perSecond: 10,
      outages: [{ at: "main", from: "5s", until: "10s" }],
    });
    const to = (fromMs: number, untilMs: number): Set<string | undefined> =>
      new Set(result.requests.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).map(({ target }) => target));
    expect(to(0, 5_000)).toEqual(new Set(["main/big"]));
    expect(to(5_000, 10_000)).toEqual(new Set(["spare/big"]));
    // After the longest opening of so short an outage, and the way back.
    expect(to(27_000, 30_000)).toEqual(new Set(["main/big"]));
    expect(result.availability).toBe(1);
    expect(result.violations).toEqual([]);
  });

  test("asks a dead provider only now and then", async () => {
    const { attempts, availability } = await simulate(config, { model: "smart", requests: 500, perSecond: 20, outages: [{ at: "main" }] });
    expect(availability).toBe(1);
    // Five to open the circuit, and a probe for each time that it has opened.
    expect(attempts - 500).toBeLessThan(15);
  });

  test("three targets that each fail one time of five serve 99 of a hundred", async () => {
    const three = {
      providers: Object.fromEntries(
        ["a", "b", "c"].map((name) => [name, { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1", models: { chat: ["m"] } }]),
      ),
      combos: { trio: { chat: ["a/m", "b/m", "c/m"] } },
    };
    const { availability } = await simulate(three, {
      model: "trio",
      requests: 2_000,
      perSecond: 50,
      outages: [{ at: "*", type: "error-500", share: 0.2 }],
    });
    expect(availability).toBeGreaterThanOrEqual(0.99);
  }, 60_000);

  test("a total outage is not made worse: little more than one attempt for a request", async () => {
    const { attempts, requests } = await simulate(config, {
      model: "smart",
      requests: 1_000,
      perSecond: 100,
      outages: [{ at: "*", type: "error-500" }],
    });
    expect(attempts / requests.length).toBeLessThanOrEqual(1.2);
    const late = requests.filter(({ atMs }) => atMs > 2_000);
    expect(late.reduce((sum, request) => sum + request.attempts, 0) / late.length).toBeLessThanOrEqual(1);
  });

  test("the same seed gives the same, another one another", async () => {
    const run = (seed: number) => simulate(config, { model: "turns", outages: [{ at: "main", type: "reset", share: 0.5 }], seed });
    const [first, again, other] = await Promise.all([run(1), run(1), run(2)]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

test("what vendors charge at their own address counts in a simulation as well", () => {
  const cheap = defineConfig({
    providers: { o: provider.openai() },
    combos: { cheap: { strategy: "lowest-cost", chat: ["o/gpt-5.1", "o/gpt-5-nano"] } },
  });
  expect(explain(cheap, { model: "cheap" }).targets).toEqual(["o/gpt-5-nano", "o/gpt-5.1"]);
});
