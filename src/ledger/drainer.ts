import { openDatabase } from "./open.ts";
import { Drain, type DrainReport } from "./drain.ts";
import { compact } from "./report.ts";
import { forget, isAlive } from "./process-lock.ts";
import { LEDGER_MIGRATIONS } from "./migrations.ts";

/** Who carries the journal over into the tables, away from the requests. */
export interface Drainer {
  /** Takes in what is new. Rejects with what SQLite says; nothing is lost by that. */
  drain(isOver: boolean): Promise<DrainReport>;
  /** Adds up and takes out what began before a moment. Returns how many attempts that were. */
  compact(beforeEpochMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Where a ledger lies. */
export interface LedgerPlace {
  /** The folder of everything: the database, the journal's segments, the locks of processes. */
  readonly folder: string;
  /** This process's name in it. */
  readonly owner: string;
}

/** What was found when the ledger was opened. */
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
  readonly found: LedgerFound;
  private readonly database: ReturnType<typeof openDatabase>["database"];
  private readonly run: Drain;
  private readonly owner: string;

  /** Opens the database, and takes in what dead processes left. */
  constructor({ folder, owner }: LedgerPlace, epochMs: number, busyMsMax: number) {
    const { database, setAside } = openDatabase(ledgerFile(folder), LEDGER_MIGRATIONS, epochMs, { busyMsMax });
    this.database = database;
    this.owner = owner;
    this.run = new Drain(database, folder);
    const { unknown, records, spoilt, owners } = this.run.recover((other) => other === owner || isAlive(folder, other), epochMs);
    for (const dead of owners) forget(folder, dead);
    this.found = { setAside, unknown, recovered: records, spoilt };
  }

  async drain(isOver: boolean): Promise<DrainReport> {
    return this.run.run(this.owner, isOver);
  }

  async compact(beforeEpochMs: number): Promise<number> {
    return compact(this.database, beforeEpochMs);
  }

  async close(): Promise<void> {
    this.database.sqlite.run("PRAGMA wal_checkpoint(TRUNCATE)");
    this.database.sqlite.close();
  }
}
