import { Drain, type DrainReport } from "./drain.ts";
import type { DrainerQuestion } from "./drain-worker.ts";
import { LEDGER_MIGRATIONS } from "./migrations.ts";
import { isDamage, type LedgerDatabase, openDatabase, setAside } from "./open.ts";
import { forget, isAlive } from "./process-lock.ts";
import { compact, type Spent, type SpentQuery, spentBy, type UsageBy, type UsageRow, type UsageSpan, usageBy } from "./report.ts";

/** Who carries the journal over into the tables, away from the requests. */
export interface Drainer {
  /**
   * Takes in what dead processes left, once. Everything else waits for that. Rejects as `drain` does, and can be tried again.
   * @param again Whether to look once more: another process has ended. Default false.
   */
  recover(again?: boolean): Promise<LedgerFound>;
  /**
   * Takes in what is new. Rejects with what SQLite says; nothing is lost by that.
   * @param owner Whose journal. Default: this process's own.
   */
  drain(isOver: boolean, owner?: string): Promise<DrainReport>;
  /** Adds up and takes out what began before a moment. Returns how many attempts that were. */
  compact(beforeEpochMs: number): Promise<number>;
  /** What was used, as of the last drain. */
  usage(by: UsageBy, span: UsageSpan): Promise<UsageRow[]>;
  /** What was spent, as of the last drain. */
  spent(query: SpentQuery): Promise<Spent[]>;
  close(): Promise<void>;
}

/** Where a ledger lies. */
export interface LedgerPlace {
  /** The folder of everything: the database, the journal's segments, the locks of processes. */
  readonly folder: string;
  /** This process's name in it. */
  readonly owner: string;
}

/** What was found of others when the ledger was opened. */
export interface LedgerFound {
  /** Where a damaged database was put; undefined if there was none. */
  readonly setAside: string | undefined;
  /** Attempts that dead processes had left open: their outcome is unknown for good. */
  readonly unknown: number;
  /** Records of dead processes that were still to be taken in. */
  readonly recovered: number;
  /** Lines of their journals that could not be read. */
  readonly spoilt: number;
}

/** A drainer that runs somewhere else: in a thread, or in another process. */
export class QuestionDrainer implements Drainer {
  private readonly owner: string | undefined;
  private readonly ask: (question: DrainerQuestion) => Promise<unknown>;

  /**
   * @param owner Whose journal is meant if nobody says it; undefined for the drainer's own.
   * @param ask Gives what a `LocalDrainer` gives for the same question.
   */
  constructor(owner: string | undefined, ask: (question: DrainerQuestion) => Promise<unknown>) {
    this.owner = owner;
    this.ask = ask;
  }

  recover(again = false): Promise<LedgerFound> {
    return this.ask({ type: "recover", again }) as Promise<LedgerFound>; // As the constructor says; so below.
  }

  drain(isOver: boolean, owner: string | undefined = this.owner): Promise<DrainReport> {
    return this.ask({ type: "drain", isOver, owner }) as Promise<DrainReport>;
  }

  compact(beforeEpochMs: number): Promise<number> {
    return this.ask({ type: "compact", beforeEpochMs }) as Promise<number>;
  }

  usage(by: UsageBy, span: UsageSpan): Promise<UsageRow[]> {
    return this.ask({ type: "usage", by, span }) as Promise<UsageRow[]>;
  }

  spent(query: SpentQuery): Promise<Spent[]> {
    return this.ask({ type: "spent", query }) as Promise<Spent[]>;
  }

  /** Whoever runs it closes it. */
  async close(): Promise<void> {}
}

/** The database's file in a ledger's folder. */
export function ledgerFile(folder: string): string {
  return `${folder}/ledger.sqlite`;
}

/** A drain on this very thread: what the thread of `drain-worker.ts` runs, and what commands and tests use. */
export class LocalDrainer implements Drainer {
  private readonly place: LedgerPlace;
  private readonly epochMs: number;
  private readonly busyMsMax: number;
  private database: LedgerDatabase;
  /** With its statements prepared: once per database. */
  private ready: { readonly database: LedgerDatabase; readonly drain: Drain } | undefined;
  private setAside: string | undefined;
  private found: LedgerFound | undefined;

  /** Opens the database. */
  constructor(place: LedgerPlace, epochMs: number, busyMsMax: number) {
    this.place = place;
    this.epochMs = epochMs;
    this.busyMsMax = busyMsMax;
    const opened = openDatabase(ledgerFile(place.folder), LEDGER_MIGRATIONS, epochMs, { busyMsMax });
    this.database = opened.database;
    this.setAside = opened.setAside;
  }

  async recover(again = false): Promise<LedgerFound> {
    if (again) this.found = undefined;
    return this.recovered();
  }

  async drain(isOver: boolean, owner: string = this.place.owner): Promise<DrainReport> {
    this.recovered();
    return this.undamaged(() => this.drainOf(this.database).run(owner, isOver));
  }

  async compact(beforeEpochMs: number): Promise<number> {
    this.recovered();
    return compact(this.database, beforeEpochMs);
  }

  async usage(by: UsageBy, span: UsageSpan): Promise<UsageRow[]> {
    this.recovered();
    return usageBy(this.database, by, span);
  }

  async spent(query: SpentQuery): Promise<Spent[]> {
    this.recovered();
    return spentBy(this.database, query);
  }

  async close(): Promise<void> {
    try {
      this.database.sqlite.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      this.database.sqlite.close();
    }
  }

  private drainOf(database: LedgerDatabase): Drain {
    if (this.ready?.database !== database) this.ready = { database, drain: new Drain(database, this.place.folder) };
    return this.ready.drain;
  }

  private recovered(): LedgerFound {
    if (this.found !== undefined) return this.found;
    const { unknown, records, spoilt } = this.undamaged(() => this.takeOver());
    this.found = { setAside: this.setAside, unknown, recovered: records, spoilt };
    return this.found;
  }

  private takeOver(): ReturnType<Drain["recover"]> {
    const { folder, owner } = this.place;
    const report = this.drainOf(this.database).recover((other) => other === owner || isAlive(folder, other), this.epochMs);
    for (const dead of report.owners) forget(folder, dead);
    return report;
  }

  /**
   * When the database turns out to be damaged, it is put aside and a new one is begun; what the journal still has goes there. Once in a process's life: a
   * disk that spoils everything must not be filled with what it spoilt.
   */
  private undamaged<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!isDamage(error) || this.setAside !== undefined) throw error;
      const file = ledgerFile(this.place.folder);
      this.database.sqlite.close();
      this.setAside = setAside(file, this.epochMs);
      this.database = openDatabase(file, LEDGER_MIGRATIONS, this.epochMs, { busyMsMax: this.busyMsMax }).database;
      return run();
    }
  }
}
