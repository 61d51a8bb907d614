import { eq } from "drizzle-orm";
import type { Clock } from "../world/clock.ts";
import { KEY_MIGRATIONS } from "./migrations.ts";
import { type LedgerDatabase, type OpenOptions, openDatabase } from "./open.ts";
import { type KeyRow, keys } from "./schema.ts";

/** Keys that were made at run time, wherever they are kept. */
export interface KeyStore {
  list(): readonly KeyRow[];
  /** @throws If there is one of that id. */
  add(row: KeyRow): void;
  /** Gives a key another secret; the one before opens until then. @returns Whether there is such a key. */
  rotate(id: string, sha256: string, previousUntilEpochMs: number): boolean;
  /** @returns Whether there is such a key and it was not revoked before. */
  revoke(id: string, epochMs: number): boolean;
  /** Another number whenever another process has changed something. Cheap enough to be asked twice a second. */
  version(): number;
  close(): void;
}

/** The file of the keys in a ledger's folder: one of its own, so that its version changes only when keys do. */
export function keysFile(folder: string): string {
  return `${folder}/keys.sqlite`;
}

/** Keys in SQLite. Reading waits for nobody; only commands and the administration write. */
export class SqliteKeyStore implements KeyStore {
  private readonly database: LedgerDatabase;

  /** @throws If the file can not be opened, or is of a newer version. A damaged one is not replaced: then nobody could come in any more. */
  constructor(folder: string, epochMs: number, options: OpenOptions = { busyMsMax: 2_000 }) {
    const { database, setAside } = openDatabase(keysFile(folder), KEY_MIGRATIONS, epochMs, options);
    this.database = database;
    if (setAside !== undefined) {
      this.close();
      throw new Error(
        `Cannot read the keys: the file was damaged and lies at ${setAside} now. Put a copy of it back, or start again without it.`,
      );
    }
  }

  list(): readonly KeyRow[] {
    return this.database.drizzle.select().from(keys).orderBy(keys.createdEpochMs, keys.id).all();
  }

  add(row: KeyRow): void {
    this.database.drizzle.insert(keys).values(row).run();
  }

  rotate(id: string, sha256: string, previousUntilEpochMs: number): boolean {
    const found = this.database.drizzle.select().from(keys).where(eq(keys.id, id)).get();
    if (found === undefined || found.revokedEpochMs !== null) return false;
    this.database.drizzle.update(keys).set({ sha256, sha256Previous: found.sha256, previousUntilEpochMs }).where(eq(keys.id, id)).run();
    return true;
  }

  revoke(id: string, epochMs: number): boolean {
    const found = this.database.drizzle.select().from(keys).where(eq(keys.id, id)).get();
    if (found === undefined || found.revokedEpochMs !== null) return false;
    this.database.drizzle.update(keys).set({ revokedEpochMs: epochMs }).where(eq(keys.id, id)).run();
    return true;
  }

  version(): number {
    const row = this.database.sqlite.query("PRAGMA data_version").get() as { readonly data_version: number }; // The pragma has this one column.
    return row.data_version;
  }

  close(): void {
    this.database.sqlite.close();
  }
}

/** How often to look for changes: well within the second in which a revoked key has to stop working. */
const POLL_MS = 400;

/**
 * Tells of changes that others make to the keys. A look that fails is told as well, once; the keys that are known stay in force.
 * @returns Ends it.
 */
export function watchKeys(store: KeyStore, clock: Clock, changed: () => void, failed: (error: unknown) => void): () => void {
  let version = store.version();
  let isFailing = false;
  let timer = clock.startTimer(POLL_MS, look);
  return () => clock.cancelTimer(timer);

  function look(): void {
    timer = clock.startTimer(POLL_MS, look);
    try {
      const now = store.version();
      if (now !== version) changed();
      version = now;
      isFailing = false;
    } catch (error) {
      if (!isFailing) failed(error);
      isFailing = true;
    }
  }
}
