import { describe, expect, test } from "bun:test";
import type { ComboData, ConfigData } from "../../src/config/data.ts";
import type { RouteId } from "../../src/routing/plan.ts";
import { find, kindOf, OPTIONS, order, planOf, routeName, smoke, wireOf } from "./compiled.ts";

describe("a name", () => {
  const combos: ConfigData["combos"] = { smart: { chat: ["a/small"] }, big: { chat: ["b/fast"] } };

  test.each([
    { claim: "provider/model is that target", name: "b/big", is: "b/big" },
    { claim: "a bare model that one provider has is that provider's", name: "fast", is: "b/fast" },
    { claim: "a bare model that several have is the first one's", name: "small", is: "a/small" },
    { claim: "a combo is known by its bare name", name: "smart", is: "smart" },
    { claim: "and by its whole name", name: "combo:smart", is: "smart" },
    { claim: "a combo hides a bare model", name: "big", is: "big" },
    { claim: "but not the model with its provider", name: "a/big", is: "a/big" },
    { claim: "an alias leads to a target", name: "gpt-4", is: "a/big" },
    { claim: "an alias leads to a combo", name: "clever", is: "smart" },
    { claim: "an alias hides a bare model", name: "fast-one", is: "a/small" },
    { claim: "default is what the configuration says", name: "default", is: "smart" },
    { claim: "names differ by case", name: "A/big", is: undefined },
    { claim: "a part of a name is no name", name: "a/bi", is: undefined },
    { claim: "more than a name is no name", name: "a/bigg", is: undefined },
    { claim: "nothing is no name", name: "", is: undefined },
    { claim: "a provider is no name", name: "a", is: undefined },
  ])("$claim: $name", ({ name, is }) => {
    const more = { providers: { a: { kind: "vendor" }, b: { kind: "rival", models: { chat: ["fast-one"] } } } };
    const aliases = { "gpt-4": "a/big", clever: "combo:smart", "fast-one": "a/small" };
    expect(routeName(planOf({ ...more, combos, aliases, default: "combo:smart" }), name)).toBe(is);
  });

  test.each(["x", "a/b/c:free", "combo:none", "größe", "模型", "\u{1f600}/\u{1f600}", 'qu"ote', "tab\there", "x".repeat(3000)])(
    "may have any characters: %p",
    (model) => {
      const plan = planOf({ providers: { own: { kind: "bare", models: { chat: [model] } } } });
      expect([routeName(plan, model), routeName(plan, `own/${model}`)]).toEqual([`own/${model}`, `own/${model}`]);
      expect(JSON.parse(new TextDecoder().decode(plan.targets[0]?.modelJson))).toBe(model);
    },
  );

  test("all names are listed once, and each is found", () => {
    const plan = planOf({ combos, aliases: { other: "combo:big" }, default: "a/big" });
    const { names } = plan.names.chat;
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => routeName(plan, name) === undefined)).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(["a/big", "b/big", "small", "fast", "combo:smart", "smart", "other", "default"]));
  });
});

describe("what a person should know is noted", () => {
  test("that two providers have a model", () => {
    expect(planOf({}).notes).toEqual([expect.stringMatching(/^"big" is had by "a", "b": /)]);
  });

  test("once for all models that the same two have", () => {
    const { notes } = planOf({ providers: { a: { kind: "vendor" }, "a-eu": { kind: "vendor" } } });
    expect(notes).toEqual([expect.stringMatching(/^"big" and 1 more are had by "a", "a-eu": /)]);
  });

  test("that a combo hides a bare model, and how to get that", () => {
    const { notes } = planOf({ combos: { small: { chat: ["b/fast"] } } });
    expect(notes).toContainEqual('"small" is a combo here, so it is not a model: ask for that as "a/small".');
  });

  test("that a vendor's usual key goes to another address", () => {
    const definitions = [kindOf("vendor", ["big"], { keyRequired: true, keyEnv: "VENDOR_KEY" })];
    const notes = (provider: object): readonly string[] =>
      planOf({ providers: { a: { kind: "vendor", ...provider } } }, { definitions }).notes;
    expect(notes({ baseUrl: "https://proxy.example.net/v1" })).toEqual([
      expect.stringContaining("sends $VENDOR_KEY to https://proxy.example.net,"),
    ]);
    expect(notes({ baseUrl: "https://vendor.example.com/v2" })).toEqual([]);
    expect(notes({ baseUrl: "https://proxy.example.net/v1", apiKey: { $secret: "env", name: "PROXY_KEY" } })).toEqual([]);
  });

  test("nothing where nothing is odd", () => {
    expect(planOf({ providers: { a: { kind: "vendor" } }, combos: { smart: { chat: ["a/big"] } }, default: "combo:smart" }).notes).toEqual(
      [],
    );
  });
});

