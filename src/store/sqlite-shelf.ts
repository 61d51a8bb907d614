import { Database } from "bun:sqlite";
import { chmodSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock, Timer } from "../world/clock.ts";
import type { Shelf, ShelvedEntry } from "./shelf.ts";

/** How much may lie in a file, and who hears of it when the disk fails. */
export interface SqliteShelfOptions {
  /** Of all values and keys together. Beyond it, what was longest not asked for goes. Bytes. */
  readonly bytesMax: number;
  /** How long entries wait for company before they are written together; 0 for not at all, so that other processes find them at once. Default 200. */
  readonly writeAfterMs?: number;
  /** Is told what the disk said, once until it works again. */
  failed?(error: unknown): void;
}

/** How long entries wait for company before they are written together. A process that is killed loses these and no more. Milliseconds. */
const WRITE_AFTER_MS = 200;
/** Or until they are this many bytes. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

const TABLES = `
CREATE TABLE IF NOT EXISTS entries (
  tenant TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, bytes INTEGER NOT NULL,
  stored_epoch_ms INTEGER NOT NULL, expires_epoch_ms INTEGER NOT NULL, used_epoch_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT;
CREATE INDEX IF NOT EXISTS entries_expire ON entries (expires_epoch_ms);
CREATE INDEX IF NOT EXISTS entries_used ON entries (used_epoch_ms);
CREATE TABLE IF NOT EXISTS total (bytes INTEGER NOT NULL) STRICT;
INSERT INTO total SELECT 0 WHERE NOT EXISTS (SELECT * FROM total);
CREATE TRIGGER IF NOT EXISTS entry_in AFTER INSERT ON entries BEGIN UPDATE total SET bytes = bytes + NEW.bytes; END;
CREATE TRIGGER IF NOT EXISTS entry_out AFTER DELETE ON entries BEGIN UPDATE total SET bytes = bytes - OLD.bytes; END;
CREATE TRIGGER IF NOT EXISTS entry_over AFTER UPDATE OF bytes ON entries BEGIN UPDATE total SET bytes = bytes + NEW.bytes - OLD.bytes; END;
`;

interface Row {
  readonly value: Uint8Array;
  readonly stored_epoch_ms: number;
  readonly expires_epoch_ms: number;
}

interface Waiting {
  readonly tenant: string;
  readonly key: string;
  /** undefined where it is to be deleted. */
  readonly entry: ShelvedEntry | undefined;
}

/**
 * A shelf in an SQLite file. Entries are written a moment after they come, many by one transaction, and never twice for one key; only the one who
 * may read the file of this process can read it. Several processes may share it.
 */
export class SqliteShelf implements Shelf {
  private readonly database: Database;
  private readonly clock: Clock;
  private readonly options: SqliteShelfOptions;
  private readonly waiting = new Map<string, Waiting>();
  private waitingBytes = 0;
  /** Entries that were asked for since the last writing: reading must not wait for a write. */
  private readonly touched = new Map<string, readonly [tenant: string, key: string]>();
  private timer: Timer | undefined;
  private hasFailed = false;
  private isClosed = false;

  /**
   * Opens the file, or makes it. A damaged one is put aside under another name: what lay in it can be done without.
   * @throws If the folder can not be written to.
   */
  constructor(file: string, clock: Clock, options: SqliteShelfOptions) {
    this.database = open(file, clock.epochMs());
    // Those who write at once meet; none of them takes longer than a moment.
    if (options.writeAfterMs === 0) this.database.run("PRAGMA busy_timeout = 50");
    this.clock = clock;
    this.options = options;
  }

  get(tenant: string, key: string): ShelvedEntry | undefined {
    if (this.isClosed) return undefined;
    const waiting = this.waiting.get(nameOf(tenant, key));
    if (waiting !== undefined) return waiting.entry;
    return this.attempt(() => {
      const row = this.database
        .query<Row, [string, string]>("SELECT value, stored_epoch_ms, expires_epoch_ms FROM entries WHERE tenant = ? AND key = ?")
        .get(tenant, key);
      if (row === null) return undefined;
      this.touched.set(nameOf(tenant, key), [tenant, key]);
      this.writeSoon();
      return { value: row.value, storedEpochMs: row.stored_epoch_ms, expiresEpochMs: row.expires_epoch_ms };
    });
  }

