import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Shows others that a process is alive. The operating system lets go of it when the process ends, however it ends, so that no number has to be
 * guessed at: ids of processes come again, in containers even always the same ones.
 */
export class ProcessLock {
  private readonly database: Database;
  private readonly file: string;

  /** @param owner A name that no other process has. */
  constructor(folder: string, owner: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.file = lockFile(folder, owner);
    this.database = new Database(this.file, { create: true });
    // SQLite locks files in the one way that works on all systems and file systems that a ledger may lie on, and Bun has no call for it.
    this.database.run("PRAGMA locking_mode = EXCLUSIVE");
    this.database.run("BEGIN EXCLUSIVE");
  }

  release(): void {
    this.database.close();
    rmSync(this.file, { force: true });
  }
}

/** Whether a process of this name still runs. To be asked about others only. */
export function isAlive(folder: string, owner: string): boolean {
  const file = lockFile(folder, owner);
  if (!existsSync(file)) return false;
  const database = new Database(file, { create: true });
  try {
    database.run("PRAGMA busy_timeout = 0");
    database.run("BEGIN EXCLUSIVE");
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

/** Takes away what a dead process left of its lock. */
export function forget(folder: string, owner: string): void {
  for (const suffix of ["", "-journal"]) rmSync(lockFile(folder, owner) + suffix, { force: true });
}

function lockFile(folder: string, owner: string): string {
  return join(folder, `${owner}.lock`);
}
