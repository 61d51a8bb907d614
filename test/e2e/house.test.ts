import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { type Script, Upstream } from "../support/upstream.ts";

const ANSWER: Script = {
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
  }),
};

const configOf = (upstream: Upstream, more: string): string => `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: { up: provider.openaiCompatible({ baseUrl: ${JSON.stringify(upstream.baseUrl)}, models: { chat: ["m", "dear"] } }) },
  prices: { "up/*": { input: 1, output: 2 } },
  ${more}
});
`;

const ask = (gateway: GatewayProcess, key: string | undefined, model = "up/m", more: object = {}): Promise<Response> =>
  gateway.post(
    "/v1/chat/completions",
    { model, messages: [{ role: "user", content: "hi" }], ...more },
    key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } },
  );

const codeOf = async (response: Response): Promise<string> => ((await response.json()) as { error: { code: string } }).error.code;

describe("keys", () => {
  const config = (upstream: Upstream): string =>
    configOf(
      upstream,
      `policies: { keys: {
        alice: { secret: secret.env("ALICE_KEY"), models: ["up/m"] },
        bob: { secret: secret.env("BOB_KEY") },
      } },`,
    );
  const env = { ALICE_KEY: "alice-0123456789abcdef", BOB_KEY: "bob-0123456789abcdef" };

  test("let in who has one, by each header that clients use, and nobody else", async () => {
    using upstream = new Upstream(ANSWER);
    await using gateway = await startGateway(config(upstream), { env });
    for (const headers of [{ authorization: `Bearer ${env.BOB_KEY}` }, { "x-api-key": env.BOB_KEY }, { "x-goog-api-key": env.BOB_KEY }]) {
      expect(
        (await gateway.post("/v1/chat/completions", { model: "up/m", messages: [] }, { headers: headers as Record<string, string> }))
          .status,
      ).toBe(200);
    }
    const before = upstream.requests.length;
    for (const key of [undefined, "wrong", "alice-0123456789abcdeg", ""]) {
      const response = await ask(gateway, key);
      expect([response.status, await codeOf(response)]).toEqual([401, "invalid_api_key"]);
    }
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect(upstream.requests.length).toBe(before);
    expect(gateway.log).not.toContain(env.BOB_KEY);
  }, 20_000);

  test("open only what their rights say, by whatever name it is asked for", async () => {
    using upstream = new Upstream(ANSWER);
    await using gateway = await startGateway(config(upstream), { env });
    expect((await ask(gateway, env.ALICE_KEY, "up/m")).status).toBe(200);
    expect((await ask(gateway, env.ALICE_KEY, "m")).status).toBe(200);
    for (const model of ["up/dear", "dear", "no-such-model"]) expect((await ask(gateway, env.ALICE_KEY, model)).status).toBe(403);
    expect((await ask(gateway, env.BOB_KEY, "up/dear")).status).toBe(200);
  }, 20_000);

  test("are not asked for when REQUIRE_API_KEY is false, though a wrong one is still refused", async () => {
    using upstream = new Upstream(ANSWER);
    await using gateway = await startGateway(config(upstream), { env: { ...env, REQUIRE_API_KEY: "false" } });
    expect((await ask(gateway, undefined)).status).toBe(200);
    expect((await ask(gateway, "omni_live_wrong")).status).toBe(401);
  }, 20_000);

  test("without any, no other machine is listened to", async () => {
    using upstream = new Upstream(ANSWER);
    const started = startGateway(configOf(upstream, ""), { args: ["--hostname", "0.0.0.0"] });
    await expect(started).rejects.toThrow("nobody there would need a key");
  }, 20_000);
});

