import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configFor, type GatewayOptions, type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

/** The binary lies where no repository and no `node_modules` is above it. */
const FOLDER = mkdtempSync(join(tmpdir(), "omni-binary-"));
const OMNI = join(FOLDER, "omni");
const TIMEOUT_MS = 60_000;

beforeAll(() => {
  const build = Bun.spawnSync([process.execPath, join(import.meta.dir, "../../scripts/build.ts"), "--outfile", OMNI]);
  if (build.exitCode !== 0) throw new Error(build.stderr.toString());
}, TIMEOUT_MS);
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const start = (config: string | undefined, options: GatewayOptions = {}): Promise<GatewayProcess> =>
  startGateway(config, { command: [OMNI], ...options });

/** An empty folder with these files in it. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(FOLDER, "cwd-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function run(args: readonly string[], options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}) {
  const child = Bun.spawnSync([OMNI, ...args], {
    cwd: options.cwd ?? folderWith({}),
    env: { PATH: process.env["PATH"], HOME: FOLDER, ...options.env },
  });
  return { code: child.exitCode, stdout: child.stdout.toString(), stderr: child.stderr.toString() };
}

describe("any verb", () => {
  test("version names the commit it was built from", () => {
    const { code, stdout } = run(["version", "--json"]);
    expect({ code, facts: JSON.parse(stdout) }).toMatchObject({ code: 0, facts: { bun: Bun.version, commit: expect.any(String) } });
  });

  test("help lists the benchmark, which lies outside src", () => {
    expect(run(["help"]).stdout).toMatch(/^ {2}bench /m);
  });

  test("a mistyped one exits with 64", () => {
    expect(run(["chekc"])).toMatchObject({ code: 64, stderr: expect.stringContaining('"check"') });
  });

  test("obeys neither a bunfig.toml nor a .env of the folder it is started from", () => {
    const cwd = folderWith({
      "bunfig.toml": 'preload = ["./pre.js"]\n',
      "pre.js": 'console.log("preloaded");',
      ".env": "NO_COLOR=\nFORCE_COLOR=1\n",
    });
    const { stdout } = run(["help"], { cwd });
    expect(stdout).toStartWith("Omni");
    expect(stdout).toBe(Bun.stripANSI(stdout));
  });
});

describe("check, with no node_modules anywhere", () => {
  test("accepts a good configuration that is split over files", () => {
    const cwd = folderWith({
      "omni.config.ts":
        'import { defineConfig } from "omni";\nimport { providers } from "./providers.ts";\nexport default defineConfig({ providers });\n',
      "providers.ts":
        'import { defineProviders, provider, secret } from "omni";\nexport const providers = defineProviders({ openai: provider.openai({ apiKey: secret.env("NEVER_SET") }) });\n',
    });
    expect(run(["check"], { cwd })).toMatchObject({ code: 0 });
  });

  test("tells where a type does not fit", () => {
    const cwd = folderWith({
      "omni.config.ts":
        'import { defineConfig, provider } from "omni";\n\nexport default defineConfig({\n  providers: { openai: provider.openai({ timeout: "soon" }) },\n});\n',
    });
    const { code, stdout, stderr } = run(["check"], { cwd });
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/omni\.config\.ts:4:\d+/);
  });
});

describe("serve", () => {
  test(
    "answers the curl line that it prints, without configuration and key, and drains on SIGTERM",
    async () => {
      await using gateway = await start(undefined, { args: ["--demo"] });
      const line = /curl .*/.exec(Bun.stripANSI(gateway.log))?.[0] ?? "";
      expect(line).toContain(gateway.url);
      const curl = Bun.spawn(["sh", "-c", line], { stdout: "pipe", stderr: "ignore" });
      expect(await new Response(curl.stdout).text()).toContain('"choices"');
      gateway.process.kill("SIGTERM");
      expect(await gateway.process.exited).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "reads pages of the web, in a thread that has a program of its own",
    async () => {
      using site = new Upstream({ headers: { "content-type": "text/html" }, body: "<title>T</title><p>words<ul><li>one</ul>" });
      await using gateway = await start(`import { defineConfig, provider } from "omni";
        export default defineConfig({ providers: {
          sim: provider.simulator(),
          local: provider.local({ settings: { ports: [${new URL(site.url).port}], privateHosts: ["127.0.0.1"] } }),
        } });`);
      const answer = await gateway.post("/v1/web/fetch", { model: "local/reader", url: `${site.url}/page` });
      expect(await answer.json()).toMatchObject({ url: `${site.url}/page`, title: "T", markdown: "words\n\n- one" });
    },
    TIMEOUT_MS,
  );

  test.each([{}, { NODE_ENV: "development" }, { NODE_ENV: "production" }])(
    "with %j it shows no page of a development server",
    async (env) => {
      await using gateway = await start(undefined, { args: ["--demo"], env });
      const answers = await Promise.all(["/nowhere", "/v1/chat/completions", "/admin/nowhere"].map((path) => gateway.post(path, "{")));
      for (const answer of answers) {
        expect(answer.headers.get("content-type")).toStartWith("application/json");
        expect(await answer.text()).not.toMatch(/<!doctype|\.ts:\d|at async/i);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "has more than 256 requests under way upstream at once",
    async () => {
      const wanted = 400;
      let pending = 0;
      let peak = 0;
      const { promise: allThere, resolve } = Promise.withResolvers<void>();
      // Answers nobody before everybody has come: with fewer at a time, nobody would ever be answered.
      await using upstream = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        idleTimeout: 0,
        async fetch(request) {
          await request.text();
          peak = Math.max(peak, ++pending);
          if (pending === wanted) resolve();
          await allThere;
          return Response.json({
            id: "chatcmpl-1",
            object: "chat.completion",
            created: 1,
            model: "gpt-4o",
            choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
            usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
          });
        },
      });
      await using gateway = await start(configFor(`http://127.0.0.1:${upstream.port}/v1`));
      const body = { model: "up/gpt-4o", messages: [{ role: "user", content: "hi" }] };
      const client = await concurrently(wanted, gateway, body);
      expect({ peak, statuses: client }).toEqual({ peak: wanted, statuses: [200] });
    },
    TIMEOUT_MS,
  );
});

/** Sends from a process of its own, since this one is held to 256 requests at a time as well. Returns the statuses that were seen. */
async function concurrently(count: number, gateway: GatewayProcess, body: unknown): Promise<number[]> {
  const source = `
    const body = ${JSON.stringify(JSON.stringify(body))};
    const one = async () => (await fetch("${gateway.url}/v1/chat/completions", { method: "POST", body, headers: { "content-type": "application/json" } })).status;
    const statuses = await Promise.all(Array.from({ length: ${count} }, one));
    console.log(JSON.stringify([...new Set(statuses)]));`;
  const child = Bun.spawn([process.execPath, "-e", source], {
    env: { PATH: process.env["PATH"], BUN_CONFIG_MAX_HTTP_REQUESTS: "4096" },
    stdout: "pipe",
    stderr: "inherit",
  });
  return JSON.parse(await new Response(child.stdout).text());
}
