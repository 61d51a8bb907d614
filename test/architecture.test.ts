import { describe, expect, test } from "bun:test";
import { basename, dirname, join, normalize } from "node:path";
import { readSource } from "./support/source-text.ts";

const ROOT = join(import.meta.dir, "..");

/** The floors, lowest first. A file imports from its own room and from floors below; rooms on one floor do not know each other. */
const FLOORS = [
  ["bytes", "world"],
  ["ir", "store"],
  ["wire", "resilience", "ledger", "telemetry"],
  ["providers", "policies"],
  ["config"],
  ["routing"],
  ["gateway"],
  ["server", "simulation"],
  ["cli", "omni", "omni-test"],
] as const;

/** Packages that one room alone may know. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  elysia: ["server"],
  "@elysiajs/openapi": ["server"],
  "swagger-ui-dist": ["server"],
  "drizzle-orm": ["ledger"],
  defuddle: ["providers"],
  linkedom: ["providers"],
};

/** Time, chance and the network come as arguments from `src/world`. A `Date` that is made of a given number or text is only arithmetic. */
const WORLDLY: readonly RegExp[] = [
  /(?<![.\w$])Date\b(?!\.parse\b|\.UTC\b)(?<!\bnew Date(?=\(\s*[^)\s]))/g,
  /\bMath\.random\b/g,
  /\brandomUUID(?:v7|v5)?\b/g,
  /(?<![.\w$])(?:globalThis\.|window\.)?(?:setTimeout|setInterval|setImmediate)\b/g,
  /(?<![.\w$])performance\b/g,
  /\bBun\s*\.\s*(?:sleep|sleepSync|nanoseconds|fetch|FetchSession|connect|udpSocket)\b/g,
  /\bAbortSignal\s*\.\s*timeout\b/g,
  /\bprocess\s*\.\s*(?:hrtime|uptime)\b/g,
  /\bglobalThis\s*\.\s*fetch\b/g,
  /(?<![.\w$])fetch\b(?!\s*[?:])/g,
  /(?<![.\w$])(?:WebSocket|EventSource|XMLHttpRequest)\b/g,
];

const FORBIDDEN_NAMES = ["utils", "util", "helpers", "helper", "common", "core", "manager", "service", "services", "types"];

interface Exception {
  readonly file: string;
  /** The fault as `faultsOf` words it. */
  readonly fault: string;
  readonly reason: string;
}

/** Each must still be needed: one that matches nothing fails the test as well. */
const EXCEPTIONS: readonly Exception[] = [
  { file: "src/cli/version.ts", fault: "imports from outside src: package.json", reason: "The version is written there, and only there." },
];

