import type { DrainAnswer, DrainerQuestion, DrainRequest } from "./drain-worker.ts";
import { type LedgerPlace, QuestionDrainer } from "./drainer.ts";

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

/**
 * A drain in a thread of its own, so that a slow disk, a lock or a large batch holds up no request. It is started by the first question, since a thread
 * takes time and memory; one that breaks, or can not open the database, is followed by another.
 */
export class DrainThread extends QuestionDrainer {
  private readonly place: LedgerPlace;
  private readonly epochMs: number;
  private asking: Asking | undefined;
  private opened: Promise<unknown> = Promise.resolve();

  constructor(place: LedgerPlace, epochMs: number) {
    super(undefined, (question) => this.put(question));
    this.place = place;
    this.epochMs = epochMs;
  }

  /**
   * Starts the thread, if it does not run, and opens the database there.
   * @throws {DrainError} What SQLite says, or that the database is of a newer version.
   */
  async start(): Promise<void> {
    await this.running();
  }

  /** Puts a question to the thread. */
  async put(question: DrainerQuestion): Promise<unknown> {
    return (await this.running()).ask(question);
  }

  override async close(): Promise<void> {
    const { asking } = this;
    if (asking === undefined) return;
    try {
      await asking.ask({ type: "close" });
    } finally {
      asking.end();
    }
  }

  private async running(): Promise<Asking> {
    if (this.asking === undefined || this.asking.isBroken) {
      const asking = new Asking(new Worker(WORKER));
      this.asking = asking;
      this.opened = asking.ask({ type: "open", place: this.place, epochMs: this.epochMs });
      // A thread without a database is of no use; the next question gets another.
      this.opened.catch(() => asking.end());
    }
    const { asking } = this;
    await this.opened;
    return asking;
  }
}

/** Questions to a thread, and the promises of their answers. The thread takes them in order. */
class Asking {
  isBroken = false;
  private readonly worker: Worker;
  private readonly waiting: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }[] = [];

  constructor(worker: Worker) {
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<DrainAnswer>) => {
      const asked = this.waiting.shift();
      if (data.ok) asked?.resolve(data.value);
      else asked?.reject(new DrainError(data.message, data.code));
    };
    worker.onerror = ({ message }) => this.fail(`The ledger's thread failed: ${message}`);
    worker.addEventListener("close", () => this.fail("The ledger's thread ended."));
    // It is no reason for the process to go on.
    (worker as unknown as { unref(): void }).unref(); // Bun's workers have it; the type of the web's lacks it.
  }

  ask(request: DrainRequest): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.waiting.push({ resolve, reject });
    if (this.isBroken) this.fail("The ledger's thread ended.");
    else this.worker.postMessage(request);
    return promise;
  }

  end(): void {
    this.fail("The ledger's thread ended.");
    this.worker.terminate();
  }

  private fail(message: string): void {
    this.isBroken = true;
    for (const asked of this.waiting.splice(0)) asked.reject(new DrainError(message, ""));
  }
}