const BUILT_IN = ["auto", "cost-optimized"];
const isDeclared = ({ name }: { readonly name: string }): boolean => !BUILT_IN.includes(name);

describe("what is built in", () => {
  test.each(BUILT_IN)("%s chooses among all models, and tries four at most", (name) => {
    const plan = planOf({});
    const route = plan.routes[find(plan, name) as RouteId]!;
    expect([route.targets.length, route.attemptsMax]).toEqual([plan.targets.length, 4]);
    expect(find(plan, `combo:${name}`)).toBe(route.id);
  });

  test.each([
    { claim: "a combo of the operator's", config: { combos: { auto: { chat: ["b/fast"] } } } },
    { claim: "an alias", config: { aliases: { auto: "b/fast" } } },
    { claim: "a bare model", config: { providers: { b: { kind: "bare", models: { chat: ["auto"] } } } } },
  ])("gives way to $claim", ({ config }) => {
    const plan = planOf(config);
    expect(plan.routes[find(plan, "auto") as RouteId]!.targets.length).toBe(1);
  });

  test("can be referred to", () => {
    expect(routeName(planOf({ default: "combo:auto", combos: { mine: { chat: ["combo:cost-optimized"] } } }), "default")).toBe("auto");
  });
});

describe("accounts", () => {
  const accounts = (weight?: number) => ({
    main: { apiKey: { $secret: "env", name: "A" } as const, ...(weight === undefined ? {} : { weight }) },
    spare: { apiKey: { $secret: "env", name: "B" } as const },
  });
  const withAccounts = (weight?: number) =>
    planOf({ providers: { a: { kind: "vendor", accounts: accounts(weight) } }, combos: { line: { chat: ["a/big", "a/small"] } } });

  test("make a target of each key, behind one name", () => {
    const plan = withAccounts();
    expect(plan.targets.map(({ name }) => name)).toEqual(["a/big#main", "a/big#spare", "a/small#main", "a/small#spare"]);
    expect(order(plan, "a/big")).toEqual(["a/big#main", "a/big#spare"]);
    expect(order(plan, "line", 0.9)).toEqual(["a/big#spare", "a/big#main", "a/small#spare", "a/small#main"]);
    expect(find(plan, "a/big#main")).toBe(-1);
  });

  test("are asked by weight, if they have any", () => {
    const plan = withAccounts(3);
    expect([order(plan, "big", 0.74)[0], order(plan, "big", 0.76)[0]]).toEqual(["a/big#main", "a/big#spare"]);
  });

  test("one alone is no account that one need know of", () => {
    const providers = { a: { kind: "vendor", accounts: { only: accounts().main } } };
    expect(planOf({ providers }).targets.map(({ name }) => name)).toEqual(["a/big", "a/small"]);
  });
});

