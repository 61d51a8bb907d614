import { LoadConnection, type LoadListener } from "./load-connection.ts";
import { cpuMs, residentMb } from "./machine.ts";
import { Series } from "./statistics.ts";
import { type Behaviour, BULK_EVENTS, httpRequest, requestBody, STAMP } from "./traffic.ts";

/** One measurement, as the load generator is asked for it. */
export interface LoadJob {
  readonly port: number;
  /** Whose CPU and memory is read at both ends of the measurement. */
  readonly pid: number;
  readonly path: string;
  readonly behaviour: Behaviour;
  readonly bodyBytes: number;
  /** Closed loop: so many connections, each asking again when it has its answer. Open loop: the most there may be. */
  readonly connections: number;
  /** Open loop: requests per second, sent when they are due and not when there is time. Absent: closed loop. */
  readonly ratePerSecond?: number;
  /** What runs before anything is counted. */
  readonly warmMs: number;
  readonly measuredMs: number;
}

/** What came of it. */
export interface LoadResult {
  /** Answers that were complete and good. */
  readonly answers: number;
  /** Answers that were neither, and connections that broke. Not 0: the figures mean nothing. */
  readonly failures: number;
  /** Events of streams. In bulk every complete answer stands for its known number of them. */
  readonly events: number;
  readonly elapsedMs: number;
  /** Of the process under test, all threads. */
  readonly cpuMs: number;
  readonly rssMb: number;
  /** From when a request was due to the end of its answer; for streams, to the first byte of its body. Milliseconds. */
  readonly latencyMs: Quantiles;
  /** Of paced events: from the write upstream to the arrival here. Milliseconds. */
  readonly delayMs: Quantiles;
  /** Open loop: how late the generator itself sent. Milliseconds. It is part of the latency. */
  readonly lateMs: Quantiles;
  /** CPU of the load generator itself in the same time. */
  readonly loadCpuMs: number;
}

/** NaN where nothing was counted; that is null in JSON. */
export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** Runs one measurement from the first connection to the last answer. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const run = new LoadRun(job);
  try {
    return await run.measure();
  } finally {
    run.close();
  }
}

class LoadRun implements LoadListener {
  private readonly job: LoadJob;
  private readonly request: Uint8Array;
  private readonly connections: LoadConnection[] = [];
  private readonly idle: LoadConnection[] = [];
  private readonly latencies = new Series();
  private readonly delays = new Series();
  private readonly lateness = new Series();
  private answers = 0;
  private failures = 0;
  private pacedEvents = 0;
  private over = false;
  private awaited: (() => void) | undefined;

  constructor(job: LoadJob) {
    this.job = job;
    this.request = httpRequest(job.path, `127.0.0.1:${job.port}`, requestBody(job.behaviour, job.bodyBytes));
  }

  async measure(): Promise<LoadResult> {
    const { job } = this;
    const opened = job.ratePerSecond === undefined ? job.connections : Math.min(job.connections, 16);
    for (let count = 0; count < opened; count++) await this.connect();
    if (job.ratePerSecond !== undefined) return this.measureOpenLoop(job.ratePerSecond);
    for (const connection of this.idle.splice(0)) connection.send(this.request, performance.now());
    await Bun.sleep(job.warmMs);
    const window = this.startWindow();
    await Bun.sleep(job.measuredMs);
    return window();
  }

  /**
   * Sends each request when it is due, whether or not the earlier ones are answered, and counts from when it was due: a stall then shows in all
   * requests that fell into it, and not in one alone.
   */
  private async measureOpenLoop(ratePerSecond: number): Promise<LoadResult> {
    const gapMs = 1000 / ratePerSecond;
    const { warmMs, measuredMs } = this.job;
    const startMs = performance.now() + gapMs;
    const warmCount = Math.ceil(warmMs / gapMs);
    const count = warmCount + Math.ceil(measuredMs / gapMs);
    let window: (() => LoadResult) | undefined;
    for (let number = 0; number < count; number++) {
      if (number === warmCount) window = this.startWindow();
      const dueMs = startMs + number * gapMs;
      await this.waitUntil(dueMs);
      this.lateness.add(performance.now() - dueMs);
      const connection = this.idle.pop() ?? (this.connections.length < this.job.connections ? await this.connect(true) : undefined);
      if (connection === undefined) this.failures++;
      else connection.send(this.request, dueMs);
    }
    const graceEndMs = performance.now() + 1_000;
    while (this.underWay > 0 && performance.now() < graceEndMs) await this.nextEnd(10);
    this.failures += this.underWay;
    return window!(); // The count has more than the warm ones.
  }

