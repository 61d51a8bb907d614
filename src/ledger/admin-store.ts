import { desc, eq, gte, lt } from "drizzle-orm";
import { ADMIN_MIGRATIONS } from "./migrations.ts";
import { type LedgerDatabase, type OpenOptions, openDatabase } from "./open.ts";
import { type AuditRow, audit, passwords, type SessionRow, sessions } from "./schema.ts";

/** What is put into the audit log; its number and its digest come by themselves. */
export type AuditEntry = Omit<AuditRow, "number" | "sha256">;

/** What the administration keeps, wherever that is: who may log in, who is logged in, and what was done. */
export interface AdminStore {
  /** Everybody who has a password. */
  accounts(): readonly string[];
  /** undefined if there is no such account. */
  passwordHash(account: string): string | undefined;
  /** Ends all sessions of the account as well. */
  setPassword(account: string, hash: string, epochMs: number): void;
  session(sha256: string): SessionRow | undefined;
  addSession(row: SessionRow): void;
  /** Takes down that a session was used. */
  touchSession(sha256: string, epochMs: number): void;
  /** @returns Whether there was such a session. */
  endSession(sha256: string): boolean;
  endSessionsOf(account: string): void;
  /** Takes out what has ended before a moment. */
  forgetSessions(beforeEpochMs: number): void;
  /** Adds to the audit log. */
  note(entry: AuditEntry): void;
  /** The latest entries, the last one first. */
  auditLog(count: number, sinceEpochMs?: number): readonly AuditRow[];
  /** Reckons all digests of the audit log again. @returns The number of the first entry that is not as it was written; undefined if all are. */
  auditFault(): number | undefined;
  /** Another number whenever another process has changed something. */
  version(): number;
  close(): void;
}

/** The file of the administration in a ledger's folder. */
export function adminFile(folder: string): string {
  return `${folder}/admin.sqlite`;
}

/** What the first entry's digest goes on from. */
const NOTHING_BEFORE = "";

/** The administration's database in SQLite. */
export class SqliteAdminStore implements AdminStore {
  private readonly database: LedgerDatabase;

  /** @throws If the file can not be opened, or is of a newer version. A damaged one is not replaced: then nobody could tell what was done. */
  constructor(folder: string, epochMs: number, options: OpenOptions = { busyMsMax: 2_000 }) {
    const { database, setAside } = openDatabase(adminFile(folder), ADMIN_MIGRATIONS, epochMs, options);
    this.database = database;
    if (setAside === undefined) return;
    this.close();
    throw new Error(
      `Cannot read the administration's database: it was damaged and lies at ${setAside} now. Put a copy back, or start again without.`,
    );
  }

  accounts(): readonly string[] {
    const rows = this.database.drizzle.select({ account: passwords.account }).from(passwords).orderBy(passwords.account).all();
    return rows.map(({ account }) => account);
  }

  passwordHash(account: string): string | undefined {
    return this.database.drizzle.select().from(passwords).where(eq(passwords.account, account)).get()?.hash;
  }

  setPassword(account: string, hash: string, changedEpochMs: number): void {
    this.database.sqlite
      .transaction(() => {
        this.database.drizzle
          .insert(passwords)
          .values({ account, hash, changedEpochMs })
          .onConflictDoUpdate({ target: passwords.account, set: { hash, changedEpochMs } })
          .run();
        this.endSessionsOf(account);
      })
      .immediate();
  }

  session(sha256: string): SessionRow | undefined {
    return this.database.drizzle.select().from(sessions).where(eq(sessions.sha256, sha256)).get();
  }

  addSession(row: SessionRow): void {
    this.database.drizzle.insert(sessions).values(row).run();
  }

  touchSession(sha256: string, usedEpochMs: number): void {
    this.database.drizzle.update(sessions).set({ usedEpochMs }).where(eq(sessions.sha256, sha256)).run();
  }

  endSession(sha256: string): boolean {
    return (
      this.database.drizzle.delete(sessions).where(eq(sessions.sha256, sha256)).returning({ sha256: sessions.sha256 }).all().length > 0
    );
  }

  endSessionsOf(account: string): void {
    this.database.drizzle.delete(sessions).where(eq(sessions.account, account)).run();
  }

  forgetSessions(beforeEpochMs: number): void {
    this.database.drizzle.delete(sessions).where(lt(sessions.endsEpochMs, beforeEpochMs)).run();
  }

  note(entry: AuditEntry): void {
    // One writer at a time: each digest goes on from the one before.
    this.database.sqlite
      .transaction(() => {
        const before = this.database.drizzle.select().from(audit).orderBy(desc(audit.number)).limit(1).get();
        const number = (before?.number ?? 0) + 1;
        const sha256 = digestOf({ ...entry, number }, before?.sha256 ?? NOTHING_BEFORE);
        this.database.drizzle
          .insert(audit)
          .values({ ...entry, number, sha256 })
          .run();
      })
      .immediate();
  }

  auditLog(count: number, sinceEpochMs = 0): readonly AuditRow[] {
    return this.database.drizzle
      .select()
      .from(audit)
      .where(gte(audit.atEpochMs, sinceEpochMs))
      .orderBy(desc(audit.number))
      .limit(count)
      .all();
  }

  auditFault(): number | undefined {
    let [number, sha256] = [0, NOTHING_BEFORE];
    for (;;) {
      const page = this.database.drizzle
        .select()
        .from(audit)
        .where(gte(audit.number, number + 1))
        .orderBy(audit.number)
        .limit(1_000)
        .all();
      for (const row of page) {
        number++;
        if (row.number !== number || row.sha256 !== digestOf(row, sha256)) return number;
        sha256 = row.sha256;
      }
      if (page.length === 0) return undefined;
    }
  }

  version(): number {
    const row = this.database.sqlite.query("PRAGMA data_version").get() as { readonly data_version: number }; // The pragma has this one column.
    return row.data_version;
  }

  close(): void {
    this.database.sqlite.close();
  }
}

function digestOf({ number, atEpochMs, actor, address, action, subject, detail }: Omit<AuditRow, "sha256">, before: string): string {
  const text = JSON.stringify([before, number, atEpochMs, actor, address, action, subject, detail]);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
