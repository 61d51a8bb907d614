import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isConfigFile, shapeFaults } from "../../src/config/schema.ts";

const WHEN = {
  ...{ inputTokensMin: 0, inputTokensMax: 9, tools: true, images: false, stream: true },
  ...{ headers: { "x-team": "red" }, hoursUtc: "22:00-06:00" },
};

const WHOLE = {
  providers: {
    openai: {
      kind: "openai",
      apiKey: { $secret: "env", name: "OPENAI_API_KEY" },
      baseUrl: "https://example.com",
      timeout: "60s",
      silenceTimeout: "20s",
      headers: { a: "b", c: { $secret: "exec", name: ["op", "read"] } },
      models: { chat: ["mine"] },
      settings: { anything: 1 },
      concurrency: 4,
      billing: "flat",
      facts: { mine: { contextTokens: 1000, tools: false, images: true, structuredOutput: false } },
    },
    keys: {
      kind: "openai",
      accounts: { one: { apiKey: { $secret: "env", name: "ONE" }, weight: 2 }, two: { apiKey: { $secret: "env", name: "TWO" } } },
    },
  },
  combos: {
    smart: {
      strategy: "weighted",
      timeout: "1m",
      firstByteTimeout: "5s",
      hedge: { after: "2s", share: 0.1 },
      resume: true,
      shadow: { to: "openai/mine", share: 0.1, concurrency: 2 },
      attempts: 3,
      onLoss: "skip-target",
      chat: ["openai/mine", { to: "combo:x", weight: 2.5 }, { to: "openai/mine", when: WHEN }],
    },
  },
  default: "combo:smart",
  aliases: { old: "combo:smart" },
  server: {
    port: 0,
    hostname: "127.0.0.1",
    drain: "60s",
    bodyBytesMax: 1024,
    shed: { lag: "250ms", memoryBytes: 1e9 },
    admin: { token: { $secret: "file", name: "/x" }, port: 1, hostname: "::1" },
  },
  telemetry: { logs: "json", metrics: true },
  policies: {
    keys: {
      alice: {
        secret: { $secret: "env", name: "ALICE_KEY" },
        sha256: "0".repeat(64),
        team: "search",
        organisation: "acme",
        models: ["smart"],
        deny: ["openai/*"],
        operations: ["chat"],
        providers: ["openai"],
        expires: "2027-01-31",
        hours: [{ days: ["mon"], utc: "08:00-18:00" }],
        addresses: ["10.0.0.0/8"],
        tags: { a: "b" },
      },
    },
    requireKeys: true,
    limits: {
      slow: {
        per: "key",
        requests: 60,
        tokens: 1000,
        in: "1m",
        concurrent: 4,
        for: { keys: ["alice"], teams: ["a"], organisations: ["b"] },
        shadow: true,
      },
    },
    webhooks: { ops: { url: "https://ops.example.com", secret: { $secret: "env", name: "H" }, events: ["budget.spent"] } },
    guardrails: {
      pii: { type: "pii", on: "both", action: "redact", detect: ["email"], for: { teams: ["a"] } },
      words: { type: "words", words: ["blue"] },
      turn: { type: "prompt-injection", sensitivity: "low" },
      size: { type: "max-tokens", inputTokens: 1, outputTokens: 1 },
      far: { type: "http", url: "https://g.example.com", secret: { $secret: "env", name: "G" }, timeout: "1s", onFailure: "deny" },
    },
    budgets: { month: { per: "team", usd: 30.5, each: "month", soft: true, for: { keys: ["alice"] } } },
    rtk: {
      enabled: true,
      marked: "compress",
      except: { keys: ["alice"], models: ["openai/*"], providers: ["openai"] },
      filters: [
        {
          id: "acme",
          summary: "Acme's build.",
          commands: ["acme build"],
          scripts: ["npm run acme"],
          signs: ["^acme "],
          runsOthers: false,
          keep: ["^E "],
          keepSpans: [{ from: ["^E "], to: ["^$"], linesMax: 5 }],
          drop: [{ what: "steps", lines: ["^ok "], unlessMost: true }],
          dropSpans: [{ what: "notes", from: ["^note "], to: ["^$"], linesMax: 5 }],
          once: ["^warn "],
          thin: { what: "rows", lines: ["^row "], aboveLines: 40, beside: 2 },
          cap: { lines: 100, head: 20, tail: 20 },
          lineCharsMax: 4096,
          samples: [{ claim: "errors stay", command: "acme build", output: "ok 1\nE 2", survives: ["E 2"], drops: ["ok 1"] }],
        },
      ],
    },
    promptCache: { enabled: true, ttl: "1h" },
    reasoning: { enabled: true, bytesMax: 1_000_000, ttl: "24h", persist: true },
    cache: { enabled: true, per: "team", models: ["openai/*"], bytesMax: 1_000_000, ttl: "10m", persist: false },
    idempotency: { enabled: true, bytesMax: 1_000_000, ttl: "24h", persist: true },
    responses: { keep: "always", bytesMax: 1_000_000, ttl: "720h", persist: true },
  },
  prices: { "openai/mine": "free" },
  ledger: { folder: "/var/lib/omni", onFailure: "deny", keepDays: 30 },
  environments: { prod: { providers: { openai: { timeout: "5s" } }, default: "openai/mine" } },
};

