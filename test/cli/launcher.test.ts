import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const REPOSITORY = join(import.meta.dir, "..", "..");
const BUN_VERSION: string = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")).dependencies.bun;
const BASE = mkdtempSync(join(tmpdir(), "omni-launcher-"));
afterAll(() => rmSync(BASE, { recursive: true, force: true }));

/** A program in place of ours that says what it was started with, or waits for a signal. */
const PROGRAM = `
const [verb, ...rest] = process.argv.slice(2);
if (verb === "exit") process.exit(Number(rest[0]));
if (verb === "die") process.kill(process.pid, "SIGKILL");
if (verb === "wait") {
  process.on("SIGTERM", () => { console.log("drained"); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log("ready");
} else console.log(JSON.stringify({ argv: [verb, ...rest], requests: process.env.BUN_CONFIG_MAX_HTTP_REQUESTS, dotenv: process.env.FROM_DOTENV ?? null, bun: Bun.version }));
`;

/** In place of npm: takes its time, notes each run, refuses to run beside another of its kind, and puts the packages where npm would. */
const NPM = `#!/bin/sh
echo "$*" >> npm.log
echo "added 40 packages"
mkdir npm.running || { echo "two at once" >> npm.log; exit 1; }
sleep 0.4
rmdir npm.running
[ -f npm.broken ] && exit 7
rm -rf node_modules && cp -RP packages node_modules
`;

let folder: string;
let tools: string;
let made = 0;

beforeEach(() => {
  folder = join(BASE, String(made++));
  tools = join(folder, "tools");
  mkdirSync(join(folder, "scripts"), { recursive: true });
  mkdirSync(tools);
  cpSync(join(REPOSITORY, "scripts", "omni.mjs"), join(folder, "scripts", "omni.mjs"));
  writeFileSync(join(folder, "scripts", "omni.ts"), PROGRAM);
  writeFileSync(join(folder, "bunfig.toml"), "");
  writeFileSync(join(folder, "bun.lock"), "");
  writeManifest("1.0.0");
  addPackage("one", "1.0.0");
  // The binary of Bun that runs this test, as npm would have left it.
  addPackage("bun", BUN_VERSION);
  mkdirSync(join(folder, "packages", "bun", "bin"));
  symlinkSync(process.execPath, join(folder, "packages", "bun", "bin", "bun.exe"));
  writeFileSync(join(tools, "npm"), NPM);
  chmodSync(join(tools, "npm"), 0o755);
});

function writeManifest(one: string): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ dependencies: { bun: BUN_VERSION }, devDependencies: { one } }));
}

function addPackage(name: string, version: string): void {
  mkdirSync(join(folder, "packages", name), { recursive: true });
  writeFileSync(join(folder, "packages", name, "package.json"), JSON.stringify({ name, version }));
}

