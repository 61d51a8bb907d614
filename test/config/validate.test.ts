import { describe, expect, test } from "bun:test";
import type { ConfigData } from "../../src/config/data.ts";
import { builtInCombos } from "../../src/config/built-in-combos.ts";
import { defaultConfig } from "../../src/config/default-config.ts";
import { isLoopback, validate, validateEnvironments } from "../../src/config/validate.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import type { ProviderDefinition } from "../../src/providers/provider.ts";

const GOOD: ConfigData = {
  providers: { o: { kind: "openai" }, l: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1", models: { chat: ["a/b", "c"] } } },
  combos: { s: { chat: ["o/gpt-5.1", "l/a/b"] }, t: { strategy: "weighted", chat: ["combo:s", "l/c", "l/c"] } },
  default: "combo:s",
  aliases: { old: "combo:t", older: "l/a/b" },
  server: { hostname: "127.0.0.1" },
};

const told = (data: Partial<ConfigData>): string[] =>
  validate({ ...GOOD, ...data }).map(({ code, severity, path }) => `${severity === "warning" ? "warning " : ""}${code} ${path.join("/")}`);

test("what holds has no fault, and neither has what is built in", () => {
  expect(told({})).toEqual([]);
  expect(validate(defaultConfig)).toEqual([]);
});

describe("faults", () => {
  test.each<{ claim: string; data: Partial<ConfigData>; faults: string[] }>([
    {
      claim: "no provider at all",
      data: { providers: {}, combos: {}, aliases: {}, default: "o/x" },
      faults: ["OMNI-C025 providers", "OMNI-C020 default"],
    },
    ...(
      [
        [{ type: "pii", detect: [] }, "detect"],
        [{ type: "pii", words: ["x"] }, "words"],
        [{ type: "words" }, ""],
        [{ type: "words", words: [" "] }, ""],
        [{ type: "prompt-injection", action: "redact" }, "action"],
        [{ type: "prompt-injection", on: "both" }, "on"],
        [{ type: "max-tokens" }, ""],
        [{ type: "http", onFailure: "deny" }, ""],
        [{ type: "http", url: "https://g.example.com" }, ""],
        [{ type: "http", url: "https://u:p@g.example.com", onFailure: "deny" }, "url"],
        [{ type: "http", url: "ftp://g.example.com", onFailure: "deny" }, ""],
      ] as const
    ).map(([guardrail, field]) => ({
      claim: `a guardrail ${JSON.stringify(guardrail)}`,
      data: { policies: { guardrails: { g: guardrail } } },
      faults: [`OMNI-C039 policies/guardrails/g${field === "" ? "" : `/${field}`}`],
    })),
    {
      claim: "targets that nobody knows the price of, where a ledger is asked for",
      data: { ledger: {}, prices: { "l/a/b": "unknown-ok" } },
      faults: ["warning OMNI-C038 combos/t/chat/1"],
    },
    { claim: "none of them where none is kept, or only the usual one", data: { ledger: false }, faults: [] },
    {
      claim: "a kind that there is not",
      data: { providers: { ...GOOD.providers, x: { kind: "opnai" } } },
      faults: ["OMNI-C033 providers/x/kind"],
    },
    {
      claim: "a generic provider without address and models",
      data: { providers: { ...GOOD.providers, x: { kind: "openai-compatible" } } },
      faults: ["OMNI-C012 providers/x", "OMNI-C012 providers/x"],
    },
    {
      claim: "an Azure that says neither its resource nor its address",
      data: { providers: { ...GOOD.providers, x: { kind: "azure-openai", models: { chat: ["d"] } } } },
      faults: ["OMNI-C012 providers/x"],
    },
    {
      claim: "a resource that would lead a key to another host",
      data: {
        providers: { ...GOOD.providers, x: { kind: "azure-openai", models: { chat: ["d"] }, settings: { resource: "evil.test/" } } },
      },
      faults: ["OMNI-C011 providers/x/settings/resource"],
    },
    {
      claim: "a provider with a slash in its name",
      data: { providers: { ...GOOD.providers, "x/y": { kind: "openai" } } },
      faults: ["OMNI-C014 providers/x/y"],
    },
    { claim: "a combo with an odd name", data: { combos: { ...GOOD.combos, "": { chat: ["l/c"] } } }, faults: ["OMNI-C014 combos/"] },
    {
      claim: "settings of a kind that has none",
      data: { providers: { ...GOOD.providers, x: { kind: "openai", settings: {} } } },
      faults: ["OMNI-C010 providers/x/settings"],
    },
    {
      claim: "a query in an address",
      data: { providers: { ...GOOD.providers, x: { kind: "openai", baseUrl: "https://a/v1?key=1" } } },
      faults: ["OMNI-C030 providers/x/baseUrl"],
    },
    {
      claim: "a file for an address",
      data: { providers: { ...GOOD.providers, x: { kind: "openai", baseUrl: "file:///etc" } } },
      faults: ["OMNI-C030 providers/x/baseUrl"],
    },
    {
      claim: "headers that can not be sent, or are not the operator's",
      data: {
        providers: { ...GOOD.providers, x: { kind: "openai", headers: { "a b": "", Host: "x", c: "1\n2", "x-fine": "täglich" } } },
      },
      faults: ["OMNI-C035 providers/x/headers/a b", "OMNI-C035 providers/x/headers/Host", "OMNI-C035 providers/x/headers/c"],
    },
    { claim: "a combo without targets", data: { combos: { ...GOOD.combos, x: {} } }, faults: ["OMNI-C025 combos/x"] },
    {
      claim: "a combo that leads to itself",
      data: { combos: { ...GOOD.combos, x: { chat: ["combo:x"] } } },
      faults: ["OMNI-C024 combos/x/chat/0"],
    },
    {
      claim: "two circles, each told once",
      data: {
        combos: {
          ...GOOD.combos,
          a: { chat: ["combo:b", { to: "combo:c" }] },
          b: { chat: ["combo:a"] },
          c: { chat: ["combo:a", "combo:b"] },
        },
      },
      faults: ["OMNI-C024 combos/b/chat/0", "OMNI-C024 combos/c/chat/0"],
    },
    {
      claim: "a combo that leads to one without that list",
      data: { combos: { ...GOOD.combos, x: {}, y: { chat: ["combo:x"] } } },
      faults: ["OMNI-C025 combos/x", "OMNI-C028 combos/y/chat/0"],
    },
    {
      claim: "names that all objects inherit",
      data: { combos: { ...GOOD.combos, x: { chat: ["combo:toString", "constructor/a"] } } },
      faults: ["OMNI-C022 combos/x/chat/0", "OMNI-C020 combos/x/chat/1"],
    },
    {
      claim: "a second target where there is none is only warned of",
      data: { combos: { s: { hedge: {}, chat: ["l/c"] }, t: { hedge: {}, chat: ["combo:s"] } } },
      faults: ["warning OMNI-C041 combos/s/hedge"],
    },
    {
      claim: "a weight in a fallback list is only warned of",
      data: { combos: { s: { chat: [{ to: "l/c", weight: 2 }] }, t: { chat: ["l/c"] } } },
      faults: ["warning OMNI-C027 combos/s/chat/0/weight"],
    },
    { claim: "an alias with the name of a combo", data: { aliases: { s: "l/c" } }, faults: ["OMNI-C034 aliases/s"] },
    { claim: "an alias with the name of a target", data: { aliases: { "l/c": "combo:s" } }, faults: ["OMNI-C034 aliases/l/c"] },
    { claim: "an alias beside the default", data: { aliases: { default: "combo:s" } }, faults: ["OMNI-C034 aliases/default"] },
    { claim: "an alias for an alias", data: { aliases: { a: "l/c", b: "a" } }, faults: ["OMNI-C023 aliases/b"] },
  ])("$claim", ({ data, faults }) => expect(told(data)).toEqual(faults));

  test("a model of another kind of work is told as such, with those that would do", () => {
    const definition = {
      ...(PROVIDERS.find(({ name }) => name === "openai") as ProviderDefinition),
      name: "double",
      models: { chat: ["talks"], embedding: ["embeds"] },
    } as unknown as ProviderDefinition;
    const [only] = validate({ providers: { d: { kind: "double" } }, combos: { s: { chat: ["d/embeds"] } } }, [definition]);
    expect(only).toMatchObject({
      code: "OMNI-C021",
      path: ["combos", "s", "chat", "0"],
      what: '"d/embeds" does embedding, and this list takes chat models',
      fix: "of d: talks",
    });
  });

  test("environments are looked at whether they are picked or not", () => {
    const environments = { a: { providers: { oo: {} }, combos: { ss: {} } }, b: { combos: { toString: {} } } };
    expect(validateEnvironments({ ...GOOD, environments }).map(({ path }) => path.join("/"))).toEqual([
      "environments/a/providers/oo",
      "environments/a/combos/ss",
      "environments/b/combos/toString",
    ]);
  });
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.255.0.9", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["127.0.0.1.example.com", false],
  ["127.0.0.999", false],
  ["", false],
] as const)("%p is reached from this machine alone: %p", (hostname, expected) => expect(isLoopback(hostname)).toBe(expected));

describe("what is built in", () => {
  const names = (providers: ConfigData["providers"]) => builtInCombos({ providers }, PROVIDERS);

  test("has all models that are really called", () => {
    const combos = names({ s: { kind: "simulator" }, l: GOOD.providers["l"]! });
    expect(combos).toEqual({
      auto: { strategy: "auto", attempts: 4, chat: ["l/a/b", "l/c"] },
      "cost-optimized": { strategy: "lowest-cost", attempts: 4, chat: ["l/a/b", "l/c"] },
    });
  });

  test("asks first who costs the same however much is asked, and then the cheapest", () => {
    const flat = { ...GOOD.providers["l"]!, billing: "flat" as const };
    const metered = { ...GOOD.providers["l"]! };
    expect(names({ flat, metered })["subscription"]).toEqual({
      strategy: "fallback",
      attempts: 4,
      chat: ["flat/a/b", "flat/c", "combo:cost-optimized"],
    });
    expect(names({ flat })["subscription"]?.chat).toEqual(["flat/a/b", "flat/c"]);
    expect(names({ metered })["subscription"]).toBeUndefined();
    const own = { providers: { metered, flat }, combos: { "cost-optimized": { chat: ["metered/c"] } } };
    expect(builtInCombos(own, PROVIDERS)["subscription"]?.chat).toEqual(["flat/a/b", "flat/c", "metered/a/b", "metered/c"]);
  });

  test("has what is there to try things out only if there is nothing else, and of it what works", () => {
    expect(names({ s: { kind: "simulator" } })["auto"]?.chat).toHaveLength(1);
    expect(names({})).toEqual({});
  });

  test("may be referred to like a combo that is declared", () => {
    expect(told({ default: "combo:auto", aliases: { cheap: "combo:cost-optimized" } })).toEqual([]);
  });
});