  put(tenant: string, key: string, entry: ShelvedEntry): void {
    this.wait({ tenant, key, entry });
  }

  delete(tenant: string, key: string): void {
    this.wait({ tenant, key, entry: undefined });
  }

  close(): void {
    if (this.isClosed) return;
    this.write();
    this.isClosed = true;
    this.database.close();
  }

  private wait(waiting: Waiting): void {
    if (this.isClosed) return;
    const name = nameOf(waiting.tenant, waiting.key);
    this.waitingBytes += (waiting.entry?.value.length ?? 0) - (this.waiting.get(name)?.entry?.value.length ?? 0);
    this.waiting.set(name, waiting);
    if (this.waitingBytes > WAITING_BYTES_MAX || this.options.writeAfterMs === 0) this.write();
    else this.writeSoon();
  }

  private writeSoon(): void {
    this.timer ??= this.clock.startTimer(this.options.writeAfterMs || WRITE_AFTER_MS, () => this.write());
  }

  private write(): void {
    if (this.timer !== undefined) this.clock.cancelTimer(this.timer);
    this.timer = undefined;
    const waiting = [...this.waiting.values()];
    const touched = [...this.touched.values()];
    // What can not be written now is not tried again: it would be held in memory without a bound.
    this.waiting.clear();
    this.waitingBytes = 0;
    this.touched.clear();
    if (waiting.length + touched.length === 0) return;
    this.attempt(() => this.database.transaction(() => this.carryOver(waiting, touched)).immediate());
  }

  private carryOver(waiting: readonly Waiting[], touched: readonly (readonly [tenant: string, key: string])[]): void {
    const epochMs = Math.floor(this.clock.epochMs());
    const touch = this.database.query("UPDATE entries SET used_epoch_ms = ? WHERE tenant = ? AND key = ?");
    for (const [tenant, key] of touched) touch.run(epochMs, tenant, key);
    const put = this.database.query(
      `INSERT INTO entries (tenant, key, value, bytes, stored_epoch_ms, expires_epoch_ms, used_epoch_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5)
       ON CONFLICT (tenant, key) DO UPDATE SET value = ?3, bytes = ?4, stored_epoch_ms = ?5, expires_epoch_ms = ?6, used_epoch_ms = ?5`,
    );
    const remove = this.database.query("DELETE FROM entries WHERE tenant = ? AND key = ?");
    for (const { tenant, key, entry } of waiting) {
      if (entry === undefined) remove.run(tenant, key);
      else put.run(tenant, key, entry.value, bytesOf(tenant, key, entry), Math.floor(entry.storedEpochMs), Math.ceil(entry.expiresEpochMs));
    }
    this.database.query("DELETE FROM entries WHERE expires_epoch_ms <= ?").run(epochMs);
    this.makeRoom();
  }

  /** A handful at a time, longest not asked for first, until what is left has room. */
  private makeRoom(): void {
    const total = this.database.query<{ readonly bytes: number }, []>("SELECT bytes FROM total");
    const drop = this.database.query(
      "DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries ORDER BY used_epoch_ms, rowid LIMIT 8)",
    );
    while ((total.get()?.bytes ?? 0) > this.options.bytesMax) if (drop.run().changes === 0) return;
  }

  private attempt<Result>(work: () => Result): Result | undefined {
    try {
      const result = work();
      this.hasFailed = false;
      return result;
    } catch (error) {
      if (!this.hasFailed) this.options.failed?.(error);
      this.hasFailed = true;
      return undefined;
    }
  }
}

function bytesOf(tenant: string, key: string, { value }: ShelvedEntry): number {
  return value.length + tenant.length + key.length;
}

function nameOf(tenant: string, key: string): string {
  return `${tenant.length}:${tenant}${key}`;
}

function open(file: string, epochMs: number): Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return connect(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(file + suffix)) renameSync(file + suffix, `${file}.damaged-${Math.floor(epochMs)}${suffix}`);
    }
    return connect(file);
  }
}

function connect(file: string): Database {
  const database = new Database(file, { create: true });
  try {
    chmodSync(file, 0o600);
    // Whoever asks for an entry must not stand still for another process's sake.
    database.run("PRAGMA busy_timeout = 0");
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = NORMAL");
    database.run("PRAGMA journal_size_limit = 67108864");
    database.run(TABLES);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}
