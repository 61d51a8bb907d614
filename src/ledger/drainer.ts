import { Drain, type DrainReport } from "./drain.ts";
import { LEDGER_MIGRATIONS } from "./migrations.ts";
import { isDamage, type LedgerDatabase, openDatabase, setAside } from "./open.ts";
import { forget, isAlive } from "./process-lock.ts";
import { compact, type Spent, type SpentQuery, spentBy, type UsageBy, type UsageRow, type UsageSpan, usageBy } from "./report.ts";

/** Who carries the journal over into the tables, away from the requests. */
export interface Drainer {
  /** Takes in what dead processes left, once. Everything else waits for that. Rejects as `drain` does, and can be tried again. */
  recover(): Promise<LedgerFound>;
  /** Takes in what is new. Rejects with what SQLite says; nothing is lost by that. */
  drain(isOver: boolean): Promise<DrainReport>;
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

  async recover(): Promise<LedgerFound> {
    return this.recovered();
  }

  async drain(isOver: boolean): Promise<DrainReport> {
    this.recovered();
    return this.undamaged(() => new Drain(this.database, this.place.folder).run(this.place.owner, isOver));
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

  private recovered(): LedgerFound {
    if (this.found !== undefined) return this.found;
    const { unknown, records, spoilt } = this.undamaged(() => this.takeOver());
    this.found = { setAside: this.setAside, unknown, recovered: records, spoilt };
    return this.found;
  }

  private takeOver(): ReturnType<Drain["recover"]> {
    const { folder, owner } = this.place;
    const report = new Drain(this.database, folder).recover((other) => other === owner || isAlive(folder, other), this.epochMs);
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
