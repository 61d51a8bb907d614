import { describe, expect, test } from "bun:test";
import type { ConfigData, PoliciesData } from "../../src/config/data.ts";
import { House, type HouseOptions } from "../../src/gateway/house.ts";
import type { KeyRow } from "../../src/ledger/schema.ts";
import { sha256Hex } from "../../src/policies/key-format.ts";
import { admitBy } from "../../src/policies/policy.ts";
import { planLedger, planPolicies, planPrice } from "../../src/routing/plan-policies.ts";
import { at, exchange, thrown } from "../policies/exchange.ts";

const EPOCH = Date.UTC(2025, 0, 1);
const configOf = (policies: PoliciesData): ConfigData => ({ providers: { openai: { kind: "openai" } }, policies });

async function houseOf(policies: PoliciesData, options: Partial<HouseOptions> = {}): Promise<House> {
  return House.open(planPolicies(configOf(policies)), [], {
    readSecret: async ({ name }) => `secret of ${name}`,
    stored: [],
    epochMs: EPOCH,
    ...options,
  });
}

const bearer = (key: string) => new Headers({ authorization: `Bearer ${key}` });
const asks = (house: House, key: string) => house.door.authenticate(bearer(key), "192.0.2.7", 0, EPOCH).keyName;
const stored = (name: string, secret: string): KeyRow => ({
  id: `id-of-${name}`,
  name,
  sha256: sha256Hex(secret),
  sha256Previous: null,
  previousUntilEpochMs: null,
  team: null,
  organisation: null,
  rights: "{}",
  createdEpochMs: 0,
  revokedEpochMs: null,
});

describe("a house", () => {
  test("opens to declared keys, by secret and by digest, and to stored ones until they are gone", async () => {
    const house = await houseOf(
      {
        keys: {
          alice: { secret: { $secret: "env", name: "ALICE" } },
          bob: { sha256: sha256Hex("bob's"), team: "search", expires: "2025-02-01" },
        },
      },
      { stored: [stored("carol", "carol's")] },
    );
    expect([asks(house, "secret of ALICE"), asks(house, "bob's"), asks(house, "carol's")]).toEqual(["alice", "bob", "carol"]);
    house.useKeys([]);
    expect(thrown(() => asks(house, "carol's"))).toMatchObject({ kind: "invalid_api_key" });
    expect(asks(house, "bob's")).toBe("bob");
  });

  test("asks for no key where the operator says so in the environment, whatever the configuration says", async () => {
    const house = await houseOf({ keys: { alice: { sha256: sha256Hex("a") } }, requireKeys: true }, { requireKeys: false });
    expect(house.door.authenticate(new Headers(), "", 0, EPOCH).keyName).toBe("anonymous");
  });

  test("has nothing to say where nothing is declared", async () => {
    expect(Object.values((await houseOf({})).policies).flat()).toEqual([]);
  });

  test("counts no request against a rate that a budget or the number under way has refused", async () => {
    const house = await houseOf({
      limits: { slow: { per: "key", requests: 2, in: "1m" }, few: { per: "key", concurrent: 1 } },
      budgets: { all: { per: "all", usd: 1e-6, each: "month" } },
    });
    const holds = admitBy(house.policies, exchange(), at(0));
    for (let count = 0; count < 5; count++)
      expect(thrown(() => admitBy(house.policies, exchange(), at(0)))).toMatchObject({ kind: "rate_limited" });
    for (const hold of holds) hold.settle({ usage: undefined, costNanoUsd: 1_000, failure: undefined }, at(0));
    expect(thrown(() => admitBy(house.policies, exchange(), at(0)))).toMatchObject({ kind: "budget_exceeded" });
    const seen = exchange({ estimate: { tokens: 1, costNanoUsdMax: 0 } });
    admitBy(house.policies, seen, at(0));
    expect(seen.answerHeaders["x-ratelimit-remaining-requests"]).toBe("0");
  });

  test("goes on counting when the plan changes, and remembers what was spent before the process began", async () => {
    const policies: PoliciesData = {
      limits: { slow: { per: "key", requests: 1, in: "1m" } },
      budgets: { all: { per: "all", usd: 2e-6, each: "month" } },
    };
    const first = await houseOf(policies, { spentBefore: [{ rule: "all", subject: "", nanoUsd: 500 }] });
    admitBy(first.policies, exchange(), at(0));
    const second = await houseOf(policies, { previous: first, spentBefore: [{ rule: "all", subject: "", nanoUsd: 500 }] });
    expect(thrown(() => admitBy(second.policies, exchange({ estimate: { tokens: 1, costNanoUsdMax: 400 } }), at(0)))).toMatchObject({
      kind: "rate_limited",
    });
    expect(second.budgets.standing("all", "", EPOCH)).toEqual({ spentNanoUsd: 500, reservedNanoUsd: 1_000 });
  });
});

