#!/usr/bin/env node
// Starts Omni on a machine that has Node and npm and perhaps nothing else: no Bun on the PATH, no postinstall needed.
// It installs what package.json pins when that is missing or stale, finds the pinned Bun, and hands over to it.
//   omni.mjs VERB …        runs the verb
//   omni.mjs --bun ARG …   runs Bun itself, for `npm test` and the scripts
import { spawn, spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const onWindows = process.platform === "win32";

const bun = ready() ?? installOnce();
if (bun === undefined) {
  const platform = `${process.platform}-${process.arch}`;
  fail(
    `cannot find Bun ${manifest.dependencies.bun} for ${platform}, and npm has none either. Install it from https://bun.com, then try again.`,
  );
}
handOver(bun, process.argv.slice(2));

/** Where Bun is, if every package is there in its pinned version. */
function ready() {
  const isCheckout = existsSync(join(root, "bun.lock"));
  const pinned = { ...manifest.dependencies, ...(isCheckout ? manifest.devDependencies : {}) };
  const isStale = Object.entries(pinned).some(([name, version]) => installedVersion(name) !== version);
  return isStale ? undefined : findBun();
}

function installedVersion(name) {
  const at = findPackage(name);
  return at && JSON.parse(readFileSync(join(at, "package.json"), "utf8")).version;
}

/** Looks as Node does, from here upwards: as a dependency of someone else's project, our packages lie beside us. */
function findPackage(name) {
  for (let folder = root; ; folder = dirname(folder)) {
    const at = join(folder, "node_modules", name);
    if (existsSync(join(at, "package.json"))) return at;
    if (folder === dirname(folder)) return undefined;
  }
}

/**
 * The package `bun` moves its binary from `@oven/…` to `bun/bin` in a postinstall. Where such scripts do not run, the binary is still in
 * `@oven`, and `bun/bin` holds a stub that only complains. Which of several is right for this machine (libc, CPU) shows when it is started.
 */
function findBun() {
  const candidates = process.versions.bun ? [process.execPath] : [];
  const bunPackage = findPackage("bun");
  if (bunPackage) {
    candidates.push(join(bunPackage, "bin", "bun.exe"));
    const scope = join(dirname(bunPackage), "@oven");
    if (existsSync(scope)) for (const name of readdirSync(scope)) candidates.push(join(scope, name, "bin", onWindows ? "bun.exe" : "bun"));
  }
  return [...candidates.filter(existsSync), "bun"].find((path) => versionOf(path) === manifest.dependencies.bun);
}

function versionOf(path) {
  const run = spawnSync(path, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/** Installs under a lock: a second first run waits for the one that was earlier, then finds everything in place. */
function installOnce() {
  const folder = join(root, ".omni");
  const lock = join(folder, "install.lock");
  const mine = join(folder, `install.${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // Written aside and then linked, so that nobody ever reads a lock that does not yet say whose it is.
  writeFileSync(mine, String(process.pid));
  process.once("exit", () => rmSync(mine, { force: true }));
  while (!take(lock, mine)) {
    // Three first runs at once, right after one was killed, could still both pass here: not worth more than this line.
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    else pause(200);
  }
  const giveBack = () => rmSync(lock, { force: true });
  process.once("exit", giveBack);
  const installed = ready() ?? install();
  giveBack();
  process.removeListener("exit", giveBack);
  return installed;
}

function take(lock, mine) {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function isAbandoned(lock) {
  try {
    const tenMinutesAgo = Date.now() - 600_000;
    if (statSync(lock).mtimeMs < tenMinutesAgo) return true;
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return false;
  } catch (error) {
    // ESRCH: its owner is dead. ENOENT: it has just been given back, which `take` will notice.
    return error.code === "ESRCH";
  }
}

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function install() {
  console.error("omni: installing dependencies, this once …");
  // With NODE_ENV=production npm would leave out what the tests and the build need, and we would ask for it again at every start.
  const args = ["install", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // npm's own chatter ("added 40 packages") must not get into the output of a verb: stdout is the verb's.
  const npm = spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: onWindows });
  if (npm.error?.code === "ENOENT") return installWithBun();
  if (npm.status !== 0) fail("cannot install the dependencies: npm failed, see above. Mend that, then try again.");
  return findBun();
}

/** For a machine that has Bun but no npm. */
function installWithBun() {
  const found = findBun();
  if (found === undefined)
    fail("cannot install the dependencies: neither npm nor the pinned Bun is on the PATH. Install Node from https://nodejs.org.");
  const run = spawnSync(found, ["install", "--frozen-lockfile"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (run.status !== 0) fail("cannot install the dependencies: bun install failed, see above. Mend that, then try again.");
  return found;
}

function handOver(path, args) {
  const child = spawn(path, args[0] === "--bun" ? args.slice(1) : [...verbArguments(), ...args], {
    stdio: "inherit",
    // Bun reads its limit of requests under way once, at its own start; its default of 256 would queue the rest.
    env: { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", ...process.env },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // At a terminal, Ctrl-C reaches the whole group by itself; sent on, it would arrive twice and count as "at once!".
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal));
  }
  if (process.env.npm_lifecycle_event) followParent(child);
  child.on("error", (error) => fail(`cannot start ${path}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

/** Whoever stops npm reaches the shell that npm put between itself and us; that dies of the signal and tells nobody. So its death is the signal. */
function followParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 250);
}

/** A verb behaves as in the binary: whatever `bunfig.toml` or `.env` lies in the current folder is not ours, and nothing is fetched on the fly. */
function verbArguments() {
  return ["--no-install", "--no-env-file", `--config=${join(root, "bunfig.toml")}`, join(root, "scripts", "omni.ts")];
}

function fail(message) {
  console.error(`omni: ${message}`);
  process.exit(1);
}
