import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly kernel: string;
  readonly bun: string;
}

/** Describes the machine that this process runs on. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 1024 / 1024),
    kernel: `${process.platform} ${release()} ${process.arch}`,
    bun: Bun.version,
  };
}

/** Whether the kernel keeps the accounts that CPU figures are read from. */
export function hasAccounting(): boolean {
  return process.platform === "linux" && read(`/proc/${process.pid}/schedstat`) !== undefined;
}

/**
 * The CPU time of a process and all its threads so far, kernel work included. Milliseconds, exact to the microsecond.
 *
 * The scheduler's own books are read, thread by thread: `/proc/PID/stat` moves in steps of 10 ms. A thread that has ended takes its figures along.
 */
export function cpuMs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of list(`/proc/${pid}/task`)) nanoseconds += Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(" ")[0] ?? 0);
  return nanoseconds / 1e6;
}

/** The memory of a process that is really there. Megabytes of 2^20 bytes. */
export function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kb ?? Number.NaN) / 1024;
}

/** What the machine did while something was measured. Cores: 1 is one of them kept busy all the time. */
export interface Noise {
  /** Taken by the hypervisor for other machines. */
  readonly steal: number;
  /** Spent by processes that have no part in the measurement. */
  readonly foreign: number;
}

/** Watches the machine from its making on. */
export class NoiseMeter {
  private readonly ours: readonly number[];
  private readonly startedMs = performance.now();
  private readonly before = readTicks();
  private readonly ownBefore: number;

  /** @param ours The processes that have a part in the measurement. */
  constructor(ours: readonly number[]) {
    this.ours = ours;
    this.ownBefore = this.ownMs();
  }

  /** The noise since the making. */
  read(): Noise {
    const after = readTicks();
    const wallMs = performance.now() - this.startedMs;
    const own = this.ownMs() - this.ownBefore;
    return {
      steal: (after.stealMs - this.before.stealMs) / wallMs,
      foreign: Math.max(0, after.busyMs - this.before.busyMs - own) / wallMs,
    };
  }

  private ownMs(): number {
    return this.ours.reduce((sum, pid) => sum + cpuMs(pid), 0);
  }
}

function readTicks(): { readonly busyMs: number; readonly stealMs: number } {
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, soft = 0, steal = 0] = (read("/proc/stat")?.split("\n", 1)[0] ?? "")
    .split(/\s+/)
    .slice(1)
    .map(Number);
  // The kernel counts in hundredths of a second here, whatever its own tick is.
  return { busyMs: (user + nice + system + interrupts + soft) * 10, stealMs: steal * 10 };
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}