describe("limits", () => {
  test("refuse what is too much, and say when to come back", async () => {
    using upstream = new Upstream(ANSWER);
    await using gateway = await startGateway(configOf(upstream, `policies: { limits: { all: { per: "all", requests: 3, in: "1m" } } },`));
    const statuses: number[] = [];
    let last: Response | undefined;
    for (let i = 0; i < 4; i++) {
      last = await ask(gateway, undefined);
      statuses.push(last.status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(upstream.requests.length).toBe(3);
  }, 20_000);

  test("are not forgotten by a reload", async () => {
    using upstream = new Upstream(ANSWER);
    const config = configOf(upstream, `policies: { limits: { all: { per: "all", requests: 2, in: "1h" } } },`);
    await using gateway = await startGateway(config);
    await ask(gateway, undefined);
    await Bun.write(gateway.configFile, config.replace('"m", "dear"', '"m", "dear", "new"'));
    expect((await fetch(`${gateway.url}/admin/reload`, { method: "POST" })).status).toBe(200);
    expect((await ask(gateway, undefined, "up/new")).status).toBe(200);
    expect((await ask(gateway, undefined)).status).toBe(429);
  }, 20_000);
});

describe("budgets", () => {
  test("200 requests at once against money for 30 spend no more than that", async () => {
    using upstream = new Upstream(ANSWER);
    // 1000 tokens in at $1 and 500 out at $2 per million: $0.002 each. What is set aside is at least that.
    await using gateway = await startGateway(
      configOf(upstream, `policies: { budgets: { all: { per: "all", usd: 0.06, each: "day" } } }, ledger: {},`),
    );
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(gateway, undefined, "up/m", { max_tokens: 1000 })));
    const served = answers.filter(({ status }) => status === 200).length;
    expect(served).toBeGreaterThan(0);
    expect(served).toBeLessThanOrEqual(30);
    expect(upstream.requests.length).toBe(served);
    for (const { status } of answers.filter((answer) => answer.status !== 200)) expect([402, 429]).toContain(status);
  }, 30_000);
});

describe("soft budgets", () => {
  test("warn on the answer, in the log and by a signed webhook, each share once, and refuse nothing", async () => {
    using upstream = new Upstream(ANSWER);
    using ops = new Upstream({ status: 204 });
    const more = `policies: {
      budgets: { all: { per: "all", usd: 0.004, each: "day", soft: true } },
      webhooks: { ops: { url: ${JSON.stringify(`${ops.baseUrl}/hook`)}, secret: secret.env("HOOK") } },
    },`;
    await using gateway = await startGateway(configOf(upstream, more), { env: { HOOK: "hook-secret" } });
    const warnings: (string | null)[] = [];
    for (let i = 0; i < 4; i++) {
      const response = await ask(gateway, undefined, "up/m", { max_tokens: 500 });
      expect(response.status).toBe(200);
      warnings.push(response.headers.get("x-omni-budget-warning"));
    }
    // $0.002 each: what would go beyond $0.004 with the third one on.
    expect([warnings[0], warnings.at(-1)]).toEqual([null, "all"]);
    while (ops.requests.length < 3) await Bun.sleep(10);
    const told = ops.requests.map(({ body }) => JSON.parse(Buffer.from(body ?? new Uint8Array()).toString()));
    expect(told.map(({ event, data }) => [event, data.budget, data.share])).toEqual([
      ["budget.spent", "all", 0.5],
      ["budget.spent", "all", 0.8],
      ["budget.spent", "all", 1],
    ]);
    expect(gateway.log).toContain('"event":"budget","budget":"all"');
    expect(gateway.log).not.toContain("hook-secret");
  }, 20_000);

  test("can not be told of under a signature that everybody could make", async () => {
    using upstream = new Upstream(ANSWER);
    const more = 'policies: { webhooks: { ops: { url: "https://ops.example.com", secret: secret.env("HOOK") } } },';
    await expect(startGateway(configOf(upstream, more), { env: { HOOK: "" } })).rejects.toThrow(/HOOK|empty/);
  }, 20_000);
});