describe("a route", () => {
  const chat = ["a/big", "a/small", "b/big", "b/fast", "a/small"];

  test("has limits for all attempts, where the operator says nothing", () => {
    const [route] = planOf({ combos: { smart: { chat: ["a/big"] } } })
      .routes.filter(isDeclared)
      .slice(-1);
    expect(route).toMatchObject({ type: "combo", name: "smart", deadlineMs: 600_000, firstByteMs: undefined, attemptsMax: 4 });
  });

  test("has the operator's limits", () => {
    const [route] = planOf({ combos: { smart: { chat, timeout: "1.5m", firstByteTimeout: "500ms", attempts: 2 } } })
      .routes.filter(isDeclared)
      .slice(-1);
    expect(route).toMatchObject({ deadlineMs: 90_000, firstByteMs: 500, attemptsMax: 2 });
  });

  test("asks a second target only where the operator says so, there is one, and the work may be done twice", () => {
    const hedgeOf = (combo: ComboData) => planOf({ combos: { smart: combo } }).routes.find(({ name }) => name === "smart")?.hedge;
    expect(hedgeOf({ chat: ["a/big", "b/big"] })).toBeUndefined();
    expect(hedgeOf({ chat: ["a/big", "b/big"], hedge: {} })).toEqual({ afterMs: undefined, share: 0.05 });
    expect(hedgeOf({ chat: ["a/big", "b/big"], hedge: { after: "1.5s", share: 0.2 } })).toEqual({ afterMs: 1_500, share: 0.2 });
    expect(hedgeOf({ chat: ["a/big"], hedge: {} })).toBeUndefined();
  });

  test("lets another target go on with broken streams only where the operator says so, and there is one", () => {
    const resumes = (combo: ComboData) => planOf({ combos: { smart: combo } }).routes.find(({ name }) => name === "smart")?.resumes;
    expect([
      resumes({ chat: ["a/big", "b/big"] }),
      resumes({ chat: ["a/big", "b/big"], resume: true }),
      resumes({ chat: ["a/big"], resume: true }),
    ]).toEqual([false, true, false]);
  });

  test("leaves it to its providers how long a stream may be silent", () => {
    const base = { kind: "bare", models: { chat: ["m"] } };
    const { providers } = planOf({ providers: { patient: base, quick: { ...base, silenceTimeout: "1.5s" } }, combos: {} });
    expect(providers.map(({ silenceMs }) => silenceMs)).toEqual([60_000, 1_500]);
  });

  test("tries all its targets, however many, each listed once", () => {
    const models = Array.from({ length: 9 }, (_, at) => `m${at}`);
    const providers = { own: { kind: "bare", models: { chat: models } } };
    const all = models.map((model) => `own/${model}`);
    const [route] = planOf({ providers, combos: { smart: { strategy: "weighted", chat: [...all, ...all] } } })
      .routes.filter(isDeclared)
      .slice(-1);
    expect(route).toMatchObject({ attemptsMax: 9, targets: [0, 1, 2, 3, 4, 5, 6, 7, 8] });
  });

  test("keeps its own limits when it is nested", () => {
    const plan = planOf({ combos: { outer: { chat: ["combo:inner"], timeout: "9s" }, inner: { chat: ["a/big"], timeout: "5s" } } });
    expect(plan.routes.filter((route) => route.type === "combo" && isDeclared(route)).map((route) => route.deadlineMs)).toEqual([
      9000, 5000,
    ]);
  });

  test("shares what is nested: many layers of doubled references stay small", () => {
    const layers = Array.from(
      { length: 40 },
      (_, at) => [`c${at}`, { strategy: "weighted" as const, chat: [`combo:c${at + 1}`, `combo:c${at + 1}`] }] as const,
    );
    const plan = planOf({ combos: { ...Object.fromEntries(layers), c40: { chat: ["a/big", "b/fast"] } } });
    expect(plan.choices.target.length).toBe(plan.targets.length + 41 + BUILT_IN.length);
    expect(order(plan, "c0", 0.7)).toEqual(["a/big", "b/fast"]);
  });
});

describe("a target", () => {
  test("is reached at the provider's address, the slash at its end being one too many", () => {
    const plan = planOf({ providers: { own: { kind: "bare", baseUrl: "http://127.0.0.1:8000/v1//", models: { chat: ["m"] } } } });
    expect(plan.targets[0]?.bridges.get("smoke")).toMatchObject({
      url: "http://127.0.0.1:8000/v1/answers/m",
      streamUrl: "http://127.0.0.1:8000/v1/answers/m?stream",
    });
  });

  test("is spoken to in the client's own format where it knows it, else in its first", () => {
    const [mist, fog] = [wireOf("mist"), wireOf("fog")];
    const services = [mist, smoke].map((wire) => ({ operation: "chat" as const, wire, upstream: wire.upstream({}) }));
    const plan = planOf(
      { providers: { a: { kind: "vendor" } } },
      {
        definitions: [kindOf("vendor", ["big"], { services })],
        wires: [smoke, mist, fog],
        bridgeOf: (_, upstream, half) => ({ ...OPTIONS.bridgeOf(upstream, upstream, half)! }),
      },
    );
    expect([...plan.targets[0]!.bridges].map(([wire, { bridge }]) => [wire, bridge.upstream.wire])).toEqual([
      ["smoke", "smoke"],
      ["mist", "mist"],
      ["fog", "mist"],
    ]);
  });

  test("takes the vendor's own variable for its key, if it needs one at all", () => {
    const key = (keyRequired: boolean): unknown => {
      const definitions = [kindOf("vendor", ["big"], { keyRequired, keyEnv: "VENDOR_KEY" })];
      return planOf({ providers: { a: { kind: "vendor" } } }, { definitions }).accounts[0]?.apiKey;
    };
    expect([key(true), key(false)]).toEqual([{ $secret: "env", name: "VENDOR_KEY" }, undefined]);
  });
});