  /** Timers move in whole milliseconds. With nothing under way the thread can sleep exactly; otherwise the next answer is waited for first. */
  private async waitUntil(dueMs: number): Promise<void> {
    for (;;) {
      const leftMs = dueMs - performance.now();
      if (leftMs <= 0) return;
      if (this.underWay > 0 && leftMs > 1) await this.nextEnd(Math.floor(leftMs));
      else if (leftMs > WAKE_MS) Atomics.wait(NEVER, 0, 0, leftMs - WAKE_MS);
    }
  }

  private get underWay(): number {
    return this.connections.length - this.idle.length;
  }

  private nextEnd(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.awaited = () => {
        clearTimeout(timer);
        this.awaited = undefined;
        resolve();
      };
    });
  }

  private startWindow(): () => LoadResult {
    const { pid } = this.job;
    this.answers = 0;
    this.failures = 0;
    this.pacedEvents = 0;
    for (const series of [this.latencies, this.delays, this.lateness]) series.clear();
    const ownCpuMs = cpuMs(process.pid);
    const startedMs = performance.now();
    const startedCpuMs = cpuMs(pid);
    return () => {
      const usedMs = cpuMs(pid) - startedCpuMs;
      const elapsedMs = performance.now() - startedMs;
      this.over = true;
      return {
        answers: this.answers,
        failures: this.failures,
        events: this.job.behaviour === "bulk" ? this.answers * BULK_EVENTS : this.pacedEvents,
        elapsedMs,
        cpuMs: usedMs,
        rssMb: residentMb(pid),
        latencyMs: quantilesOf(this.latencies),
        delayMs: quantilesOf(this.delays),
        lateMs: quantilesOf(this.lateness),
        loadCpuMs: cpuMs(process.pid) - ownCpuMs,
      };
    };
  }

  close(): void {
    this.over = true;
    for (const connection of this.connections) connection.close();
  }

  private async connect(inUse = false): Promise<LoadConnection> {
    const connection = new LoadConnection(this);
    await connection.open(this.job.port);
    this.connections.push(connection);
    if (!inUse) this.idle.push(connection);
    return connection;
  }

  began(connection: LoadConnection): void {
    if (this.job.behaviour !== "whole") this.latencies.add(performance.now() - connection.dueMs);
  }

  received(bytes: Buffer): void {
    if (this.job.behaviour !== "paced") return;
    const nowMs = performance.timeOrigin + performance.now();
    for (let at = bytes.indexOf(STAMP); at >= 0; at = bytes.indexOf(STAMP, at + 1)) {
      const leftMs = Number.parseFloat(bytes.toString("latin1", at + STAMP.length, at + STAMP.length + 20));
      this.delays.add(nowMs - leftMs);
      this.pacedEvents++;
    }
  }

  ended(connection: LoadConnection, good: boolean): void {
    const { behaviour, ratePerSecond } = this.job;
    if (this.over) return;
    const nowMs = performance.now();
    if (!good || (behaviour !== "whole" && !connection.sawDone)) this.failures++;
    else this.answers++;
    if (behaviour === "whole") this.latencies.add(nowMs - connection.dueMs);
    if (ratePerSecond === undefined) {
      connection.send(this.request, nowMs);
      return;
    }
    this.idle.push(connection);
    this.awaited?.();
  }

  broke(connection: LoadConnection): void {
    if (this.over) return;
    this.failures++;
    this.connections.splice(this.connections.indexOf(connection), 1);
    this.awaited?.();
    if (this.job.ratePerSecond !== undefined) return;
    // Whoever breaks a connection gets no less load for it.
    this.connect(true).then(
      (next) => next.send(this.request, performance.now()),
      () => this.failures++,
    );
  }
}

/** How long before its time the generator wakes from exact sleep; the rest it spins. */
const WAKE_MS = 0.12;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

function quantilesOf(series: Series): Quantiles {
  const [p50 = Number.NaN, p90 = Number.NaN, p99 = Number.NaN] = series.quantiles(0.5, 0.9, 0.99);
  return { p50, p90, p99 };
}