function npmRuns(): string[] {
  const log = join(folder, "npm.log");
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

/** Starts the launcher with Node, and no Bun to be found on the PATH. */
function start(args: readonly string[], options: { readonly cwd?: string; readonly root?: string; readonly runtime?: string } = {}) {
  return Bun.spawn([options.runtime ?? "node", join(options.root ?? folder, "scripts", "omni.mjs"), ...args], {
    cwd: options.cwd ?? folder,
    env: { PATH: `${tools}:${dirname(Bun.which("node") ?? "/usr/bin/node")}:/usr/bin:/bin`, HOME: folder },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function run(args: readonly string[], options: Parameters<typeof start>[1] = {}) {
  const child = start(args, options);
  const [stdout, stderr, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { stdout, stderr, code };
}

describe("the first run", () => {
  test("installs, then runs the verb; the next one only runs it", async () => {
    const first = await run(["say", "--port", "3000", "a b"]);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ argv: ["say", "--port", "3000", "a b"], bun: BUN_VERSION });
    expect(first.stderr).toContain("installing");
    const second = await run(["say"]);
    expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: "" });
    expect(npmRuns()).toHaveLength(1);
  });

  test("installs what tests and build need even where NODE_ENV says production", async () => {
    await run(["say"]);
    expect(npmRuns()[0]).toContain("--include=dev");
  });

  test("two at once install once, and both run", async () => {
    const runs = await Promise.all([run(["say", "a"]), run(["say", "b"]), run(["say", "c"])]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(npmRuns()).toHaveLength(1);
  });

  test.each([
    { claim: "whose owner is dead", owner: "999999999", ageSeconds: 0 },
    { claim: "of ten minutes ago", owner: String(process.pid), ageSeconds: 700 },
  ])("a lock $claim does not stop it", async ({ owner, ageSeconds }) => {
    mkdirSync(join(folder, ".omni"));
    const lock = join(folder, ".omni", "install.lock");
    writeFileSync(lock, owner);
    const then = Date.now() / 1000 - ageSeconds;
    utimesSync(lock, then, then);
    expect((await run(["say"])).code).toBe(0);
    expect(existsSync(lock)).toBe(false);
  });

  test("says what to do when npm fails, leaves no lock, and can be repeated", async () => {
    writeFileSync(join(folder, "npm.broken"), "");
    const failed = await run(["say"]);
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain("npm failed");
    rmSync(join(folder, "npm.broken"));
    expect((await run(["say"])).code).toBe(0);
  });
});

describe("with packages in place", () => {
  beforeEach(() => cpSync(join(folder, "packages"), join(folder, "node_modules"), { recursive: true, verbatimSymlinks: true }));

  test("installs again when package.json pins another version", async () => {
    writeManifest("2.0.0");
    addPackage("one", "2.0.0");
    expect((await run(["say"])).code).toBe(0);
    expect(npmRuns()).toHaveLength(1);
  });

  test("finds the binary that the postinstall did not move", async () => {
    const bin = join(folder, "node_modules", "bun", "bin", "bun.exe");
    rmSync(bin);
    writeFileSync(bin, "#!/bin/sh\necho postinstall did not run >&2\nexit 1\n", { mode: 0o755 });
    for (const [name, content] of [
      ["bun-foreign-machine", "not for this machine"],
      ["bun-this-machine", undefined],
    ] as const) {
      const at = join(folder, "node_modules", "@oven", name, "bin");
      mkdirSync(at, { recursive: true });
      if (content === undefined) symlinkSync(process.execPath, join(at, "bun"));
      else writeFileSync(join(at, "bun"), content, { mode: 0o755 });
    }
    expect(await run(["say"])).toMatchObject({ code: 0, stderr: "" });
    expect(npmRuns()).toEqual([]);
  });

  test("as a package in someone's project, it finds its dependencies beside itself and installs nothing", async () => {
    const at = join(folder, "project", "node_modules", "omni");
    cpSync(join(folder, "scripts"), join(at, "scripts"), { recursive: true });
    cpSync(join(folder, "package.json"), join(at, "package.json"));
    writeFileSync(join(at, "bunfig.toml"), "");
    cpSync(join(folder, "packages", "bun"), join(folder, "project", "node_modules", "bun"), { recursive: true, verbatimSymlinks: true });
    rmSync(join(folder, "node_modules"), { recursive: true });
    expect(await run(["exit", "5"], { root: at })).toEqual({ code: 5, stdout: "", stderr: "" });
  });

  test("--bun runs Bun itself", async () => {
    expect(await run(["--bun", "--print", "1 + 1"])).toMatchObject({ code: 0, stdout: "2\n" });
  });

  test("runs under Bun as well, for `bun start` where there is no Node", async () => {
    const { stdout } = await run(["say"], { runtime: process.execPath });
    expect(JSON.parse(stdout)).toMatchObject({ argv: ["say"] });
  });

  test("lifts Bun's limit of requests under way", async () => {
    expect(JSON.parse((await run(["say"])).stdout)).toMatchObject({ requests: "65535" });
  });

  test("obeys neither a bunfig.toml nor a .env in the folder it is started from", async () => {
    const cwd = join(folder, "elsewhere");
    mkdirSync(cwd);
    writeFileSync(join(cwd, "bunfig.toml"), 'preload = ["./pre.js"]\n');
    writeFileSync(join(cwd, "pre.js"), 'console.log("preloaded")');
    writeFileSync(join(cwd, ".env"), "FROM_DOTENV=yes\n");
    const { stdout } = await run(["say"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ argv: ["say"], dotenv: null });
  });

  test.each([
    { verb: ["exit", "0"], code: 0 },
    { verb: ["exit", "64"], code: 64 },
    { verb: ["die"], code: 137 },
  ])("$verb ends with exit code $code", async ({ verb, code }) => {
    expect((await run(verb)).code).toBe(code);
  });

  test("stops when npm is stopped, though the shell between them says nothing", async () => {
    const launcher = `node ${join(folder, "scripts", "omni.mjs")}`;
    const shell = Bun.spawn(["sh", "-c", `${launcher} wait & wait`], {
      env: { PATH: `${dirname(Bun.which("node") ?? "")}:/usr/bin:/bin`, npm_lifecycle_event: "start" },
      stdout: "pipe",
    });
    const reader = shell.stdout.getReader();
    const decoder = new TextDecoder();
    expect(decoder.decode((await reader.read()).value)).toBe("ready\n");
    shell.kill("SIGTERM");
    expect(decoder.decode((await reader.read()).value)).toBe("drained\n");
  });

  test("hands a SIGTERM on, and ends as the program does", async () => {
    const child = start(["wait"]);
    const reader = child.stdout.getReader();
    const decoder = new TextDecoder();
    expect(decoder.decode((await reader.read()).value)).toBe("ready\n");
    child.kill("SIGTERM");
    expect(decoder.decode((await reader.read()).value)).toBe("drained\n");
    expect(await child.exited).toBe(0);
  });
});
