import { OmniError } from "../ir/failure.ts";
import type { Clock, Timer } from "../world/clock.ts";
import type { AttemptOpened, AttemptOutcome, OpenAttempt } from "./attempt.ts";
import type { Drainer } from "./drainer.ts";
import type { Journal } from "./journal.ts";
import type { Rates } from "./price.ts";
import type { Spent, SpentQuery, UsageBy, UsageRow, UsageSpan } from "./report.ts";

/** How the ledger behaves when it has no room. */
export interface LedgerOptions {
  /** `deny`: attempts that it can not take down are not made (503 `ledger_unavailable`). `allow`: they are, and are counted as lost. Default `deny`. */
  readonly onFailure?: "deny" | "allow";
  /** How long rows may wait before they are in the tables. Default 250. */
  readonly drainEveryMs?: number;
  /** How much of the journal may wait for the tables, in bytes. Default 1 GiB. */
  readonly backlogBytesMax?: number;
  /** How many days single attempts are kept; then they are added up by day. Default 90. */
  readonly keepDays?: number;
  /** Told once when the ledger stops to work as it should, and once when it does again. */
  readonly changed?: (state: LedgerState) => void;
}

/** How the ledger is. */
export interface LedgerState {
  /** What keeps the journal from being written. */
  readonly journalFailure: string | undefined;
  /** What keeps rows from going into the tables. The journal has them meanwhile. */
  readonly drainFailure: string | undefined;
  readonly backlogBytes: number;
  /** Records that there was no room for, in this process's life. */
  readonly lost: number;
  /** Lines of the journal that could not be read. */
  readonly spoilt: number;
}

/**
 * The ledger as the gateway knows it: an attempt is opened before it is sent and settled once. Both are one synchronous line in the journal; the tables
 * follow behind, in another thread. One per process.
 */
export class Ledger {
  private readonly journal: Journal;
  private readonly drainer: Drainer;
  private readonly clock: Clock;
  private readonly options: Required<LedgerOptions>;
  private readonly pricesTold = new Set<string>();
  private timer: Timer | undefined;
  private drained = 0;
  private spoilt = 0;
  /** Attempts that there was no room for behind what waits for the tables. */
  private lost = 0;
  private drainFailure: string | undefined;
  private told = "";
  private draining: Promise<void> = Promise.resolve();
  private isClosed = false;
  private compactedEpochMs = Number.NEGATIVE_INFINITY;

  constructor(journal: Journal, drainer: Drainer, clock: Clock, options: LedgerOptions = {}) {
    this.journal = journal;
    this.drainer = drainer;
    this.clock = clock;
    this.options = { onFailure: "deny", drainEveryMs: 250, backlogBytesMax: 2 ** 30, keepDays: 90, changed: () => {}, ...options };
    this.schedule();
  }

  get state(): LedgerState {
    const { failure } = this.journal;
    return {
      journalFailure: failure === undefined ? undefined : failure instanceof Error ? failure.message : String(failure),
      drainFailure: this.drainFailure,
      backlogBytes: this.backlogBytes,
      lost: this.lost + this.journal.lost,
      spoilt: this.spoilt,
    };
  }

  /**
   * Whether metered work may begin. To be called at admission.
   * @throws {OmniError} `ledger_unavailable`, if what it will cost could not be taken down and the operator does not want that.
   */
  checkRoom(): void {
    if (this.options.onFailure === "deny" && !this.hasRoom()) throw unavailable();
  }

  /** Takes down what a price is, once, so that rows can be reckoned again for good. */
  knowPrice(version: string, name: string, rates: Rates): void {
    if (this.pricesTold.has(version)) return;
    if (this.journal.append({ type: "price", version, name, rates }, this.clock.nowMs())) this.pricesTold.add(version);
  }

  /**
   * Takes down that an attempt begins. Must be called before anything of it is sent. On the hot path.
   * @throws {OmniError} `ledger_unavailable`, as in `checkRoom`.
   */
  open(opened: AttemptOpened): OpenAttempt {
    const isKept = this.append(opened);
    if (!isKept && this.options.onFailure === "deny") throw unavailable();
    return { opened, state: isKept ? "open" : "lost" };
  }

