import type { Diagnostic } from "../../config/diagnostic.ts";
import { type FromWorker, ORDERS, type ToWorker, type WorkerOrders } from "./messages.ts";

/** What a worker that listens has told. */
export interface Listening {
  readonly port: number;
  readonly url: string;
  readonly adminUrl: string | undefined;
}

/** How the end of a worker came. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One worker as its supervisor sees it. */
export class Member {
  readonly seat: number;
  /** Whether it has said that it is there, so that it can be talked to. */
  isThere = false;
  /** Whether another takes, or has taken, its place. */
  isRetiring = false;
  readonly startedMs: number;
  private readonly child: Bun.Subprocess;
  private readonly ready = Promise.withResolvers<Listening | undefined>();
  private readonly end = Promise.withResolvers<void>();
  private readonly adopting = new Map<number, (faults: readonly Diagnostic[] | undefined) => void>();

  /**
   * Starts it.
   * @param args What the program was started with.
   * @param hear Told of all that is not about the worker's own start.
   */
  constructor(
    orders: WorkerOrders,
    args: readonly string[],
    startedMs: number,
    hear: (member: Member, message: FromWorker) => void,
    ended: (member: Member, end: WorkerEnd) => void,
  ) {
    this.seat = orders.seat;
    this.startedMs = startedMs;
    // The binary's own path stands where a script's would, and must not be handed on as an argument.
    const script = Bun.isStandaloneExecutable ? [] : [...process.execArgv, process.argv[1] ?? ""];
    this.child = Bun.spawn([process.execPath, ...script, ...args], {
      env: { ...process.env, [ORDERS]: JSON.stringify(orders) },
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (message: FromWorker) => {
        if (message.type === "listening") this.ready.resolve(message);
        else if (message.type === "adopted") this.adopted(message.turn, message.faults);
        else hear(this, message);
      },
      onExit: (_, code, signal) => {
        this.ready.resolve(undefined);
        for (const turn of [...this.adopting.keys()]) this.adopted(turn, undefined);
        ended(this, { code, signal: signal === null ? null : String(signal) });
        this.end.resolve();
      },
    });
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Resolves when it listens; with undefined if it has ended before. */
  get listening(): Promise<Listening | undefined> {
    return this.ready.promise;
  }

  /** Resolves when it has ended and `ended` was called. */
  get exited(): Promise<void> {
    return this.end.promise;
  }

  tell(message: ToWorker): void {
    // One that has just ended hears nothing, and its end is told elsewhere.
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.send(message);
  }

  /** @returns Its faults, none if it was adopted; undefined if the worker ended meanwhile. */
  adopt(message: ToWorker & { readonly type: "adopt" }): Promise<readonly Diagnostic[] | undefined> {
    const { promise, resolve } = Promise.withResolvers<readonly Diagnostic[] | undefined>();
    this.adopting.set(message.turn, resolve);
    this.tell(message);
    return promise;
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    this.child.kill(signal);
  }

  private adopted(turn: number, faults: readonly Diagnostic[] | undefined): void {
    this.adopting.get(turn)?.(faults);
    this.adopting.delete(turn);
  }
}