describe("the rules", () => {
  test.each([
    { claim: "a room may use itself", file: "src/wire/a.ts", code: 'import { b } from "./b.ts";', faults: [] },
    { claim: "a room may use a lower floor", file: "src/wire/a.ts", code: 'import { b } from "../ir/b.ts";', faults: [] },
    {
      claim: "a room may not use a higher floor",
      file: "src/ir/a.ts",
      code: 'import { b } from "../wire/b.ts";',
      faults: ["imports up: wire"],
    },
    { claim: "type imports count", file: "src/ir/a.ts", code: 'import type { B } from "../wire/b.ts";', faults: ["imports up: wire"] },
    { claim: "inline type imports count", file: "src/ir/a.ts", code: 'let b: import("../wire/b.ts").B;', faults: ["imports up: wire"] },
    { claim: "re-exports count", file: "src/ir/a.ts", code: 'export * from "../wire/b.ts";', faults: ["imports up: wire"] },
    { claim: "late imports count", file: "src/ir/a.ts", code: 'await import("../wire/b.ts");', faults: ["imports up: wire"] },
    { claim: "mere effects count", file: "src/ir/a.ts", code: 'import "../wire/b.ts";', faults: ["imports up: wire"] },
    {
      claim: "rooms on one floor are strangers",
      file: "src/wire/a.ts",
      code: 'import "../ledger/b.ts";',
      faults: ["imports sideways: ledger"],
    },
    {
      claim: "nothing outside src",
      file: "src/cli/a.ts",
      code: 'import "../../bench/b.ts";',
      faults: ["imports from outside src: bench/b.ts"],
    },
    { claim: "no unknown room", file: "src/odd/a.ts", code: "", faults: ["is in no known room: odd"] },
    { claim: "imports end in .ts", file: "src/ir/a.ts", code: 'import "./b";', faults: ["imports without an ending: ./b"] },
    {
      claim: "Elysia stays in the server",
      file: "src/gateway/a.ts",
      code: 'import { t } from "elysia/t";',
      faults: ["imports a package of another room: elysia/t"],
    },
    { claim: "no wall clock", file: "src/ir/a.ts", code: "Date.now(); new Date();", faults: ["uses Date", "uses Date"] },
    { claim: "dates as arithmetic", file: "src/ir/a.ts", code: "new Date(ms).toISOString(); Date.parse(text);", faults: [] },
    { claim: "no chance", file: "src/ir/a.ts", code: "Math.random()", faults: ["uses Math.random"] },
    {
      claim: "no timers",
      file: "src/ir/a.ts",
      code: "setTimeout(f); globalThis.setInterval(f)",
      faults: ["uses setTimeout", "uses globalThis.setInterval"],
    },
    {
      claim: "no network",
      file: "src/ir/a.ts",
      code: "fetch(url); const f = fetch; Bun.fetch(url)",
      faults: ["uses Bun.fetch", "uses fetch", "uses fetch"],
    },
    {
      claim: "a server has a method of that name",
      file: "src/server/a.ts",
      code: "app.fetch(r); Bun.serve({ fetch: go, async fetch(r) { go(r) } })",
      faults: [],
    },
    { claim: "the world may", file: "src/world/a.ts", code: "Date.now(); Math.random(); fetch(url)", faults: [] },
    { claim: "words are not uses", file: "src/ir/a.ts", code: '/* Date */ // fetch(\nf("Date", `fetch( ${1}`, /Date/)', faults: [] },
    { claim: "but what stands in a template is", file: "src/ir/a.ts", code: "f(`x ${Date.now()} y`)", faults: ["uses Date"] },
    { claim: "no drawers for everything", file: "src/ir/utils.ts", code: "", faults: ["has a name that says nothing: utils"] },
    { claim: "nor folders of them", file: "src/wire/common/a.ts", code: "", faults: ["has a name that says nothing: common"] },
    {
      claim: "exports are explained",
      file: "src/ir/a.ts",
      code: "/** Why. */\nexport const a = 1;\n\nexport function b() {}",
      faults: ["exports without a docstring: b"],
    },
    {
      claim: "a plain comment explains nothing",
      file: "src/ir/a.ts",
      code: "/* Why. */\nexport class A {}",
      faults: ["exports without a docstring: A"],
    },
    {
      claim: "overloads share one docstring",
      file: "src/ir/a.ts",
      code: "/** Why. */\nexport function a(x: 1): 1;\nexport function a(x: 2): 2;",
      faults: [],
    },
    {
      claim: "no test sleeps",
      file: "test/a.test.ts",
      code: "test.skip(); describe.only(); it.todo(); test.skipIf(x)()",
      faults: [
        "switches a test off: test.skip",
        "switches a test off: describe.only",
        "switches a test off: it.todo",
        "switches a test off: test.skipIf",
      ],
    },
  ])("$claim", ({ file, code, faults }) => {
    expect(faultsOf(file, code)).toEqual([...faults]);
  });
});

test("every file keeps the rules", async () => {
  const faults: string[] = [];
  const used = new Set<Exception>();
  for (const file of new Bun.Glob("{src,test}/**/*.{ts,tsx}").scanSync(ROOT)) {
    for (const fault of faultsOf(file, await Bun.file(join(ROOT, file)).text())) {
      const exception = EXCEPTIONS.find((entry) => entry.file === file && entry.fault === fault);
      if (exception) used.add(exception);
      else faults.push(`${file} ${fault}`);
    }
  }
  expect(faults).toEqual([]);
  expect(EXCEPTIONS.filter((entry) => !used.has(entry))).toEqual([]);
});

