import { existsSync, mkdirSync } from "node:fs";
import { type KeyStore, keysFile, SqliteKeyStore, watchKeys } from "../ledger/key-store.ts";
import { type DrainerOf, type OpenedLedger, openLedger } from "../ledger/open-ledger.ts";
import type { KeyRow } from "../ledger/schema.ts";
import type { Ledger, LedgerState } from "../ledger/writer.ts";
import type { BudgetRule, SpentBefore } from "../policies/budget.ts";
import { spentBefore } from "../policies/spent-before.ts";
import type { PlannedLedger } from "../routing/plan-policies.ts";
import type { KeyBook } from "../server/keys.ts";
import type { Log } from "../telemetry/log.ts";
import type { World } from "../world/world.ts";

/** How often it is looked whether there are keys, as long as there are none. Milliseconds. */
const LOOK_MS = 800;

/** How much of a ledger that nobody asked for may wait for its tables, in bytes: 256 MiB, half a million attempts. */
const USUAL_BACKLOG_BYTES_MAX = 2 ** 28;

/** What may be told of books, and who takes a part of their work. */
export interface BooksOptions {
  /** Told when the ledger stops to work as it should, and when it does again. */
  changed?(state: LedgerState): void;
  /** Who fills the ledger's tables, if not this process. */
  readonly drainerOf?: DrainerOf | undefined;
  /** Told when this process has changed keys. */
  keysChanged?(): void;
}

/** What a gateway keeps on disk while it serves: its ledger, and the keys that are made at run time. */
export class Books implements KeyBook {
  private readonly world: World;
  private readonly log: () => Log;
  /** Where all of it lies. */
  readonly folder: string;
  private opened: OpenedLedger | undefined;
  private store: KeyStore | undefined;
  private stopWatching: (() => void) | undefined;
  private tell: (keys: readonly KeyRow[]) => void = () => {};

  private readonly more: BooksOptions;

  constructor(folder: string, world: World, log: () => Log, more: BooksOptions = {}) {
    this.more = more;
    this.folder = folder;
    this.world = world;
    this.log = log;
  }

  /** What was spent of each budget before this process began. Without a ledger nobody knows. */
  async spentBefore(rules: readonly BudgetRule[]): Promise<readonly SpentBefore[]> {
    const ledger = this.opened?.ledger;
    return ledger === undefined ? [] : spentBefore(rules, this.world.clock.epochMs(), (query) => ledger.spent(query));
  }

  /**
   * Opens the ledger, once.
   * @returns undefined if there is no room for one and nobody asked for it; it has been said why.
   * @throws If there is no room for one that was asked for, or its database is of a newer version.
   */
  async openLedger(planned: PlannedLedger): Promise<Ledger | undefined> {
    if (this.opened !== undefined) return this.opened.ledger;
    try {
      this.opened = this.open(planned);
      if (planned.isAskedFor) await this.opened.start();
    } catch (error) {
      if (planned.isAskedFor) throw error;
      this.log().write("warn", "no ledger: what requests cost is not taken down", {
        folder: this.folder,
        why: textOf(error),
        remedy: 'ledger: { folder: "/where/there/is/room" } in the configuration, or ledger: false',
      });
      return undefined;
    }
    if (this.opened.hasLeftovers || planned.isAskedFor) void this.takeOver(this.opened);
    return this.opened.ledger;
  }

  private open({ onFailure, keepDays, isAskedFor }: PlannedLedger): OpenedLedger {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const changed = (state: LedgerState): void => this.more.changed?.(state);
    const backlog = isAskedFor ? {} : { backlogBytesMax: USUAL_BACKLOG_BYTES_MAX };
    return openLedger(this.folder, this.world, { onFailure, keepDays, changed, ...backlog }, this.more.drainerOf);
  }

  /** Nobody waits for it. */
  private async takeOver(opened: OpenedLedger): Promise<void> {
    try {
      const { setAside, unknown, recovered, spoilt } = await opened.recover();
      if (setAside === undefined && unknown + recovered + spoilt === 0) return;
      this.log().write("warn", "ledger: taken over from processes that ended without saying so", {
        setAside: setAside ?? "",
        unknown,
        recovered,
        spoilt,
      });
    } catch (error) {
      this.log().write("warn", "ledger: what other processes left is taken over later", { why: textOf(error) });
    }
  }

  list(): readonly KeyRow[] {
    return this.store?.list() ?? [];
  }

  change<T>(run: (store: KeyStore) => T): T {
    this.store ??= this.openKeys();
    const outcome = run(this.store);
    // What this process does itself is no news to who looks for others' changes.
    this.tell(this.store.list());
    this.more.keysChanged?.();
    return outcome;
  }

  /** Tells of all keys that were made at run time, now and whenever they change. */
  followKeys(tell: (keys: readonly KeyRow[]) => void): void {
    this.tell = tell;
    const { clock } = this.world;
    if (!existsSync(keysFile(this.folder))) {
      const timer = clock.startTimer(LOOK_MS, () => this.followKeys(tell));
      this.stopWatching = () => clock.cancelTimer(timer);
      return;
    }
    try {
      this.store ??= this.openKeys();
      tell(this.store.list());
    } catch (error) {
      this.keysFailed(error);
    }
  }

  /** Another process says that it has changed keys: they are read at once. */
  lookAgain(): void {
    try {
      if (this.store === undefined && existsSync(keysFile(this.folder))) this.store = this.openKeys();
      if (this.store !== undefined) this.tell(this.store.list());
    } catch (error) {
      this.keysFailed(error);
    }
  }

  private openKeys(): KeyStore {
    this.stopWatching?.();
    const store = new SqliteKeyStore(this.folder, this.world.clock.epochMs());
    const failed = (error: unknown): void => this.keysFailed(error);
    this.stopWatching = watchKeys(store, this.world.clock, () => this.tell(store.list()), failed);
    return store;
  }

  private keysFailed(error: unknown): void {
    // Whoever has a key of the store can not come in; nobody else is kept out.
    this.log().write("error", "the keys can not be read", { error: textOf(error) });
  }

  /** Takes the last rows in and lets go of all. */
  async close(): Promise<void> {
    this.stopWatching?.();
    this.store?.close();
    await this.opened?.close();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
