import { type Pipeline, readShell, type Stage } from "./shell-words.ts";

/** A program whose output is in a result. */
export interface Invocation {
  /** The program without its folder, then its arguments. */
  readonly words: readonly string[];
  /** `read`: it shows a file, of which nothing may be missing. */
  readonly kind: "run" | "read";
}

/** Shells in shells, wrappers in wrappers: more than this is no honest command. */
const DEPTH_MAX = 8;

/**
 * Finds the programs whose output a command line leaves on the screen: of a pipe the last stage that says something of its own, past `cd`,
 * variables, `sudo`, `timeout`, `npx`, `bash -lc "…"`, `ssh host …` and their like.
 */
export function invocationsOf(command: string): Invocation[] {
  return inShell(command, 0);
}

function inShell(text: string, depth: number): Invocation[] {
  return depth > DEPTH_MAX ? [] : readShell(text).flatMap((pipeline) => inPipeline(pipeline, depth));
}

function inPipeline(pipeline: Pipeline, depth: number): Invocation[] {
  for (let index = pipeline.length - 1; index >= 0; index--) {
    const stage = pipeline[index] as Stage; // The index is within.
    if (stage.hidden) return [];
    const found = inWords(stage.words, depth);
    if (found.length === 0 && index === 0) return [];
    if (index > 0 && found.every(passesThrough)) continue;
    return found;
  }
  return [];
}

/** Programs that show lines of what they are given, and add nothing. */
function passesThrough({ words }: Invocation): boolean {
  const [program = "", ...args] = words;
  if (program === "grep" || program === "rg" || program === "egrep")
    return args.some((arg) => /^-\w*v/.test(arg) || arg === "--invert-match");
  return PASSING.has(program);
}

const PASSING = new Set(["head", "tail", "tee", "cat", "less", "more", "sort", "uniq", "column", "sed", "nl", "strings", "ts"]);

/** Programs that print nothing worth a thought. */
const QUIET = new Set(
  `cd pushd popd export set unset source . true false : sleep mkdir touch rm cp mv chmod chown ln umask ulimit wait kill trap alias shopt declare
  local read test [ [[ exit return break continue for while until if case esac fi done select function echo printf date pwd clear nvm`.split(
    /\s+/,
  ),
);

const READERS = new Set("cat head tail less more bat batcat nl sed awk gawk tac xxd hexdump od strings cut type get-content gc".split(" "));

const KEYWORDS = new Set(["then", "do", "else", "!", "{", "}", "elif"]);

function inWords(given: readonly string[], depth: number): Invocation[] {
  let words = given;
  for (let turn = 0; turn <= DEPTH_MAX; turn++) {
    while (words.length > 0 && (KEYWORDS.has(words[0] ?? "") || /^\w+=/.test(words[0] ?? ""))) words = words.slice(1);
    const [first = "", ...args] = words;
    if (first === "") return [];
    const program = programOf(first);
    words = [program, ...args];
    const shell = shellTextOf(program, args);
    if (shell !== undefined) return inShell(shell, depth + 1);
    const within = unwrap(program, args);
    if (within === undefined) break;
    words = within;
  }
  const [program = "", ...args] = words;
  if (QUIET.has(program) || (program === "sed" && args.some((arg) => /^-\w*i|^--in-place/.test(arg)))) return [];
  return [{ words, kind: isRead(program, args) ? "read" : "run" }];
}

function programOf(word: string): string {
  const name = word.slice(Math.max(word.lastIndexOf("/"), word.lastIndexOf("\\")) + 1);
  return /\.(?:exe|cmd)$/i.test(name) ? name.slice(0, -4) : name;
}

function isRead(program: string, args: readonly string[]): boolean {
  if (READERS.has(program.toLowerCase())) return true;
  if (program !== "git") return false;
  const [verb = "", ...rest] = positionalsOf("git", args);
  // `git show HEAD:file` prints the file.
  return verb === "cat-file" || verb === "blame" || (verb === "show" && rest.some((arg) => /^[^:]+:[^:]/.test(arg)));
}

/** The text that a shell is given to run. */
function shellTextOf(program: string, args: readonly string[]): string | undefined {
  if (program === "eval") return args.join(" ");
  if (!/^(?:ba|z|da|a|k|fi)?sh$|^pwsh$|^powershell$/.test(program)) return undefined;
  const flag = args.findIndex((arg) => /^-[a-zA-Z]*c$/i.test(arg) || /^-command$/i.test(arg));
  return flag === -1 ? undefined : args[flag + 1];
}

