import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { configOf, ServeProcess } from "./serve-process.ts";

const LIMIT_MS = 60_000;
/** A stop that waits for anything waits for minutes; a busy machine may take a moment. */
const QUICK_MS = 5_000;
const hello = (model: string, stream = false): object => ({ model, stream, messages: [{ role: "user", content: "Say hello." }] });

describe("omni serve", () => {
  test(
    "without a configuration serves a simulator, and the line that it prints to try works",
    async () => {
      await using serve = await new ServeProcess().start();
      const [, url = "", type = "", body = ""] = /curl (\S+) -H '([^']+)' -d '(.+)'/.exec(serve.stdout) ?? [];
      const [name = "", value = ""] = type.split(": ");
      const response = await fetch(url, { method: "POST", headers: { [name]: value }, body });
      expect(response.status).toBe(200);
      expect(((await response.json()) as { choices: unknown[] }).choices.length).toBe(1);
      expect(serve.stdout).toContain(`${serve.url}/swagger`);
      expect(serve.stderr).toBe("");
    },
    LIMIT_MS,
  );

  test(
    "says so when few requests to providers can be under way at a time, however that came about: the limit is that of the runtime's own client",
    async () => {
      const env = { BUN_CONFIG_MAX_HTTP_REQUESTS: "100", OMNI_TRANSPORT: "fetch" };
      await using limited = await new ServeProcess().start(["--port", "0"], env);
      await limited.until(() => limited.stderr.includes("BUN_CONFIG_MAX_HTTP_REQUESTS=65535"));
    },
    LIMIT_MS,
  );

  test.each([
    { claim: "the flag", args: ["--port", "FREE"], env: {} },
    { claim: "the flag before PORT", args: ["--port", "FREE"], env: { PORT: "1" } },
    { claim: "PORT before the configuration", args: [], env: { PORT: "FREE" } },
  ])(
    "takes its port from $claim",
    async ({ args, env }) => {
      const port = await freePort();
      await using serve = new ServeProcess();
      serve.write(configOf("a", "server: { port: 2 },"));
      const put = (text: string): string => text.replace("FREE", String(port));
      await serve.start(args.map(put), Object.fromEntries(Object.entries(env).map(([name, value]) => [name, put(value)])));
      expect(serve.url).toBe(`http://127.0.0.1:${port}`);
    },
    LIMIT_MS,
  );

  test(
    "on a port that is taken says so and ends with 1",
    async () => {
      const taken = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => taken.once("listening", resolve));
      const { port } = taken.address() as { port: number };
      await using serve = await new ServeProcess().start(["--port", String(port)]);
      expect([await serve.exited(), serve.stderr]).toEqual([
        1,
        `omni: cannot listen on 127.0.0.1:${port}: another process does already. Stop it, or choose another port: omni serve --port 20129\n`,
      ]);
      taken.close();
    },
    LIMIT_MS,
  );

  test.each([
    { claim: "a name that nothing has", config: configOf("a", 'default: "sim/none",'), place: /omni\.config\.ts:8:/ },
    { claim: "a mistake of syntax", config: "export default {", place: /omni\.config\.ts:1:/ },
  ])(
    "with $claim in its configuration does not start, and says where it is",
    async ({ config, place }) => {
      await using serve = new ServeProcess();
      serve.write(config);
      await serve.start();
      expect([await serve.exited(), serve.stdout]).toEqual([1, ""]);
      expect(serve.stderr).toMatch(place);
    },
    LIMIT_MS,
  );

  test.each<{ readonly args: readonly string[]; readonly says: string; readonly needsKey?: string }>([
    { args: ["--port", "http"], says: "--port is no port" },
    { args: ["--port", "65536"], says: "--port is no port" },
    { args: ["--lame-duck", "soon"], says: "--lame-duck is no duration" },
    { args: ["--demo", "--config", "x.ts"], says: "exclude each other" },
    { args: ["--config", "none.ts"], says: "none.ts" },
    { args: ["--config", "no/such/folder/none.ts"], says: "none.ts" },
    { args: ["--port", "0", "--hostname", "a b"], says: "no machine has this name" },
    { args: ["--port", "0", "--hostname", "203.0.113.1"], says: "this machine has no such address" },
    { args: ["--port", "0", "--hostname", "0.0.0.0"], says: "nobody there would need a key", needsKey: "" },
  ])(
    "refuses $args",
    async ({ args, says, needsKey = "true" }) => {
      await using serve = await new ServeProcess().start(args, { REQUIRE_API_KEY: needsKey });
      expect(await serve.exited()).toBeGreaterThan(0);
      expect(serve.stderr).toContain(says);
    },
    LIMIT_MS,
  );
});

