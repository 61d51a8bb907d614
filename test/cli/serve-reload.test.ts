import { describe, expect, test } from "bun:test";
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configOf, ServeProcess } from "./serve-process.ts";

const LIMIT_MS = 90_000;
const hello = (model: string): object => ({ model, messages: [{ role: "user", content: "Say hello." }] });

interface Report {
  readonly running: { readonly hash: string; readonly sources: readonly string[] };
  readonly refused: {
    readonly trigger: string;
    readonly diagnostics: readonly { readonly file?: string; readonly line?: number; readonly what: string }[];
  } | null;
}

async function report(serve: ServeProcess): Promise<Report> {
  return (await serve.get("/admin/config")).json() as Promise<Report>;
}

async function started(config: string): Promise<ServeProcess> {
  const serve = new ServeProcess();
  serve.write(config);
  return serve.start();
}

async function has(serve: ServeProcess, model: string): Promise<boolean> {
  return (await serve.get(`/v1/models/${model}`)).status === 200;
}

describe("a changed configuration", () => {
  test(
    "is taken when its file is written",
    async () => {
      await using serve = await started(configOf("one"));
      const before = await serve.hash();
      serve.write(configOf("two"));
      await serve.until(() => has(serve, "two"));
      expect([await has(serve, "one"), (await serve.hash()) === before, (await serve.chat(hello("two"))).status]).toEqual([
        false,
        false,
        200,
      ]);
    },
    LIMIT_MS,
  );

  test(
    "is taken when a file that it imports is written, below it or not",
    async () => {
      await using serve = new ServeProcess();
      mkdirSync(join(serve.folder, "parts"));
      serve.write('export const word = "one";', "parts/word.ts");
      serve.write(`import { word } from "./parts/word.ts";\n${configOf("WORD").replace('"WORD"', "[word]")}`);
      await serve.start();
      expect((await report(serve)).running.sources).toContain(join(serve.folder, "parts/word.ts"));
      serve.write('export const word = "two";', "parts/word.ts");
      await serve.until(() => has(serve, "two"));
    },
    LIMIT_MS,
  );

  test(
    "that is broken is refused with file and line; the old one stays, until it is mended",
    async () => {
      await using serve = await started(configOf("one"));
      const before = await serve.hash();
      serve.write(configOf("two", 'default: "sim/none",'));
      await serve.until(async () => (await report(serve)).refused !== null);
      const { refused, running } = await report(serve);
      expect([refused?.diagnostics[0]?.file, refused?.diagnostics[0]?.line, running.hash]).toEqual([serve.file, 8, before]);
      expect([(await serve.chat(hello("one"))).status, serve.stderr.includes("omni.config.ts:8:")]).toEqual([200, true]);
      serve.write(configOf("three"));
      await serve.until(() => has(serve, "three"));
      expect((await report(serve)).refused).toBeNull();
    },
    LIMIT_MS,
  );

  test(
    "that never ends does not keep out the next one",
    async () => {
      await using serve = await started(configOf("one"));
      serve.write(`console.error("reading two"); while (true) {}\n${configOf("two")}`);
      // What a configuration prints goes to stderr: its evaluation is under way, and would take five seconds to be ended by its limit.
      await serve.until(() => serve.stderr.includes("reading two"));
      serve.write(configOf("three"));
      await serve.until(() => has(serve, "three"));
      // The code of an evaluation that ran into its limit.
      expect(serve.stderr).not.toContain("OMNI-C005");
      expect((await serve.chat(hello("three"))).status).toBe(200);
    },
    LIMIT_MS,
  );

  test(
    "is taken when Kubernetes swaps the volume that it lies in",
    async () => {
      await using serve = new ServeProcess();
      for (const [version, word] of [
        ["..v1", "one"],
        ["..v2", "two"],
      ] as const) {
        mkdirSync(join(serve.folder, version));
        writeFileSync(join(serve.folder, version, "omni.config.ts"), configOf(word));
      }
      symlinkSync("..v1", join(serve.folder, "..data"));
      symlinkSync("..data/omni.config.ts", serve.file);
      await serve.start();
      symlinkSync("..v2", join(serve.folder, "..data_tmp"));
      renameSync(join(serve.folder, "..data_tmp"), join(serve.folder, "..data"));
      await serve.until(() => has(serve, "two"));
    },
    LIMIT_MS,
  );

  test(
    "is taken by SIGHUP and by POST /admin/reload as well, which tells what came of it",
    async () => {
      await using serve = await started(configOf("one"));
      const reload = async (): Promise<{ status: number; type: string }> => {
        const response = await fetch(`${serve.url}/admin/reload`, { method: "POST" });
        return { status: response.status, type: ((await response.json()) as { type: string }).type };
      };
      expect(await reload()).toEqual({ status: 200, type: "unchanged" });
      serve.write(configOf("two"));
      expect(await reload()).toMatchObject({ status: 200 });
      expect(await has(serve, "two")).toBe(true);
      serve.write("export default 1;");
      expect(await reload()).toEqual({ status: 422, type: "refused" });
      serve.write(configOf("three"));
      serve.kill("SIGHUP");
      await serve.until(() => has(serve, "three"));
    },
    LIMIT_MS,
  );

  test(
    "may lose its file: that is refused, and what runs goes on",
    async () => {
      await using serve = await started(configOf("one"));
      unlinkSync(serve.file);
      await serve.until(async () => (await report(serve)).refused !== null);
      expect((await serve.chat(hello("one"))).status).toBe(200);
      serve.write(configOf("two"));
      await serve.until(() => has(serve, "two"));
    },
    LIMIT_MS,
  );

  test(
    "says what waits for a restart, and takes the rest",
    async () => {
      await using serve = await started(configOf("one"));
      serve.write(configOf("two", "server: { port: 1234 },"));
      await serve.until(() => has(serve, "two"));
      await serve.until(() => serve.stderr.includes("server.port"));
    },
    LIMIT_MS,
  );

  test(
    "fails no request, in 30 reloads of good and bad ones under a trickle",
    async () => {
      await using serve = await started(configOf("always"));
      let going = true;
      const statuses: number[] = [];
      const client = async (): Promise<void> => {
        while (going) {
          const response = await serve.chat(hello("sim/writer"));
          await response.text();
          statuses.push(response.status);
        }
      };
      const clients = [client(), client()];
      for (let round = 0; round < 30; round++) {
        serve.write(round % 3 === 2 ? "export default {" : configOf(`round-${round}`));
        await fetch(`${serve.url}/admin/reload`, { method: "POST" });
      }
      serve.write(configOf("last"));
      await serve.until(() => has(serve, "last"));
      going = false;
      await Promise.all(clients);
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
      expect(statuses.length).toBeGreaterThan(30);
    },
    LIMIT_MS,
  );
});