/** Flags that take the next word as their value, by program; without them a value would be taken for a verb. */
const VALUE_FLAGS: Readonly<Record<string, string>> = {
  git: "-C -c --git-dir --work-tree --namespace",
  docker:
    "-H --host --context -c --config -l --log-level -f --file -p --project-name --profile --env-file --project-directory -e --env -u --user -w --workdir",
  "docker-compose": "-f --file -p --project-name --profile --env-file --project-directory",
  kubectl: "-n --namespace --context --kubeconfig --cluster --user -c --container",
  npm: "--prefix -w --workspace -C",
  pnpm: "--filter -F -C --dir",
  yarn: "--cwd",
  cargo: "--manifest-path -Z --config",
  make: "-C -f --file --directory -I",
  go: "-C",
  aws: "--region --profile --output --endpoint-url",
  gcloud: "--project --account --configuration",
  gh: "-R --repo",
  uv: "--directory --project --python -p --with --extra --group",
  turbo: "--filter --cwd",
  sudo: "-u -g -h -p -C -U",
  env: "-u -C -S",
  nice: "-n",
  ionice: "-c -n -p",
  timeout: "-s -k --signal --kill-after",
  stdbuf: "-i -o -e",
  xargs: "-I -n -P -L -d -E -s -a",
  npx: "-p --package -c --call",
  bunx: "-p --package",
  uvx: "--from --with --python -p",
  ssh: "-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w",
};

const VALUE_FLAG_SETS = new Map(Object.entries(VALUE_FLAGS).map(([program, flags]) => [program, new Set(flags.split(" "))]));

/** The arguments that are neither flags nor their values, from the first one on. */
export function positionalsOf(program: string, args: readonly string[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < args.length; at = nextAfter(program, args, at)) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("-") && !(program === "cargo" && arg.startsWith("+"))) found.push(arg);
  }
  return found;
}

function nextAfter(program: string, args: readonly string[], at: number): number {
  return VALUE_FLAG_SETS.get(program)?.has(args[at] ?? "") === true ? at + 2 : at + 1;
}

/** What follows the flags of a wrapper, and `skip` words more. */
function restOf(program: string, args: readonly string[], skip = 0): string[] | undefined {
  let left = skip;
  for (let at = 0; at < args.length; at = nextAfter(program, args, at)) {
    const arg = args[at] ?? "";
    if (arg === "--" && left === 0) return orNothing(args.slice(at + 1));
    if (arg.startsWith("-") || (program === "env" && /^\w+=/.test(arg))) continue;
    if (left === 0) return args.slice(at);
    left--;
  }
  return undefined;
}

function orNothing(words: string[]): string[] | undefined {
  return words.length > 0 ? words : undefined;
}

const PLAIN_WRAPPERS = new Set(
  "sudo doas env time nice ionice nohup setsid stdbuf command builtin exec unbuffer chronic xargs npx bunx uvx xvfb-run dotenv cross-env".split(
    " ",
  ),
);

/** Verbs of package managers that run another program: how many words come before it. */
const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  npm: ["exec", "x"],
  pnpm: ["exec", "dlx"],
  yarn: ["exec", "dlx"],
  bun: ["x"],
  uv: ["run"],
  poetry: ["run"],
  pipenv: ["run"],
  pipx: ["run"],
  pdm: ["run"],
  hatch: ["run"],
  bundle: ["exec"],
};

/** What a wrapper runs; undefined if the program runs nothing but itself. */
function unwrap(program: string, args: readonly string[]): string[] | undefined {
  if (PLAIN_WRAPPERS.has(program)) return restOf(program, args);
  if (program === "timeout") return restOf(program, args, 1);
  if (/^(?:python|pypy)[\d.]*$/.test(program)) {
    const flag = args.indexOf("-m");
    return flag === -1 ? undefined : orNothing(args.slice(flag + 1));
  }
  if (program === "node") {
    const script = restOf(program, args);
    return script?.[0]?.includes("node_modules/") === true ? script : undefined;
  }
  if (program === "ssh") {
    const remote = restOf(program, args, 1);
    return remote === undefined ? undefined : ["sh", "-c", remote.join(" ")];
  }
  if (RUNNERS[program] !== undefined) return runnerRest(program, args);
  if (program === "docker" || program === "docker-compose" || program === "kubectl") return containerRest(program, args);
  return undefined;
}

function runnerRest(program: string, args: readonly string[]): string[] | undefined {
  const [verb = ""] = positionalsOf(program, args);
  if (!RUNNERS[program]?.includes(verb)) return undefined;
  return restOf(program, args.slice(args.indexOf(verb) + 1));
}

function containerRest(program: string, args: readonly string[]): string[] | undefined {
  const verb = args.indexOf("exec");
  const before = positionalsOf(program, args.slice(0, verb)).filter((word) => word !== "compose");
  if (verb === -1 || before.length > 0) return undefined;
  const own = args.slice(verb + 1);
  const dashes = own.indexOf("--");
  return dashes === -1 ? restOf(program, own, 1) : orNothing(own.slice(dashes + 1));
}
