import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchFailure } from "./failure.ts";
import type { LoadJob, LoadResult } from "./load.ts";

/** Verbs of `omni bench` that are not for people: what each of its processes runs. */
export type Role = "__upstream" | "__pass-through" | "__load";

/** How to start this very program again: the binary by itself, from source with the runtime that runs now. */
export function selfCommand(): readonly string[] {
  return Bun.isStandaloneExecutable ? [process.execPath] : [process.execPath, "--no-install", join(import.meta.dir, "../scripts/omni.ts")];
}

/** Who runs where: the process under test has a core to itself, load and upstream share another. */
export interface Cores {
  readonly gateway: number;
  readonly load: number;
}

/** @returns undefined where there are no two cores or no `taskset`: then the kernel decides. */
export function findCores(): Cores | undefined {
  if (Bun.which("taskset") === null) return undefined;
  const [gateway, load] = allowedCores();
  return gateway === undefined || load === undefined ? undefined : { gateway, load };
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  });
}

/** Puts a command on one core. `taskset` becomes the command itself, so the process keeps its id. */
export function pinned(command: readonly string[], core: number | undefined): string[] {
  return core === undefined ? [...command] : ["taskset", "-c", String(core), ...command];
}

const started: Set<Bun.Subprocess> = new Set();
const folders: Set<string> = new Set();

/** Stops whatever was started and still runs, and removes what was written for it. Also for when the benchmark itself is interrupted. */
export function cleanUp(): void {
  for (const child of started) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A folder that lasts until `cleanUp`. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `omni-bench-${name}-`));
  folders.add(folder);
  return folder;
}

/** Notes a process, so that none is left behind. */
export function adopt<Child extends Bun.Subprocess>(child: Child): Child {
  started.add(child);
  void child.exited.then(() => started.delete(child));
  return child;
}

/** A process of this program in one of its roles. It ends when its standard input does, so it can not outlive the benchmark. */
export class RoleProcess {
  readonly child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  private readonly lines: AsyncIterator<string>;

  constructor(role: Role, args: readonly string[], core: number | undefined, env: Readonly<Record<string, string>> = {}) {
    this.child = adopt(
      Bun.spawn(pinned([...selfCommand(), "bench", role, ...args], core), {
        env: { ...process.env, ...env },
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    this.lines = linesOf(this.child.stdout);
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.child.stdin.write(`${line}\n`);
    this.child.stdin.flush();
  }

  /** The next line that it writes. */
  async hear(): Promise<string> {
    const { done, value } = await this.lines.next();
    if (done === true) throw new BenchFailure(`A process of the benchmark ended with ${await this.child.exited}.`);
    return value;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }
}

/** The load generator in its own process: warm for all that it measures, and its own CPU kept apart. */
export class LoadProcess {
  private readonly role: RoleProcess;

  constructor(core: number | undefined) {
    this.role = new RoleProcess("__load", [], core);
  }

  get pid(): number {
    return this.role.pid;
  }

  async run(job: LoadJob): Promise<LoadResult> {
    this.role.tell(JSON.stringify(job));
    const line = JSON.parse(await this.role.hear()) as LoadResult | { readonly error: string }; // Written by our own `runLoad`.
    if ("error" in line) throw new BenchFailure(`Cannot run the load against port ${job.port}: ${line.error}`);
    return line;
  }

  stop(): Promise<void> {
    return this.role.stop();
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

/**
 * What a process in a role does, until its standard input ends.
 *
 * @param args What follows the role.
 * @returns undefined if that is no role.
 */
export async function playRole(role: string | undefined, args: readonly string[]): Promise<number | undefined> {
  switch (role) {
    case "__upstream": {
      const { startUpstream } = await import("./upstream.ts");
      console.log(startUpstream(0).port);
      return untilInputEnds(() => {});
    }
    case "__pass-through": {
      const { startPassThrough } = await import("./pass-through.ts");
      console.log(startPassThrough(0, args[0] ?? "").port);
      return untilInputEnds(() => {});
    }
    case "__load": {
      const { runLoad } = await import("./load.ts");
      return untilInputEnds(async (line) => {
        const job = JSON.parse(line) as LoadJob; // Written by our own `LoadProcess`.
        const answer = await runLoad(job).catch((error: unknown) => ({ error: String(error) }));
        console.log(JSON.stringify(answer));
      });
    }
    default:
      return undefined;
  }
}

async function untilInputEnds(take: (line: string) => void | Promise<void>): Promise<never> {
  for await (const line of linesOf(Bun.stdin.stream())) await take(line);
  // What listens would keep the process up.
  process.exit(0);
}
