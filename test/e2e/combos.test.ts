import { describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { type Answering, type Script, Upstream } from "../support/upstream.ts";

const JSON_TYPE = { "content-type": "application/json" };
const answer = (content: string): Script => ({
  headers: JSON_TYPE,
  body: JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  }),
});
const refusal = (status: number, headers: Record<string, string> = {}): Script => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  body: JSON.stringify({ error: { message: "no", type: "t", code: null } }),
});

/** Providers `a`, `b`, … with a model `m` each, and what else the configuration says. */
function start(
  upstreams: readonly Upstream[],
  combos: string,
  more: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<GatewayProcess> {
  const providers = upstreams.map(
    ({ baseUrl }, at) =>
      `${"abc"[at]}: provider.openaiCompatible({ baseUrl: ${JSON.stringify(baseUrl)}, models: { chat: ["m", "n"] }, ${more[at] ?? ""} })`,
  );
  const config = `import { defineConfig, provider, secret } from "omni";
export default defineConfig({ providers: { ${providers.join(", ")} }, combos: { ${combos} } });
`;
  return startGateway(config, { env });
}

interface Got {
  readonly status: number;
  readonly target: string | null;
  readonly attempts: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly retryAfterS: number;
}

async function ask(gateway: GatewayProcess, model: string, more: object = {}, headers: Record<string, string> = {}): Promise<Got> {
  const response = await gateway.post("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }], ...more }, { headers });
  const body = (await response.json()) as { error?: { code?: string; message?: string } };
  return {
    status: response.status,
    target: response.headers.get("x-omni-target"),
    attempts: Number(response.headers.get("x-omni-attempts")),
    code: body.error?.code,
    message: body.error?.message,
    retryAfterS: Number(response.headers.get("retry-after")),
  };
}

const KEYS = {
  env: { KEY_ONE: "sk-one", KEY_TWO: "sk-two" },
  accounts: 'accounts: { one: { apiKey: secret.env("KEY_ONE"), weight: 1000000 }, two: { apiKey: secret.env("KEY_TWO"), weight: 1 } }',
};

describe("accounts", () => {
  const byKey =
    (one: Script, two: Script): Answering =>
    ({ headers }) =>
      headers.get("authorization") === "Bearer sk-one" ? one : two;
  const start1 = (upstream: Upstream): Promise<GatewayProcess> => start([upstream], 'line: { chat: ["a/m"] }', [KEYS.accounts], KEYS.env);

  test.each([
    { claim: "used up", script: refusal(429, { "retry-after": "30" }) },
    { claim: "not accepted", script: refusal(401) },
    { claim: "out of money", script: refusal(402) },
    { claim: "not allowed", script: refusal(403) },
  ])(
    "when a key is $claim the next one is asked, and the first one rests",
    async ({ script }) => {
      using upstream = new Upstream(byKey(script, answer("two")));
      await using gateway = await start1(upstream);
      expect(await ask(gateway, "a/m")).toMatchObject({ status: 200, target: "a/m#two", attempts: 2 });
      for (let at = 0; at < 3; at++) expect(await ask(gateway, "line")).toMatchObject({ status: 200, target: "a/m#two", attempts: 1 });
      expect(upstream.requests.filter(({ headers }) => headers.get("authorization") === "Bearer sk-one").length).toBe(1);
    },
    30_000,
  );

  test("when it is the provider that fails, no other key is tried", async () => {
    using upstream = new Upstream(byKey(refusal(500), answer("two")));
    await using gateway = await start1(upstream);
    expect(await ask(gateway, "a/m")).toMatchObject({ status: 500, attempts: 1 });
  }, 30_000);

  test("when all keys rest, the client is told for how long", async () => {
    using upstream = new Upstream(byKey(refusal(429, { "retry-after": "30" }), refusal(429, { "retry-after": "20" })));
    await using gateway = await start1(upstream);
    await ask(gateway, "a/m");
    const got = await ask(gateway, "a/m");
    expect(got).toMatchObject({ status: 429, code: "rate_limited", attempts: 0 });
    expect(got.retryAfterS).toBeWithin(15, 21);
  }, 30_000);
});

describe("what a request is", () => {
  test("decides by `when` and by what models can do; where nobody is left it is a 400 that says why", async () => {
    using a = new Upstream(answer("a"));
    using b = new Upstream(answer("b"));
    await using gateway = await start(
      [a, b],
      'choosy: { strategy: "conditional", chat: [{ to: "a/m", when: { inputTokensMax: 200, headers: { "x-team": "red" } } }, "b/m"] }, plain: { chat: ["b/n"] }',
      ["", "facts: { n: { tools: false, images: false, contextTokens: 1000 } }"],
    );
    const red = { "x-team": "red" };
    expect((await ask(gateway, "choosy", {}, red)).target).toBe("a/m");
    expect((await ask(gateway, "choosy")).target).toBe("b/m");
    expect((await ask(gateway, "choosy", { user: "x".repeat(2_000) }, red)).target).toBe("b/m");
    const got = await ask(gateway, "plain", { tools: [{ type: "function", function: { name: "f" } }] });
    expect(got).toMatchObject({ status: 400, code: "invalid_request", attempts: 0 });
    expect(got.message).toContain("b/n takes no tools");
    expect((await ask(gateway, "plain", { user: "x".repeat(20_000) })).message).toContain("has room for 1000 tokens");
    expect((await ask(gateway, "plain")).status).toBe(200);
  }, 30_000);

  test("keeps a session where it was, and a conversation as well", async () => {
    using a = new Upstream(answer("a"));
    using b = new Upstream(answer("b"));
    await using gateway = await start([a, b], 'talks: { strategy: "sticky", chat: ["a/m", "b/m"] }');
    const homes = new Map<string, Set<string | null>>();
    for (let at = 0; at < 40; at++) {
      const session = `s${at % 10}`;
      const { target } = await ask(gateway, "talks", {}, { "x-session-id": session });
      homes.set(session, (homes.get(session) ?? new Set()).add(target));
    }
    expect([...homes.values()].map((each) => each.size)).toEqual(new Array(10).fill(1));
    expect(new Set([...homes.values()].flatMap((each) => [...each])).size).toBe(2);
    const turns = [
      { role: "user", content: "what is it?" },
      { role: "assistant", content: "it" },
      { role: "user", content: "really?" },
    ];
    const targets = [1, 3].map(async (count) => (await ask(gateway, "talks", { messages: turns.slice(0, count) })).target);
    expect(new Set(await Promise.all(targets)).size).toBe(1);
  }, 30_000);

  test("goes in turn", async () => {
    using a = new Upstream(answer("a"));
    using b = new Upstream(answer("b"));
    await using gateway = await start([a, b], 'turns: { strategy: "round-robin", chat: ["a/m", "b/m"] }');
    const targets: (string | null)[] = [];
    for (let at = 0; at < 6; at++) targets.push((await ask(gateway, "turns")).target);
    expect(targets).toEqual(["a/m", "b/m", "a/m", "b/m", "a/m", "b/m"]);
  }, 30_000);
});

describe("a provider with room for one", () => {
  test("lets one more wait and refuses the third; who leaves the line makes room in it", async () => {
    using upstream = new Upstream();
    const gate = Promise.withResolvers<void>();
    upstream.answering = { ...answer("a"), before: { until: gate.promise } };
    await using gateway = await start([upstream], 'line: { chat: ["a/m"] }', ["concurrency: 1"]);
    const first = ask(gateway, "line");
    await upstream.request(0);
    const second = ask(gateway, "line");
    // The second stands in line once a third one is told that the line is full.
    let third = await ask(gateway, "line");
    for (let tries = 0; third.status !== 503 && tries < 10; tries++) third = await ask(gateway, "line");
    expect(third).toMatchObject({ status: 503, code: "overloaded", attempts: 0, retryAfterS: 1 });
    gate.resolve();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect((await ask(gateway, "line")).status).toBe(200);
  }, 30_000);

  test("sends requests of a combo elsewhere while it is full", async () => {
    using a = new Upstream();
    using b = new Upstream(answer("b"));
    const gate = Promise.withResolvers<void>();
    a.answering = { ...answer("a"), before: { until: gate.promise } };
    await using gateway = await start([a, b], 'line: { chat: ["a/m", "b/m"] }', ["concurrency: 1"]);
    const first = ask(gateway, "line");
    await a.request(0);
    expect(await ask(gateway, "line")).toMatchObject({ target: "b/m", attempts: 1 });
    gate.resolve();
    expect((await first).target).toBe("a/m");
  }, 30_000);
});

describe("when everything is out", () => {
  test("a combo still asks the one that is least bad, once; a name of one target does not", async () => {
    using a = new Upstream(refusal(500));
    using b = new Upstream(refusal(500));
    await using gateway = await start([a, b], 'line: { chat: ["a/m", "b/m"] }');
    for (let at = 0; at < 10; at++) await ask(gateway, "line");
    const before = a.requests.length + b.requests.length;
    const got = await ask(gateway, "line");
    expect([got.status, a.requests.length + b.requests.length - before]).toEqual([500, 1]);
    expect(await ask(gateway, "a/m")).toMatchObject({ status: 503, code: "circuit_open", attempts: 0 });
    // It is over: the very next request sees it.
    a.answering = answer("a");
    b.answering = answer("b");
    expect((await ask(gateway, "line")).status).toBe(200);
  }, 30_000);
});

describe("a request that is too long for a model", () => {
  test.each([
    { vendor: "OpenAI", error: { message: "This model's maximum context length is 8192 tokens.", code: "context_length_exceeded" } },
    { vendor: "Anthropic", error: { type: "invalid_request_error", message: "prompt is too long: 300000 tokens > 200000 maximum" } },
    {
      vendor: "Google",
      error: {
        code: 400,
        status: "INVALID_ARGUMENT",
        message: "The input token count (9) exceeds the maximum number of tokens allowed (8).",
      },
    },
  ])(
    "goes to the next one, as $vendor words it, and opens no circuit",
    async ({ error }) => {
      using a = new Upstream({ status: 400, headers: JSON_TYPE, body: JSON.stringify({ error }) });
      using b = new Upstream(answer("b"));
      await using gateway = await start([a, b], 'line: { chat: ["a/m", "b/m"] }');
      for (let at = 0; at < 7; at++) expect(await ask(gateway, "line")).toMatchObject({ status: 200, target: "b/m", attempts: 2 });
      b.answering = a.answering;
      const got = await ask(gateway, "line");
      expect(got.status).toBe(400);
      expect(got.message).toBe(error.message);
    },
    30_000,
  );
});

describe("a gateway that is stopped for a while", () => {
  test("takes its own silence for nobody else's", async () => {
    using upstream = new Upstream();
    const gate = Promise.withResolvers<void>();
    upstream.answering = { ...answer("a"), before: { until: gate.promise } };
    await using gateway = await startGateway(`import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: { a: provider.openaiCompatible({ baseUrl: ${JSON.stringify(upstream.baseUrl)}, models: { chat: ["m"] } }) },
  combos: { line: { chat: ["a/m"], firstByteTimeout: "1s" } },
});
`);
    const answers = Array.from({ length: 8 }, () => ask(gateway, "line"));
    await upstream.until(() => upstream.requests.length === 8);
    gateway.process.kill("SIGSTOP");
    gate.resolve();
    await Bun.sleep(5_000);
    gateway.process.kill("SIGCONT");
    for (const got of await Promise.all(answers)) expect(got).toMatchObject({ status: 200, attempts: 1 });
    expect((await ask(gateway, "a/m")).status).toBe(200);
  }, 30_000);
});

test("a refusal speaks of those that the request is for, and of their time", async () => {
  using a = new Upstream(refusal(429, { "retry-after": "30" }));
  using b = new Upstream(answer("b"));
  await using gateway = await start([a, b], 'choosy: { strategy: "conditional", chat: ["a/m", { to: "b/m", when: { images: true } }] }');
  await ask(gateway, "choosy");
  const got = await ask(gateway, "choosy");
  expect(got).toMatchObject({ status: 429, code: "rate_limited", attempts: 0 });
  expect(got.retryAfterS).toBeWithin(25, 31);
  expect(got.message).not.toContain("b/m");
}, 30_000);