  /** Takes down what came of it. Only the first call counts. Never throws; on the hot path. */
  settle(attempt: OpenAttempt, outcome: AttemptOutcome): void {
    if (attempt.state !== "open") return;
    attempt.state = "settled";
    const { requestId, attempt: number } = attempt.opened;
    this.journal.append({ type: "settle", requestId, attempt: number, outcome }, this.clock.nowMs());
  }

  /** Brings the tables up to the journal. Never rejects; what kept it from that is in `state`. */
  async flush(): Promise<void> {
    this.draining = this.draining.then(() => this.drain(false));
    await this.draining;
  }

  /** What was used up to now. */
  async usage(by: UsageBy, span: UsageSpan = {}): Promise<UsageRow[]> {
    await this.flush();
    return this.drainer.usage(by, span);
  }

  /** What was spent up to now. */
  async spent(query: SpentQuery): Promise<Spent[]> {
    await this.flush();
    return this.drainer.spent(query);
  }

  /** Takes the last lines in and lets go of everything. Attempts that are still open stay so, and become `unknown` at the next start. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.timer !== undefined) this.clock.cancelTimer(this.timer);
    this.journal.close(this.clock.nowMs());
    if (this.journal.bytesWritten > 0) this.draining = this.draining.then(() => this.drain(true));
    await this.draining;
    // What the last drain could not take in lies in the journal, and is taken in at the next start.
    await this.drainer.close().catch(() => {});
  }

  private append(opened: AttemptOpened): boolean {
    // Whoever is refused when there is no room was refused at admission; what was let in is taken down.
    if (this.options.onFailure === "deny" || this.backlogBytes < this.options.backlogBytesMax)
      return this.journal.append({ type: "open", opened }, this.clock.nowMs());
    this.lost++;
    return false;
  }

  private get backlogBytes(): number {
    return this.journal.bytesWritten - this.drained;
  }

  private hasRoom(): boolean {
    return this.journal.hasRoom(this.clock.nowMs()) && this.backlogBytes < this.options.backlogBytesMax;
  }

  private schedule(): void {
    this.timer = this.clock.startTimer(this.options.drainEveryMs, () => {
      this.journal.retry(this.clock.nowMs());
      if (!this.isDue) this.schedule();
      else
        void this.flush().then(() => {
          if (!this.isClosed) this.schedule();
        });
    });
  }

  /** Whether there is anything to do: as long as nothing was written the thread is not even started. */
  private get isDue(): boolean {
    if (this.backlogBytes > 0 || this.drainFailure !== undefined || this.journal.failure !== undefined) return true;
    return this.drained > 0 && this.clock.epochMs() - this.compactedEpochMs >= DAY_MS;
  }

  private async drain(isOver: boolean): Promise<void> {
    try {
      const { bytes, spoilt } = await this.drainer.drain(isOver);
      this.drained += bytes;
      this.spoilt += spoilt;
      this.drainFailure = undefined;
      if (!isOver) await this.compact();
    } catch (error) {
      this.drainFailure = error instanceof Error ? error.message : String(error);
    }
    this.tell();
  }

  /** Once a day is enough; the first time comes with the first drain, since a process may not live for a day. */
  private async compact(): Promise<void> {
    const epochMs = this.clock.epochMs();
    if (epochMs - this.compactedEpochMs < DAY_MS) return;
    await this.drainer.compact(epochMs - this.options.keepDays * DAY_MS);
    this.compactedEpochMs = epochMs;
  }

  private tell(): void {
    const { state } = this;
    // While records are lost it is told when they have doubled, not for each.
    const now = `${state.journalFailure ?? ""}|${state.drainFailure ?? ""}|${Math.clz32(state.lost)}|${state.spoilt}`;
    if (now === this.told || (this.told === "" && now === "||32|0")) return;
    this.told = now;
    this.options.changed(state);
  }
}

const DAY_MS = 86_400_000;

function unavailable(): OmniError {
  return new OmniError("ledger_unavailable", "Cannot take requests now: what they cost can not be recorded. The gateway's log says why.", {
    retryAfterMs: 5_000,
  });
}