describe("the ledger", () => {
  const rows = (folder: string): { state: string; costNanoUsd: number | null; failure: string | null }[] => {
    const database = new Database(join(folder, "ledger.sqlite"), { readonly: true });
    try {
      return database.query("select * from attempts").all() as never;
    } finally {
      database.close();
    }
  };

  test("has one row for every attempt that reached a provider, with what it cost", async () => {
    let count = 0;
    using upstream = new Upstream(() => (++count % 3 === 0 ? { status: 500, body: "{}" } : ANSWER));
    await using gateway = await startGateway(configOf(upstream, `ledger: {}, combos: { smart: { chat: ["up/m", "up/dear"] } },`));
    for (let i = 0; i < 12; i++) {
      const response = await ask(gateway, undefined, "smart");
      if (response.status === 200 && response.headers.get("x-omni-attempts") === "1")
        expect(response.headers.get("x-omni-cost-usd")).toBe("0.002");
    }
    gateway.process.kill("SIGTERM");
    await gateway.process.exited;
    const kept = rows(join(dirname(gateway.configFile), ".omni"));
    expect(kept.length).toBe(upstream.requests.length);
    expect(kept.filter(({ state }) => state === "open").length).toBe(0);
  }, 30_000);

  test("is there without being asked for, and tells whoever asks what was used", async () => {
    using upstream = new Upstream(ANSWER);
    await using gateway = await startGateway(configOf(upstream, ""));
    for (let i = 0; i < 3; i++) await ask(gateway, undefined);
    expect(await (await fetch(`${gateway.url}/v1/usage`)).json()).toMatchObject({
      key: "anonymous",
      requests: 3,
      tokens: 4500,
      cost_usd: 0.006,
      models: [{ model: "up/m", requests: 3 }],
    });
    expect(await (await fetch(`${gateway.url}/admin/usage?by=day`)).json()).toMatchObject({ requests: 3, rows: [{ requests: 3 }] });
  }, 20_000);

  test("is not there where nobody wants it", async () => {
    using upstream = new Upstream(ANSWER);
    await using gateway = await startGateway(configOf(upstream, "ledger: false,"));
    expect((await ask(gateway, undefined)).status).toBe(200);
    expect((await fetch(`${gateway.url}/v1/usage`)).status).toBe(404);
    expect(existsSync(join(dirname(gateway.configFile), ".omni"))).toBe(false);
  }, 20_000);

  test("that was not asked for and finds no room keeps nobody from being served; one that was asked for does", async () => {
    using upstream = new Upstream(ANSWER);
    const room = mkdtempSync(join(tmpdir(), "omni-no-room-"));
    try {
      // Where there is a file, nobody can make a folder, whatever he may do otherwise.
      writeFileSync(join(room, ".omni"), "");
      writeFileSync(join(room, "omni.config.ts"), configOf(upstream, ""));
      await using gateway = await startGateway(undefined, { args: ["--config", join(room, "omni.config.ts")] });
      expect((await ask(gateway, undefined)).status).toBe(200);
      expect(gateway.log).toContain("no ledger: what requests cost is not taken down");
      writeFileSync(join(room, "omni.config.ts"), configOf(upstream, "ledger: {},"));
      const asked = startGateway(undefined, { args: ["--config", join(room, "omni.config.ts")] });
      await expect(asked).rejects.toThrow(/EEXIST|ENOTDIR/);
    } finally {
      rmSync(room, { recursive: true, force: true });
    }
  }, 20_000);
});

describe("metrics", () => {
  test("count what came of requests, attempts, tokens and money, and nothing that a client made up", async () => {
    let count = 0;
    using upstream = new Upstream(() => (++count === 2 ? { status: 503, body: "{}" } : ANSWER));
    const more = `combos: { smart: { chat: ["up/m", "up/dear"] } }, policies: { budgets: { all: { per: "all", usd: 1, each: "day" } } },`;
    await using gateway = await startGateway(configOf(upstream, more));
    for (let i = 0; i < 3; i++) await ask(gateway, undefined, "smart");
    await ask(gateway, undefined, "evil-model-of-a-client");
    const response = await fetch(`${gateway.url}/metrics`);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    for (const line of [
      'omni_requests_total{route="smart",outcome="ok"} 3',
      'omni_attempts_total{target="up/m",outcome="ok"} 2',
      'omni_attempts_total{target="up/m",outcome="upstream_overloaded"} 1',
      'omni_attempts_total{target="up/dear",outcome="ok"} 1',
      'omni_tokens_total{target="up/m",type="input"} 2000',
      'omni_tokens_total{target="up/dear",type="output"} 500',
      'omni_cost_usd_total{route="smart"} 0.006',
      'omni_refusals_total{reason="invalid_model"} 1',
      'gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat"} 3',
      'omni_budget_spent_usd{budget="all",subject=""} 0.006',
      "omni_exchanges_pending 0",
      "omni_ledger_up 1",
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain("evil");
    // Every line is what Prometheus reads: a comment, or a name, maybe labels, and a number.
    for (const line of text.trim().split("\n"))
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) .+|[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)+\})? -?[\d.e+-]+)$/);
  }, 20_000);

  test("are for administrators, and are not there for nobody else; switched off they say nothing of exchanges", async () => {
    using upstream = new Upstream(ANSWER);
    const more = `telemetry: { metrics: false }, server: { admin: { token: secret.env("TOKEN") } },`;
    await using gateway = await startGateway(configOf(upstream, more), { env: { TOKEN: "t0ken" } });
    await ask(gateway, undefined);
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(401);
    const text = await (await fetch(`${gateway.url}/metrics`, { headers: { authorization: "Bearer t0ken" } })).text();
    expect([text.includes("omni_requests_total"), text.includes("omni_build_info")]).toEqual([false, true]);
  }, 20_000);
});