describe("planning", () => {
  test("makes a rule of each thing that a limit limits", () => {
    const { rates, concurrency } = planPolicies(
      configOf({ limits: { a: { per: "team", requests: 1, tokens: 2, in: "1h", concurrent: 3, shadow: true, for: { teams: ["x"] } } } }),
    );
    expect([...rates, ...concurrency]).toEqual([
      { name: "a", per: "team", counts: "requests", limit: 1, windowMs: 3_600_000, shadow: true, for: { teams: ["x"] } },
      { name: "a", per: "team", counts: "tokens", limit: 2, windowMs: 3_600_000, shadow: true, for: { teams: ["x"] } },
      { name: "a", per: "team", limit: 3, shadow: true, for: { teams: ["x"] } },
    ]);
  });

  test.each([
    { claim: "the vendor's list price", provider: { kind: "openai" }, prices: {}, output: 10_000_000 },
    {
      claim: "what the operator says instead",
      provider: { kind: "openai" },
      prices: { "p/gpt-5.1": { input: 1, output: 2 } },
      output: 2_000_000,
    },
    {
      claim: "what the operator says of the longest beginning",
      provider: { kind: "openai" },
      prices: { "p/*": "free", "p/gpt*": { input: 1, output: 3 } },
      output: 3_000_000,
    },
    { claim: "nothing, where it is free", provider: { kind: "openai" }, prices: { "p/*": "free" }, output: 0 },
    {
      claim: "unknown, at another address than the vendor's",
      provider: { kind: "openai", baseUrl: "https://proxy.example.com/v1" },
      prices: {},
      output: undefined,
    },
    {
      claim: "unknown, where the operator says that it does not matter",
      provider: { kind: "openai" },
      prices: { "p/gpt-5.1": "unknown-ok" },
      output: undefined,
    },
    { claim: "unknown, where nobody knows", provider: { kind: "openai-compatible" }, prices: {}, output: undefined },
  ] as const)("a target costs $claim", ({ provider, prices, output }) => {
    expect(planPrice({ providers: { p: provider }, prices }, "p", "gpt-5.1", "https://api.openai.com/v1")?.rates.output).toBe(output);
  });

  test("keeps a ledger as it is said, or as is usual", () => {
    expect(planLedger(configOf({}))).toEqual({ isAskedFor: false, folder: undefined, onFailure: "allow", keepDays: 90 });
    expect(planLedger({ ...configOf({}), ledger: {} })).toEqual({ isAskedFor: true, folder: undefined, onFailure: "deny", keepDays: 90 });
    expect(planLedger({ ...configOf({}), ledger: false })).toBeUndefined();
    expect(planLedger({ ...configOf({}), ledger: { folder: "x", onFailure: "allow", keepDays: 1 } })).toEqual({
      isAskedFor: true,
      folder: "x",
      onFailure: "allow",
      keepDays: 1,
    });
  });
});
