import { describe, expect, test } from "bun:test";
import type { ConfigData } from "../../src/config/data.ts";
import { validate } from "../../src/config/validate.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { compile } from "../../src/routing/compile.ts";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { WIRES } from "../../src/wire/index.ts";

const faults = (data: ConfigData) => validate(data).map(({ what }) => what);
const served = (data: ConfigData) =>
  compile(data, { definitions: PROVIDERS, wires: WIRES, bridgeOf }).targets.map(({ service }) => service);
const router = { kind: "openrouter" };

describe("a provider whose list of models is open", () => {
  test.each([
    { where: "a combo", data: { combos: { a: { chat: ["r/some/model"] } } } },
    { where: "a weighted list", data: { combos: { a: { strategy: "weighted", chat: [{ to: "r/some/model", weight: 2 }] } } } },
    { where: "default", data: { default: "r/some/model" } },
    { where: "an alias", data: { aliases: { short: "r/some/model" } } },
    { where: "its own list", data: { providers: { r: { ...router, models: { chat: ["some/model"] } } } } },
  ])("serves what is named in $where", ({ data }) => {
    const config = { providers: { r: router }, ...data } as ConfigData;
    expect(faults(config)).toEqual([]);
    expect(served(config)).toContain("r/some/model");
  });

  test("serves nothing that is not named", () => {
    expect(served({ providers: { r: router } })).not.toContain("r/some/model");
    expect(served({ providers: { r: router, s: router }, default: "s/some/model" })).not.toContain("r/some/model");
  });

  test("does not need a list, and may have facts and prices of what is named", () => {
    const named = { providers: { v: { kind: "vllm", facts: { qwen: { tools: false } } } }, default: "v/qwen" };
    expect(faults(named)).toEqual([]);
    expect(faults({ ...named, prices: { "v/qwen": "free" } })).toEqual([]);
    expect(faults({ providers: { v: { kind: "vllm" } } })).toEqual([]);
  });

  test("has no model without a name", () => {
    expect(faults({ providers: { r: router }, default: "r/" })).toHaveLength(1);
  });
});

test("other providers serve what they are known to have and nothing else", () => {
  expect(faults({ providers: { o: { kind: "openai" } }, default: "o/some-model" })).toEqual([
    '"o/some-model" names no chat model that o is known to have',
  ]);
});