test("a whole configuration has no fault", () => {
  expect(shapeFaults(WHOLE)).toEqual([]);
  expect(isConfigFile(WHOLE)).toBe(true);
});

/** Every way from the root to something inside. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))];
}

/** A copy of the configuration with something else at one place. */
function withAt(path: readonly string[], other: unknown): unknown {
  const [last, ...above] = [...path].reverse();
  if (last === undefined) return other;
  const copy = structuredClone(WHOLE);
  const owner = above.reverse().reduce<unknown>((at, key) => Reflect.get(at as object, key), copy);
  Reflect.set(owner as object, last, other);
  return copy;
}

describe("what is wrong is told where it is", () => {
  const INSIDE = pathsOf(WHOLE).filter((path) => !["settings", "anything"].includes(path.at(-1) ?? ""));

  test.each(INSIDE.map((path) => [path.join("."), path] as const))("a wrong value at %s", (_, path) => {
    const faults = shapeFaults(withAt(path, Number.NaN));
    expect(faults).toHaveLength(1);
    // A reference is right or wrong as a whole.
    const reference = path.findIndex((key) => key === "apiKey" || key === "secret" || key === "token" || key === "c");
    expect(faults[0]?.path).toEqual(reference < 0 ? path : path.slice(0, reference + 1));
  });

  test("and the shape is right exactly when nothing is told", () => {
    const something = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("5s", "env", "fallback", "json", 1, [], {}, ["a"], { to: "x" }, { kind: "openai" }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(WHOLE)), something, (path, other) => {
        const value = withAt(path, other);
        expect(shapeFaults(value).length === 0).toBe(isConfigFile(value));
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  { $secret: "env", name: ["KEY"] },
  { $secret: "env", name: "" },
  { $secret: "exec", name: "op read" },
  { $secret: "exec", name: [] },
  { $secret: "vault", name: "x" },
  { $secret: "env", name: "KEY", default: "sk-live" },
  { name: "KEY" },
])("%j is no secret reference", (apiKey) => {
  const [only, ...more] = shapeFaults({ providers: { a: { kind: "openai", apiKey } } });
  expect(more).toEqual([]);
  expect(only).toMatchObject({ path: ["providers", "a", "apiKey"], what: "an object is not a secret reference" });
});

test("keys that all objects inherit are no keys", () => {
  expect(shapeFaults({ providers: {}, toString: 1 }).map(({ what }) => what)).toEqual(['the configuration knows no "toString"']);
  expect(shapeFaults(JSON.parse('{ "providers": {}, "__proto__": {} }')).map(({ what }) => what)).toEqual([
    'the configuration knows no "__proto__"',
  ]);
});
