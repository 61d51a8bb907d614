import type { Clock } from "../world/clock.ts";
import type { Shelf } from "./shelf.ts";

/** How much a store may hold, and for how long. */
export interface StoreOptions {
  /** Of all entries together, their keys and bookkeeping counted in. Beyond it, what was longest not asked for goes. Bytes. */
  readonly bytesMax: number;
  /** Of one tenant's entries, so that nobody can push out what is kept of all others. Default a quarter of `bytesMax`. */
  readonly tenantBytesMax?: number;
  /** A larger entry is not kept at all. Default an eighth of `bytesMax`. */
  readonly entryBytesMax?: number;
  /** How long an entry is good for, from when it was put in. Milliseconds. */
  readonly ttlMs: number;
}

/** What is kept under one key of one tenant. */
export interface StoredEntry {
  /** Belongs to the store: to be read, not to be changed. */
  readonly value: Uint8Array;
  /** When it was put in, by `Clock.nowMs`. */
  readonly storedMs: number;
  /** When it is no longer good, by `Clock.nowMs`. */
  readonly expiresMs: number;
}

/** What an entry takes besides its key and value: map slots, the object, the array's head. Estimated on the high side. */
const ENTRY_BYTES = 256;

interface Kept extends StoredEntry {
  readonly tenant: string;
  readonly key: string;
  readonly bytes: number;
}

/** One tenant's entries, the one that was longest not asked for first. */
interface Shelves {
  readonly entries: Map<string, Kept>;
  bytes: number;
}

/**
 * Keeps values for tenants that never see each other's, within a number of bytes and for a time; what was longest not asked for goes first.
 *
 * With a shelf, entries are found again after a restart, and what memory has no room for may still lie there. All methods are synchronous and never throw
 * for the sake of the shelf: a disk that fails costs entries and nothing else.
 */
export class BoundedStore {
  private readonly options: Required<StoreOptions>;
  private readonly clock: Clock;
  private readonly shelf: Shelf | undefined;
  /** Of all tenants, the entry that was longest not asked for first. */
  private readonly entries = new Map<string, Kept>();
  private readonly tenants = new Map<string, Shelves>();
  private readonly isShared: boolean;
  private bytesHeld = 0;

  /** @param isShared Whether other processes put into the shelf and take out of it, so that it alone is right, and memory holds nothing. Default false. */
  constructor(options: StoreOptions, clock: Clock, shelf?: Shelf, isShared = false) {
    this.isShared = isShared && shelf !== undefined;
    const { bytesMax, ttlMs, tenantBytesMax = Math.floor(bytesMax / 4), entryBytesMax = Math.floor(bytesMax / 8) } = options;
    this.options = { bytesMax, ttlMs, tenantBytesMax, entryBytesMax };
    this.clock = clock;
    this.shelf = shelf;
  }

  /** The largest value that is kept, its key aside. */
  get entryBytesMax(): number {
    return this.options.entryBytesMax - ENTRY_BYTES;
  }

  /** How many entries are in memory, expired ones that nobody came upon counted in. */
  get size(): number {
    return this.entries.size;
  }

  /** What is held in memory, as `bytesMax` counts it. */
  get bytes(): number {
    return this.bytesHeld;
  }

  /** The entry, if it is there and still good. It counts as asked for. */
  get(tenant: string, key: string): StoredEntry | undefined {
    const name = nameOf(tenant, key);
    const entry = this.entries.get(name);
    if (entry === undefined) return this.fetch(tenant, key);
    if (entry.expiresMs <= this.clock.nowMs()) {
      this.forget(entry);
      return undefined;
    }
    this.entries.delete(name);
    this.entries.set(name, entry);
    const { entries } = this.tenants.get(tenant)!; // Every entry stands under its tenant.
    entries.delete(key);
    entries.set(key, entry);
    return entry;
  }

