import { describe, expect, test } from "bun:test";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configFor, type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

const ANSWER = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
});
const CHUNKS = ["a", "b", "c"].map(
  (content) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`,
);
const LAST = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`;

function provider(waitMs = 0): Upstream {
  return new Upstream(({ json }) =>
    json.stream
      ? {
          headers: { "content-type": "text/event-stream" },
          body: [CHUNKS[0]!, { pauseMs: 400 }, CHUNKS[1]!, { pauseMs: 400 }, CHUNKS[2]!, LAST, "data: [DONE]\n\n"],
        }
      : { headers: { "content-type": "application/json" }, body: ANSWER, before: { pauseMs: waitMs } },
  );
}

/** Waits until all of them listen; the first answers before. */
async function workersOf(config: string, count = 2): Promise<GatewayProcess> {
  const gateway = await startGateway(config, { args: ["--workers", String(count)] });
  await until(() => gateway.log.includes('"event":"workers"'));
  return gateway;
}

/** The processes that serve now. */
function pidsOf(gateway: GatewayProcess): number[] {
  const { stdout } = Bun.spawnSync(["ps", "--ppid", String(gateway.process.pid), "-o", "pid=,stat="]);
  const rows = stdout.toString().trim().split("\n");
  return rows.filter((row) => row !== "" && !row.includes("Z")).map((row) => Number(row.trim().split(/\s+/)[0]));
}

const ask = (gateway: GatewayProcess, more: object = {}): Promise<Response> =>
  // A connection of its own, so that the system spreads them over the processes.
  gateway.post(
    "/v1/chat/completions",
    { model: "m", messages: [{ role: "user", content: "hi" }], ...more },
    { headers: { connection: "close" } },
  );

interface Load {
  /** What failed, and when it was begun, by `performance.now`. */
  readonly failures: { readonly startedMs: number; readonly what: string }[];
  readonly done: () => number;
  stop(): Promise<void>;
}

function loadOn(gateway: GatewayProcess, clients = 8): Load {
  const failures: { startedMs: number; what: string }[] = [];
  let [done, isOver] = [0, false];
  const one = async (client: number): Promise<void> => {
    while (!isOver) {
      const startedMs = performance.now();
      // Half of them keep their connections.
      const headers: Record<string, string> = client % 2 === 0 ? { connection: "close" } : {};
      try {
        const response = await gateway.post("/v1/chat/completions", { model: "m", messages: [] }, { headers });
        const text = await response.text();
        if (response.status !== 200 || text !== ANSWER) failures.push({ startedMs, what: `${response.status} ${text}` });
      } catch (error) {
        failures.push({ startedMs, what: String(error) });
      }
      done++;
      await Bun.sleep(1);
    }
  };
  const running = Array.from({ length: clients }, (_, client) => one(client));
  return {
    failures,
    done: () => done,
    stop: async () => {
      isOver = true;
      await Promise.all(running);
    },
  };
}

function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await Bun.sleep(20);
}

/** Replaces the file at once, as editors do. */
function write(gateway: GatewayProcess, config: string): void {
  writeFileSync(`${gateway.configFile}.new`, config);
  renameSync(`${gateway.configFile}.new`, gateway.configFile);
}