describe("what can not be compiled is refused, though the checks should have found it", () => {
  const refused =
    (config: Partial<ConfigData>): (() => unknown) =>
    () =>
      planOf(config);
  test.each([
    { claim: "a circle", config: { combos: { x: { chat: ["combo:y"] }, y: { chat: ["a/big", "combo:x"] } } }, says: "x → y → x" },
    { claim: "a combo in itself", config: { combos: { x: { chat: ["combo:x"] } } }, says: "x → x" },
    { claim: "an unknown target", config: { combos: { x: { chat: ["a/none"] } } }, says: '"a/none" is no chat target' },
    { claim: "an unknown combo", config: { combos: { x: { chat: ["combo:toString"] } } }, says: '"toString"' },
    { claim: "an empty list", config: { combos: { x: { chat: [] } } }, says: "no chat targets" },
    { claim: "a weight of nothing", config: { combos: { x: { chat: [{ to: "a/big", weight: 0 }] } } }, says: "is 0" },
    { claim: "an unknown kind", config: { providers: { z: { kind: "none" } } }, says: 'no kind "none"' },
    { claim: "no address", config: { providers: { z: { kind: "nowhere" } } }, says: "no base URL" },
    { claim: "no duration", config: { server: { drain: "soon" } }, says: '"soon"' },
    { claim: "a default that leads nowhere", config: { default: "combo:none" }, says: "combo:none" },
    { claim: "an alias of a bare name", config: { aliases: { x: "fast" } }, says: '"fast" is neither' },
    { claim: "an alias that leads nowhere", config: { aliases: { x: "a/none" } }, says: "a/none" },
  ])("$claim", ({ config, says }) => {
    const { baseUrl: _, ...nowhere } = kindOf("nowhere", ["m"]);
    expect(() => planOf(config, { definitions: [...OPTIONS.definitions, nowhere] })).toThrow(says);
    expect(refused({})).not.toThrow();
  });

  test("a target that some clients could not reach", () => {
    expect(() => planOf({}, { wires: [smoke, wireOf("mist")] })).toThrow("nothing leads from mist");
  });

  test("two targets of one name", () => {
    const providers = { "x/y": { kind: "bare", models: { chat: ["z"] } }, x: { kind: "bare", models: { chat: ["y/z"] } } };
    expect(refused({ providers })).toThrow("two targets");
  });
});

describe("the hash", () => {
  const hash = (config: Partial<ConfigData>): string => planOf(config).hash;
  const a = { kind: "vendor" };
  const b = { kind: "rival", headers: { one: "1", two: "2" } };

  test("is 8 hexadecimal digits, equal for equal configurations", () => {
    expect(hash({ providers: { a, b } })).toMatch(/^[0-9a-f]{8}$/);
    expect(hash({ providers: { a, b: { headers: { two: "2", one: "1" }, kind: "rival" } } })).toBe(hash({ providers: { a, b } }));
  });

  test.each([
    { claim: "a value", other: { providers: { a, b: { ...b, timeout: "5s" } } } },
    { claim: "an order of targets", other: { providers: { a, b }, combos: { x: { chat: ["b/fast", "a/big"] } } } },
    { claim: "an order of providers that decides whose a bare name is", other: { providers: { b, a } } },
  ])("differs with $claim", ({ other }) => {
    const config = { providers: { a, b }, ...("combos" in other ? { combos: { x: { chat: ["a/big", "b/fast"] } } } : {}) };
    expect(hash(other)).not.toBe(hash(config));
  });

  test("does not differ with an order of providers that decides nothing", () => {
    const c = { kind: "bare", models: { chat: ["own"] } };
    expect(hash({ providers: { c, a } })).toBe(hash({ providers: { a, c } }));
    const aliases = { big: "b/big" };
    expect(hash({ providers: { b, a }, aliases })).toBe(hash({ providers: { a, b }, aliases }));
  });
});

describe("the server's settings", () => {
  test("have defaults that are safe on anybody's machine", () => {
    expect(planOf({}).server).toEqual({
      port: 20_128,
      hostname: "127.0.0.1",
      drainMs: 600_000,
      bodyBytesMax: 33_554_432,
      shed: undefined,
      adminToken: undefined,
      admin: undefined,
      logs: "json",
      metrics: true,
    });
  });

  test("are the operator's, and its word on logs goes before the terminal's", () => {
    const token = { $secret: "env", name: "TOKEN" } as const;
    const server = { port: 0, hostname: "::1", drain: "25s", bodyBytesMax: 10, shed: { lag: "250ms" }, admin: { token } };
    const plan = planOf({ server, telemetry: { logs: "json" } }, { logs: "pretty" });
    expect(plan.server).toEqual({
      port: 0,
      hostname: "::1",
      drainMs: 25_000,
      bodyBytesMax: 10,
      shed: { lagMs: 250, memoryBytes: undefined },
      adminToken: token,
      admin: undefined,
      logs: "json",
      metrics: true,
    });
    const own = planOf({ server: { admin: { port: 1 } } });
    expect(own.server.admin).toEqual({ port: 1, hostname: "127.0.0.1" });
  });
});
