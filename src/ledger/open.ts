import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite";

/** A database of the ledger, by way of Drizzle; `sqlite` is the connection beneath. */
export interface LedgerDatabase {
  readonly drizzle: BunSQLiteDatabase;
  readonly sqlite: Database;
}

/** How to open a database. */
export interface OpenOptions {
  /** How long to wait for another process that writes. Default 0: whoever opens it on the main thread must not stand still. */
  readonly busyMsMax?: number;
  /** Default false. A database that is not there can not be opened to be read only. */
  readonly readOnly?: boolean;
}

/** A database was opened, and maybe not the one that lay there. */
export interface Opened {
  readonly database: LedgerDatabase;
  /** Where the old file lies now if it could not be read; nothing of it is lost, and nothing of it is used. */
  readonly setAside: string | undefined;
}

/**
 * Opens a database and brings it up to date. One that is damaged is put aside under another name, whole, and a new one takes its place: once, so that a
 * disk that spoils everything ends in an error and not in a circle.
 *
 * @param migrations Steps since the beginning; those that were done already are not done again.
 * @param epochMs The wall clock, for the name of what is put aside.
 * @throws If it is of a newer version, locked, or the disk does not want to.
 */
export function openDatabase(file: string, migrations: readonly string[], epochMs: number, options: OpenOptions = {}): Opened {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return { database: connect(file, migrations, options), setAside: undefined };
  } catch (error) {
    if (options.readOnly === true || !isDamage(error)) throw error;
    const aside = setAside(file, epochMs);
    return { database: connect(file, migrations, options), setAside: aside };
  }
}

/**
 * Puts a closed database aside under another name, whole.
 * @returns Its new name.
 */
export function setAside(file: string, epochMs: number): string {
  const aside = `${file}.damaged-${epochMs}`;
  // What belongs to a database lies beside it; left where it is, it would be taken for a part of the new one.
  for (const suffix of ["", "-wal", "-shm"]) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  return aside;
}

/** Whether SQLite says that a file is not as it left it. Locked or full is not that. */
export function isDamage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}

function connect(file: string, migrations: readonly string[], { busyMsMax = 0, readOnly = false }: OpenOptions): LedgerDatabase {
  const sqlite = readOnly ? new Database(file, { readonly: true }) : new Database(file, { create: true });
  try {
    sqlite.run(`PRAGMA busy_timeout = ${busyMsMax}`);
    if (!readOnly) {
      sqlite.run("PRAGMA journal_mode = WAL");
      // A process that is killed loses nothing by it; a machine that loses power may lose the last moments.
      sqlite.run("PRAGMA synchronous = NORMAL");
      sqlite.run("PRAGMA journal_size_limit = 67108864");
    }
    migrate(sqlite, migrations, readOnly);
    // Damage further in shows when it is come upon; to look at every page would take as long as the file is large.
    sqlite.query("SELECT count(*) FROM sqlite_schema").get();
    return { drizzle: drizzle(sqlite), sqlite };
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

function migrate(sqlite: Database, migrations: readonly string[], readOnly: boolean): void {
  const version = versionOf(sqlite);
  if (version > migrations.length)
    throw new Error(
      `Cannot open ${sqlite.filename}: it is of version ${version}, and this Omni knows up to ${migrations.length}. Use the newer one.`,
    );
  if (version === migrations.length) return;
  if (readOnly)
    throw new Error(`Cannot read ${sqlite.filename}: it is of version ${version}. Start the gateway once to bring it up to date.`);
  // All steps or none, and whoever comes second waits, then looks again.
  sqlite
    .transaction(() => {
      for (const step of migrations.slice(versionOf(sqlite))) sqlite.run(step);
      sqlite.run(`PRAGMA user_version = ${migrations.length}`);
    })
    .immediate();
}

function versionOf(sqlite: Database): number {
  const row = sqlite.query("PRAGMA user_version").get() as { readonly user_version: number }; // The pragma has this one column.
  return row.user_version;
}
