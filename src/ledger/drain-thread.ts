import type { DrainReport } from "./drain.ts";
import type { DrainAnswer, DrainRequest } from "./drain-worker.ts";
import type { Drainer, LedgerFound, LedgerPlace } from "./drainer.ts";

/** What SQLite said in the thread. */
export class DrainError extends Error {
  override readonly name = "DrainError";
  /** Such as `SQLITE_FULL`; empty if it was something else. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

// In the binary, modules are where the sources were when it was built, and this file's own address is that of the whole program.
const WORKER = /\$bunfs|~BUN/.test(import.meta.url) ? "./src/ledger/drain-worker.ts" : new URL("./drain-worker.ts", import.meta.url).href;

/** A drain in a thread of its own, so that a slow disk, a lock or a large batch holds up no request. */
export class DrainThread implements Drainer {
  readonly found: LedgerFound;
  private readonly asking: Asking;

  private constructor(asking: Asking, found: LedgerFound) {
    this.asking = asking;
    this.found = found;
  }

  /** Starts the thread, which opens the ledger and takes in what dead processes left. */
  static async start(place: LedgerPlace, epochMs: number): Promise<DrainThread> {
    const asking = new Asking(new Worker(WORKER));
    try {
      return new DrainThread(asking, (await asking.ask({ type: "open", place, epochMs })) as LedgerFound); // What the worker gives for it.
    } catch (error) {
      asking.end();
      throw error;
    }
  }

  drain(isOver: boolean): Promise<DrainReport> {
    return this.asking.ask({ type: "drain", isOver }) as Promise<DrainReport>; // What the worker gives for it.
  }

  compact(beforeEpochMs: number): Promise<number> {
    return this.asking.ask({ type: "compact", beforeEpochMs }) as Promise<number>; // What the worker gives for it.
  }

  async close(): Promise<void> {
    await this.asking.ask({ type: "close" });
    this.asking.end();
  }
}

/** Questions to a thread, and the promises of their answers. The thread takes them in order. */
class Asking {
  private readonly worker: Worker;
  private readonly waiting: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }[] = [];

  constructor(worker: Worker) {
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<DrainAnswer>) => {
      const asked = this.waiting.shift();
      if (data.ok) asked?.resolve(data.value);
      else asked?.reject(new DrainError(data.message, data.code));
    };
    worker.onerror = ({ message }) => {
      for (const asked of this.waiting.splice(0)) asked.reject(new DrainError(`The ledger's thread failed: ${message}`, ""));
    };
    // It is no reason for the process to go on.
    (worker as unknown as { unref(): void }).unref(); // Bun's workers have it; the type of the web's lacks it.
  }

  ask(request: DrainRequest): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.waiting.push({ resolve, reject });
    this.worker.postMessage(request);
    return promise;
  }

  end(): void {
    this.worker.terminate();
  }
}