/** All that is wrong with a file, by its path from the root. */
function faultsOf(file: string, source: string): string[] {
  const { withoutComments, codeOnly } = readSource(source);
  if (file.startsWith("test/")) return disabledTests(codeOnly);
  const room = roomOf(file);
  if (floorOf(room) < 0) return [`is in no known room: ${room}`];
  return [
    ...badNames(file),
    ...importsOf(source, withoutComments).flatMap((path) => badImport(file, room, path)),
    ...(room === "world" ? [] : WORLDLY.flatMap((pattern) => worldlyUses(codeOnly, pattern))),
    ...undocumentedExports(source, codeOnly),
  ];
}

/** `src/wire/sse.ts` is in `wire`, `src/omni.ts` in `omni`. */
function roomOf(file: string): string {
  return file.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => (rooms as readonly string[]).includes(room));
}

function badNames(file: string): string[] {
  const names = [...dirname(file).split("/"), basename(file).replace(/\..*$/, "")];
  return names.filter((name) => FORBIDDEN_NAMES.includes(name)).map((name) => `has a name that says nothing: ${name}`);
}

/** Bun's scanner knows what is really imported; it leaves out what is only a type, so those are looked for by their look. */
function importsOf(source: string, withoutComments: string): string[] {
  const found = new Set(new Bun.Transpiler({ loader: "ts" }).scanImports(source).map((entry) => entry.path));
  for (const [, path = ""] of withoutComments.matchAll(/\b(?:from|import|import\s*\(|require\s*\()\s*"([^"\n]+)"/g)) found.add(path);
  return [...found];
}

function badImport(file: string, room: string, path: string): string[] {
  if (!path.startsWith(".")) {
    const name = Object.keys(PACKAGES).find((known) => path === known || path.startsWith(`${known}/`));
    return name !== undefined && !PACKAGES[name]?.includes(room) ? [`imports a package of another room: ${path}`] : [];
  }
  const target = normalize(join(dirname(file), path));
  if (!target.startsWith("src/")) return [`imports from outside src: ${target}`];
  if (!/\.\w+$/.test(path)) return [`imports without an ending: ${path}`];
  const other = roomOf(target);
  if (other === room) return [];
  if (floorOf(other) > floorOf(room)) return [`imports up: ${other}`];
  return floorOf(other) === floorOf(room) ? [`imports sideways: ${other}`] : [];
}

function worldlyUses(codeOnly: string, pattern: RegExp): string[] {
  return [...codeOnly.matchAll(pattern)].filter((match) => !isMethod(codeOnly, match)).map((match) => `uses ${match[0]}`);
}

/** `fetch(request) {` and `fetch(request): Response {` make a method of that name, and call nothing. */
function isMethod(codeOnly: string, match: RegExpExecArray): boolean {
  let at = match.index + match[0].length;
  if (codeOnly[at] !== "(") return false;
  let depth = 0;
  do {
    if (codeOnly[at] === "(") depth++;
    if (codeOnly[at] === ")") depth--;
    at++;
  } while (depth > 0 && at < codeOnly.length);
  return /^\s*(?::[^;=,]*)?\{/.test(codeOnly.slice(at));
}

function undocumentedExports(source: string, codeOnly: string): string[] {
  const declaration =
    /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|namespace) ([\w$]+)/gm;
  const documented = new Set<string>();
  const faults: string[] = [];
  for (const match of codeOnly.matchAll(declaration)) {
    const [, name = ""] = match;
    if (/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.test(source.slice(0, match.index))) documented.add(name);
    else if (!documented.has(name)) faults.push(`exports without a docstring: ${name}`);
  }
  return faults;
}

function disabledTests(codeOnly: string): string[] {
  const uses = codeOnly.matchAll(/\b(?:test|it|describe)\s*\.\s*(?:skip|todo|only|skipIf|todoIf|failing)\b/g);
  return [...uses].map((match) => `switches a test off: ${match[0]}`);
}
