import type { CancelSignal } from "../../world/cancellation.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import { type ReadPage, UnreadablePage, type UnreadPage } from "./page.ts";
import type { ReadAnswer } from "./reader-worker.ts";

/** Two pages are read at a time; a machine that serves has better to do with its other processors. */
const THREADS_MAX = 2;
/** Pages that wait; each is up to 5 MiB. */
const WAITING_MAX = 32;
/** For one page. The longest that people read take two or three seconds. */
const READ_MS_MAX = 10_000;
/** A thread takes some forty megabytes; it is kept while pages come. */
const IDLE_MS_MAX = 30_000;

/** Too many pages wait to be read. */
export class ReaderBusy extends Error {
  override readonly name = "ReaderBusy";
}

interface Job {
  readonly page: UnreadPage;
  readonly signal: CancelSignal;
  readonly resolve: (page: ReadPage) => void;
  readonly reject: (reason: unknown) => void;
}

// In the binary, modules are where the sources were when it was built, and this file's own address is that of the whole program.
const WORKER = /\$bunfs|~BUN/.test(import.meta.url)
  ? "./src/providers/local/reader-worker.ts"
  : new URL("./reader-worker.ts", import.meta.url).href;

/**
 * Reads pages in threads, which are started when there is something to read and ended when there is not, or when a page takes too long: whatever
 * somebody has written into a page holds up nothing but itself.
 */
export class Reader {
  private readonly clock: Clock;
  private readonly msMax: number;
  private readonly idle: ReaderThread[] = [];
  private readonly waiting: Job[] = [];
  private busy = 0;
  private idleTimer: Timer | undefined;

  /** @param msMax How long one page may take. Default 10,000. */
  constructor(clock: Clock, msMax: number = READ_MS_MAX) {
    this.clock = clock;
    this.msMax = msMax;
  }

  /**
   * Reads a page, as soon as there is a thread for it.
   * @throws {UnreadablePage} If there is nothing to read in it, or if it takes too long.
   * @throws {ReaderBusy} If too many wait.
   */
  async read(page: UnreadPage, signal: CancelSignal): Promise<ReadPage> {
    signal.throwIfAborted();
    if (this.waiting.length >= WAITING_MAX) throw new ReaderBusy("Cannot read this page now: too many others wait.");
    const { promise, resolve, reject } = Promise.withResolvers<ReadPage>();
    this.waiting.push({ page, signal, resolve, reject });
    this.next();
    return promise;
  }

  /** Ends the threads that have nothing to do. */
  close(): void {
    for (const thread of this.idle.splice(0)) thread.end();
    if (this.idleTimer !== undefined) this.clock.cancelTimer(this.idleTimer);
    this.idleTimer = undefined;
  }

  private next(): void {
    while (this.busy < THREADS_MAX) {
      const job = this.waiting.shift();
      if (job === undefined) return;
      if (job.signal.aborted) job.reject(job.signal.reason);
      else void this.run(job);
    }
  }

  private async run(job: Job): Promise<void> {
    this.busy++;
    const thread = this.idle.pop() ?? new ReaderThread();
    const timer = this.clock.startTimer(this.msMax, () => {
      thread.end(new UnreadablePage(`It takes longer than ${this.msMax} ms to read.`));
    });
    const leave = (): void => thread.end(job.signal.reason);
    job.signal.addEventListener("abort", leave);
    try {
      job.resolve(await thread.read(job.page));
    } catch (error) {
      job.reject(error);
    } finally {
      this.clock.cancelTimer(timer);
      job.signal.removeEventListener("abort", leave);
      this.busy--;
      this.keep(thread);
      this.next();
    }
  }

  private keep(thread: ReaderThread): void {
    if (thread.isOver) return;
    this.idle.push(thread);
    if (this.idleTimer !== undefined) this.clock.cancelTimer(this.idleTimer);
    this.idleTimer = this.clock.startTimer(IDLE_MS_MAX, () => this.close());
  }
}

/** One thread, which reads one page at a time. */
class ReaderThread {
  isOver = false;
  private readonly worker = new Worker(WORKER);
  private reading: PromiseWithResolvers<ReadPage> | undefined;

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<ReadAnswer>) => {
      const { reading } = this;
      this.reading = undefined;
      if (data.ok) reading?.resolve(data.page);
      else reading?.reject(new UnreadablePage(data.message));
    };
    this.worker.onerror = ({ message }) => this.end(new Error(`The reader's thread failed: ${message}`));
    // It is no reason for the process to go on.
    (this.worker as unknown as { unref(): void }).unref(); // Bun's workers have it; the type of the web's lacks it.
  }

  read(page: UnreadPage): Promise<ReadPage> {
    this.reading = Promise.withResolvers<ReadPage>();
    this.worker.postMessage(page);
    return this.reading.promise;
  }

  /** @param reason What whoever waits for a page gets. */
  end(reason?: unknown): void {
    this.isOver = true;
    this.worker.terminate();
    this.reading?.reject(reason);
    this.reading = undefined;
  }
}
