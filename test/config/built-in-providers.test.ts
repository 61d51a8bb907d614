import { describe, expect, test } from "bun:test";
import { declaredProviders, withBuiltIn } from "../../src/config/built-in-providers.ts";
import { builtInCombos } from "../../src/config/built-in-combos.ts";
import type { ConfigData } from "../../src/config/data.ts";
import { validate } from "../../src/config/validate.ts";
import { PROVIDERS } from "../../src/providers/index.ts";

const simulated: ConfigData = { providers: { sim: { kind: "simulator" } } };
const faults = (data: ConfigData) => validate(withBuiltIn(data)).map(({ what }) => what);

describe("the gateway's own reader", () => {
  test("is there without being declared, and counts for nobody's provider", () => {
    const data = withBuiltIn(simulated);
    expect(Object.keys(data.providers)).toEqual(["sim", "local"]);
    expect(declaredProviders(data)).toBe(1);
    expect(faults({ ...simulated, combos: { read: { webFetch: ["local/reader"] } } })).toEqual([]);
    expect(faults({ providers: {} })).toEqual(["there is no provider"]);
  });

  test("is not there where it is switched off", () => {
    const off = { ...simulated, localReader: false, combos: { read: { webFetch: ["local/reader"] } } };
    expect(Object.keys(withBuiltIn(off).providers)).toEqual(["sim"]);
    expect(faults(off)).toHaveLength(1);
  });

  test("gives way to what the operator calls by its name, and takes settings there", () => {
    const named: ConfigData = { providers: { local: { kind: "ollama", models: { chat: ["m"] } } } };
    expect(withBuiltIn(named)).toEqual(named);
    const settled = (settings: Record<string, unknown>): ConfigData => ({
      providers: { ...simulated.providers, local: { kind: "local", settings } },
    });
    expect(faults(settled({ ports: [80, 443, 8080], privateHosts: ["wiki.example.internal", "10.0.0.7"] }))).toEqual([]);
    for (const wrong of [{ ports: [0] }, { ports: ["80"] }, { privateHosts: ["http://wiki/"] }, { privateHosts: [""] }, { hosts: [] }])
      expect(faults(settled(wrong))).toHaveLength(1);
  });

  test("is among all readers in the combo of everything, and keeps nobody else out", () => {
    const { auto } = builtInCombos(withBuiltIn(simulated), PROVIDERS);
    expect(auto?.webFetch).toEqual(["sim/fetch", "local/reader"]);
    expect(auto?.chat).toEqual(["sim/writer"]);
    const real = builtInCombos(withBuiltIn({ providers: { openai: { kind: "openai" }, firecrawl: { kind: "firecrawl" } } }), PROVIDERS);
    expect(real["auto"]?.webFetch).toEqual(["firecrawl/scrape", "local/reader"]);
    expect(real["auto"]?.chat?.length).toBeGreaterThan(1);
  });
});

test("prices may be said of any kind of work's targets", () => {
  const priced = (target: string) => faults({ ...simulated, prices: { [target]: { input: 0, output: 0, thousandSearches: 5 } } });
  expect(priced("sim/search")).toEqual([]);
  expect(priced("local/reader")).toEqual([]);
  expect(priced("sim/serch")).toHaveLength(1);
});