describe("several workers", () => {
  test("count together: not one request too many and none too few, in an hour and at a time", async () => {
    using upstream = provider(300);
    const limits =
      'limits: { hour: { per: "all", requests: 60, in: "1h" }, now: { per: "model", concurrent: 9, for: { keys: ["busy"] } } }';
    const keys = `keys: { alice: { sha256: "${sha256("key-of-alice")}" }, busy: { sha256: "${sha256("key-of-busy")}" } }`;
    await using gateway = await workersOf(configFor(upstream.baseUrl, ["m"], `policies: { ${keys}, ${limits} },`));
    const statusesOf = async (key: string, count: number): Promise<number[]> =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const headers = { connection: "close", authorization: `Bearer ${key}` };
          const response = await gateway.post("/v1/chat/completions", { model: "m", messages: [] }, { headers });
          await response.text();
          return response.status;
        }),
      );
    const busy = await statusesOf("key-of-busy", 30);
    expect(busy.filter((status) => status === 200).length).toBe(9);
    const all = await statusesOf("key-of-alice", 120);
    expect(all.filter((status) => status === 200).length).toBe(60 - 9);
    expect(all.filter((status) => status === 429).length).toBe(120 - 51);
    expect(upstream.requests.length).toBe(60);
  }, 60_000);

  test("a provider that asks one of them to wait is left alone by all, and by those that come later", async () => {
    using tired = new Upstream({ status: 429, headers: { "retry-after": "60" }, body: "{}" });
    using fresh = provider();
    const config = `import { defineConfig, provider } from "omni";
export default defineConfig({
  providers: {
    tired: provider.openaiCompatible({ baseUrl: ${JSON.stringify(tired.baseUrl)}, models: { chat: ["t"] } }),
    fresh: provider.openaiCompatible({ baseUrl: ${JSON.stringify(fresh.baseUrl)}, models: { chat: ["f"] } }),
  },
  combos: { m: { strategy: "fallback", chat: ["tired/t", "fresh/f"] } },
});`;
    await using gateway = await workersOf(config, 3);
    expect((await ask(gateway)).status).toBe(200);
    const asked = tired.requests.length;
    await Bun.sleep(200);
    for (let count = 0; count < 30; count++) expect((await ask(gateway)).status).toBe(200);
    const before = pidsOf(gateway);
    for (const pid of before) process.kill(pid, "SIGKILL");
    await until(() => pidsOf(gateway).length === 3 && !pidsOf(gateway).some((pid) => before.includes(pid)));
    await until(
      async () => (await fetch(`${gateway.url}/readyz`, { headers: { connection: "close" } }).catch(() => undefined))?.ok === true,
    );
    for (let count = 0; count < 10; count++) expect((await ask(gateway)).status).toBe(200);
    expect(tired.requests.length).toBe(asked);
  }, 60_000);

  test("answer a request with an Idempotency-Key once, whichever of them it comes to, at the same time or later", async () => {
    using upstream = provider(300);
    await using gateway = await workersOf(configFor(upstream.baseUrl, ["m"]), 3);
    const once = async (key: string): Promise<[number, string | null]> => {
      const headers = { connection: "close", "idempotency-key": key };
      const response = await gateway.post("/v1/chat/completions", { model: "m", messages: [] }, { headers });
      await response.text();
      return [response.status, response.headers.get("idempotent-replayed")];
    };
    for (const key of ["a", "b"]) {
      const together = await Promise.all(Array.from({ length: 12 }, () => once(key)));
      expect(together.map(([status]) => status).toSorted()).toEqual([200, ...Array.from({ length: 11 }, () => 409)]);
      for (let count = 0; count < 12; count++) expect(await once(key)).toEqual([200, "true"]);
    }
    expect(upstream.requests.length).toBe(2);
  }, 60_000);

  test("kill -9 of one fails nothing but what it had in hand, and another takes its place; the ledger has every attempt", async () => {
    using upstream = provider(20);
    await using gateway = await workersOf(configFor(upstream.baseUrl, ["m"], "ledger: {},"), 2);
    const before = pidsOf(gateway);
    expect(before.length).toBe(2);
    const load = loadOn(gateway);
    await until(() => load.done() > 50);
    process.kill(before[0]!, "SIGKILL");
    // A process dies thread by thread, and up to the last one its connections take requests; clients have then still to hear of it.
    await until(() => !existsSync(`/proc/${before[0]}`));
    const heard = load.done() + 40;
    await until(() => load.done() > heard);
    const goneMs = performance.now();
    await until(() => pidsOf(gateway).length === 2 && !pidsOf(gateway).includes(before[0]!));
    const enough = load.done() + 300;
    await until(() => load.done() > enough);
    await load.stop();
    expect(load.failures.filter(({ startedMs }) => startedMs > goneMs)).toEqual([]);
    expect(load.failures.length).toBeLessThanOrEqual(8);
    gateway.process.kill("SIGTERM");
    expect(await gateway.process.exited).toBe(0);
    const verify = Bun.spawnSync([
      process.execPath,
      join(import.meta.dir, "../../scripts/omni.ts"),
      "ledger",
      "verify",
      "--config",
      gateway.configFile,
    ]);
    expect({ code: verify.exitCode, text: verify.stdout.toString() }).toMatchObject({ code: 0 });
    const usage = Bun.spawnSync([
      process.execPath,
      join(import.meta.dir, "../../scripts/omni.ts"),
      "usage",
      "--json",
      "--config",
      gateway.configFile,
    ]);
    const { total } = JSON.parse(usage.stdout.toString());
    expect(total.attempts).toBe(upstream.requests.length);
  }, 60_000);

  test("reloads reach all of them before they are answered, fail no request, and a bad one reaches none", async () => {
    using upstream = provider();
    const good = (generation: number): string => configFor(upstream.baseUrl, ["m", `only-in-${generation}`]);
    await using gateway = await workersOf(good(0));
    const load = loadOn(gateway, 4);
    const hashes = async (): Promise<Set<string>> => {
      const answers = await Promise.all(
        Array.from({ length: 24 }, () =>
          // What it serves by; what it tells of the whole crew comes to it by mail, a moment later.
          fetch(`${gateway.url}/admin/config`, { headers: { connection: "close" } }).then(async (each) => {
            return [each.headers.get("x-omni-config"), await each.json()] as const;
          }),
        ),
      );
      return new Set(
        answers.map(([hash, { plan }]) => JSON.stringify([hash, plan.routes.map(({ name }: { name: string }) => name).toSorted()])),
      );
    };
    for (let generation = 1; generation <= 9; generation++) {
      const isBroken = generation % 3 === 0;
      const before = await hashes();
      write(gateway, isBroken ? good(generation).slice(0, -10) : good(generation));
      const response = await fetch(`${gateway.url}/admin/reload`, { method: "POST" });
      expect(response.status).toBe(isBroken ? 422 : 200);
      const after = await hashes();
      expect(after.size).toBe(1);
      if (isBroken) expect(after).toEqual(before);
      else expect([...after][0]).toContain(`only-in-${generation}`);
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.done()).toBeGreaterThan(50);
  }, 120_000);

  test("are replaced one by one without a request that fails, on new connections and on old ones", async () => {
    using upstream = provider(5);
    await using gateway = await workersOf(configFor(upstream.baseUrl, ["m"]));
    const before = pidsOf(gateway);
    const load = loadOn(gateway);
    await until(() => load.done() > 30);
    const omni = Bun.spawnSync(
      [
        process.execPath,
        join(import.meta.dir, "../../scripts/omni.ts"),
        "reload",
        "--restart",
        "--url",
        gateway.url,
        "--config",
        gateway.configFile,
      ],
      { env: { PATH: process.env["PATH"] } },
    );
    expect({ code: omni.exitCode, text: omni.stdout.toString(), why: omni.stderr.toString() }).toMatchObject({
      code: 0,
      text: '{"format":1,"processes":2}\n',
    });
    await until(() => gateway.log.includes("workers were replaced"));
    const enough = load.done() + 100;
    await until(() => load.done() > enough);
    await load.stop();
    expect(load.failures).toEqual([]);
    const after = pidsOf(gateway);
    expect(after.length).toBe(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  }, 60_000);

  test("a stop lets streams end in all of them; then nothing is left", async () => {
    using upstream = provider();
    await using gateway = await workersOf(configFor(upstream.baseUrl, ["m"]), 3);
    const streams = await Promise.all(Array.from({ length: 12 }, () => ask(gateway, { stream: true })));
    const pids = pidsOf(gateway);
    gateway.process.kill("SIGTERM");
    const texts = await Promise.all(streams.map((stream) => stream.text()));
    for (const text of texts) expect(text).toBe(`${CHUNKS.join("")}${LAST}data: [DONE]\n\n`);
    expect(await gateway.process.exited).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  }, 60_000);

  test("end when their supervisor is killed", async () => {
    using upstream = provider();
    await using gateway = await workersOf(configFor(upstream.baseUrl, ["m"]));
    const pids = pidsOf(gateway);
    gateway.process.kill("SIGKILL");
    await until(() => pids.every((pid) => !isAlive(pid)));
  }, 60_000);

  test("do not share their port with a stranger, willing or not", async () => {
    using other = Bun.serve({ port: 0, hostname: "127.0.0.1", reusePort: true, fetch: () => new Response("stranger") });
    const run = Bun.spawn(
      [process.execPath, join(import.meta.dir, "../../scripts/omni.ts"), "serve", "--demo", "--workers", "2", "--port", String(other.port)],
      { stdout: "pipe", stderr: "pipe", env: { PATH: process.env["PATH"] } },
    );
    expect(await run.exited).toBe(1);
    expect(await new Response(run.stderr).text()).toContain("another process does already");
  }, 60_000);

  test("a configuration that one can not take keeps all from starting, and says why once", async () => {
    const config = `import { defineConfig, provider, secret } from "omni";
export default defineConfig({ providers: { openai: provider.openai({ apiKey: secret.env("NO_SUCH_VARIABLE_HERE") }) } });`;
    const error = await workersOf(config).then(
      () => undefined,
      (caught: Error) => caught.message,
    );
    expect(error).toContain("NO_SUCH_VARIABLE_HERE");
    expect(error?.split("cannot serve").length).toBe(2);
  }, 60_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