  /**
   * Puts a value in, in place of what was there. The bytes are the store's from then on.
   * @param ttlMs Default and at most the store's own.
   * @returns Whether it is kept: not if it is larger than one entry may be.
   */
  put(tenant: string, key: string, value: Uint8Array, ttlMs: number = this.options.ttlMs): boolean {
    const lifeMs = Math.min(ttlMs, this.options.ttlMs);
    const storedMs = this.clock.nowMs();
    const entry = entryOf(tenant, key, { value, storedMs, expiresMs: storedMs + lifeMs });
    if (lifeMs <= 0 || !this.fits(entry)) {
      this.delete(tenant, key);
      return false;
    }
    if (!this.isShared) {
      this.keep(entry);
      this.dropExpired(storedMs);
    }
    const storedEpochMs = this.clock.epochMs();
    this.shelf?.put(tenant, key, { value, storedEpochMs, expiresEpochMs: storedEpochMs + lifeMs });
    return true;
  }

  /** Takes an entry out, from the shelf as well. One that is not there is left alone. */
  delete(tenant: string, key: string): void {
    const entry = this.entries.get(nameOf(tenant, key));
    if (entry !== undefined) this.forget(entry);
    this.shelf?.delete(tenant, key);
  }

  /** Brings what is not yet on the shelf there, and closes it. */
  close(): void {
    this.shelf?.close();
  }

  /** Looks on the shelf for what memory does not have. */
  private fetch(tenant: string, key: string): StoredEntry | undefined {
    const found = this.shelf?.get(tenant, key);
    if (found === undefined) return undefined;
    const nowMs = this.clock.nowMs();
    const epochMs = this.clock.epochMs();
    // A wall clock that was set back must not make an entry live longer than the store's own time.
    const leftMs = Math.min(found.expiresEpochMs - epochMs, this.options.ttlMs);
    if (leftMs <= 0) return undefined;
    const storedMs = nowMs - Math.max(0, epochMs - found.storedEpochMs);
    const entry = entryOf(tenant, key, { value: found.value, storedMs, expiresMs: nowMs + leftMs });
    if (!this.isShared && this.fits(entry)) this.keep(entry);
    return entry;
  }

  private fits({ bytes }: Kept): boolean {
    const { bytesMax, tenantBytesMax, entryBytesMax } = this.options;
    return bytes <= entryBytesMax && bytes <= tenantBytesMax && bytes <= bytesMax;
  }

  private keep(entry: Kept): void {
    const { tenant, key, bytes } = entry;
    const name = nameOf(tenant, key);
    const before = this.entries.get(name);
    if (before !== undefined) this.forget(before);
    let own = this.tenants.get(tenant);
    if (own === undefined) {
      own = { entries: new Map(), bytes: 0 };
      this.tenants.set(tenant, own);
    }
    this.entries.set(name, entry);
    own.entries.set(key, entry);
    own.bytes += bytes;
    this.bytesHeld += bytes;
    while (own.bytes > this.options.tenantBytesMax) this.forgetFirst(own.entries);
    while (this.bytesHeld > this.options.bytesMax) this.forgetFirst(this.entries);
  }

  /** Looks at the two oldest entries with each that comes in, so that expired ones do not lie there for ever. */
  private dropExpired(nowMs: number): void {
    let looked = 0;
    for (const entry of this.entries.values()) {
      if (looked++ === 2) return;
      if (entry.expiresMs <= nowMs) this.forget(entry);
    }
  }

  private forgetFirst(entries: ReadonlyMap<string, Kept>): void {
    for (const entry of entries.values()) {
      this.forget(entry);
      return;
    }
  }

  private forget({ tenant, key, bytes }: Kept): void {
    const own = this.tenants.get(tenant)!; // Every entry stands under its tenant.
    this.entries.delete(nameOf(tenant, key));
    own.entries.delete(key);
    own.bytes -= bytes;
    this.bytesHeld -= bytes;
    if (own.entries.size === 0) this.tenants.delete(tenant);
  }
}

/** One name for both, that no other tenant and key can have: the tenant's length says where it ends. */
function nameOf(tenant: string, key: string): string {
  return `${tenant.length}:${tenant}${key}`;
}

function entryOf(tenant: string, key: string, entry: StoredEntry): Kept {
  return { ...entry, tenant, key, bytes: ENTRY_BYTES + 4 * (tenant.length + key.length) + entry.value.length };
}
