import { existsSync } from "node:fs";
import { type AdminStore, adminFile, SqliteAdminStore } from "../ledger/admin-store.ts";
import type { AuditRow } from "../ledger/schema.ts";
import type { Logins } from "../policies/logins.ts";
import type { AdminDeed } from "../server/context.ts";
import type { Log } from "../telemetry/log.ts";
import type { Timer } from "../world/clock.ts";
import type { World } from "../world/world.ts";

/** How often it is looked whether somebody else has set a password or ended a session. Milliseconds. */
const LOOK_MS = 400;

/** What the administration keeps on disk while a gateway serves: passwords, sessions, the audit log. The file is made by the first who needs it. */
export class AdminBooks {
  private readonly folder: string;
  private readonly world: World;
  private readonly logins: Logins;
  private readonly log: () => Log;
  private store: AdminStore | undefined;
  private version = 0;
  private timer: Timer | undefined;
  private isFailing = false;

  /** @param folder Where it lies. */
  constructor(folder: string, world: World, logins: Logins, log: () => Log) {
    this.folder = folder;
    this.world = world;
    this.logins = logins;
    this.log = log;
  }

  /** Keeps to what the file says from now on, if there is one or as soon as there is. */
  follow(): void {
    this.timer = this.world.clock.startTimer(LOOK_MS, () => this.follow());
    this.look();
  }

  /** Looks now, and not only when it is time. */
  look(): void {
    try {
      if (this.store === undefined) {
        if (existsSync(adminFile(this.folder))) this.open();
        return;
      }
      const version = this.store.version();
      if (version === this.version) return;
      this.version = version;
      this.logins.use(this.store);
      this.isFailing = false;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Puts what an administrator did into the audit log, and tells the other log of it. Never throws. */
  audit({ actor, address, action, subject, detail = {} }: AdminDeed): void {
    this.log().write("info", "administration", { actor, address, action, subject });
    try {
      const atEpochMs = this.world.clock.epochMs();
      (this.store ?? this.open()).note({ atEpochMs, actor, address, action, subject, detail: JSON.stringify(detail) });
    } catch (error) {
      this.log().write("error", "the audit log can not be written", { action, subject, why: textOf(error) });
    }
  }

  /** The latest of what was put there. */
  auditLog(count: number): readonly AuditRow[] {
    return this.store?.auditLog(count) ?? [];
  }

  close(): void {
    if (this.timer !== undefined) this.world.clock.cancelTimer(this.timer);
    this.store?.close();
    this.store = undefined;
  }

  private open(): AdminStore {
    // On this thread: a moment's wait for another process that writes, and no more.
    const store = new SqliteAdminStore(this.folder, this.world.clock.epochMs(), { busyMsMax: 100 });
    this.store = store;
    this.version = store.version();
    this.logins.use(store);
    return store;
  }

  private fail(error: unknown): void {
    if (!this.isFailing) this.log().write("error", "the passwords and sessions can not be read", { why: textOf(error) });
    this.isFailing = true;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