describe("stopping", () => {
  test.each([{ signal: "SIGTERM" }, { signal: "SIGINT" }] as const)(
    "by $signal is quick when nothing is under way, idle connections or not",
    async ({ signal }) => {
      await using serve = await new ServeProcess().start();
      await (await serve.get("/v1/models")).text();
      const start = performance.now();
      serve.kill(signal);
      expect(await serve.exited()).toBe(0);
      expect(performance.now() - start).toBeLessThan(QUICK_MS);
    },
    LIMIT_MS,
  );

  test(
    "in the middle of a start is quick as well, though the configuration never ends",
    async () => {
      await using serve = new ServeProcess();
      serve.write('console.error("reading"); while (true) {}');
      void serve.start();
      await serve.until(() => serve.stderr.includes("reading"));
      const start = performance.now();
      serve.kill("SIGTERM");
      expect([await serve.exited(), serve.stdout]).toEqual([0, ""]);
      expect(performance.now() - start).toBeLessThan(QUICK_MS);
    },
    LIMIT_MS,
  );

  test(
    "lets a stream finish, takes nothing new meanwhile, and ends with 0",
    async () => {
      await using serve = new ServeProcess();
      serve.write(configOf("a"));
      await serve.start();
      const response = await serve.chat(hello("crawl/writer", true));
      serve.kill("SIGTERM");
      await serve.until(() =>
        serve.get("/readyz").then(
          ({ status }) => status === 503,
          () => true,
        ),
      );
      const late = await serve.chat(hello("sim/writer")).then(
        ({ status }) => status,
        () => "refused",
      );
      expect(["refused", 503]).toContain(late);
      const text = await response.text();
      expect(text).toEndWith("data: [DONE]\n\n");
      expect(await serve.exited()).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    "by a second signal is at once, and the cut stream is seen to be cut",
    async () => {
      await using serve = new ServeProcess();
      serve.write(configOf("a").replace("tokens: 20", "tokens: 100000"));
      await serve.start();
      const response = await serve.chat(hello("crawl/writer", true));
      const reading = response.text().then(
        (text) => text.includes("[DONE]"),
        () => "cut",
      );
      serve.kill("SIGTERM");
      await serve.until(() => serve.stderr.includes("stopping"));
      // At once it would be an echo of the first: a process group is told by several.
      serve.kill("SIGTERM");
      await Bun.sleep(200);
      expect(serve.isRunning).toBe(true);
      serve.kill("SIGTERM");
      expect([await serve.exited(), await reading]).toEqual([0, "cut"]);
    },
    LIMIT_MS,
  );

  test(
    "ends what is under way when the time to drain is over",
    async () => {
      await using serve = new ServeProcess();
      serve.write(configOf("a", 'server: { drain: "200ms" },').replace("tokens: 20", "tokens: 100000"));
      await serve.start();
      const response = await serve.chat(hello("crawl/writer", true));
      serve.kill("SIGTERM");
      expect(await serve.exited()).toBe(0);
      expect(response.text()).rejects.toThrow();
    },
    LIMIT_MS,
  );

  test(
    "with a lame duck says no to readiness and yes to requests, for as long as was asked",
    async () => {
      await using serve = await new ServeProcess().start(["--port", "0", "--lame-duck", "1s"]);
      serve.kill("SIGTERM");
      await serve.until(async () => (await serve.get("/readyz")).status === 503);
      expect((await serve.chat(hello("default"))).status).toBe(200);
      expect(await serve.exited()).toBe(0);
    },
    LIMIT_MS,
  );
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
