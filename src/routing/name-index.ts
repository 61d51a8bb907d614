import type { ProviderId, RouteId } from "./plan.ts";

/** Finds routes by the bytes of a name, as they stand in a request's body. Allocates nothing. */
export interface NameIndex {
  /** @returns -1 if no such name is known. */
  find(bytes: Uint8Array, start: number, end: number): RouteId | -1;
  /** The same for a path below `/v1/providers/{provider}`, where the provider's name is left out of the model's (and may be there too). */
  findAt(provider: ProviderId, bytes: Uint8Array, start: number, end: number): RouteId | -1;
  /** All names in the order of declaration, for catalogs and for "did you mean". */
  readonly names: readonly string[];
}

/** What is known of one provider, for `findAt`. */
export interface ProviderNames {
  readonly name: string;
  /** The models' names without the provider's, each once. */
  readonly models: ReadonlyMap<string, RouteId>;
}

/**
 * No look-up looks at more places than this. Names come from the configuration, but what is looked up comes from clients, and a client that knew the
 * table could always ask for what lies in its longest run: so the longest run is what must be short. The build tries until it is.
 */
export const PROBES_MAX = 16;

/** Of four places at least three stay empty, which keeps runs short. */
const PLACES_PER_NAME = 4;
/** Turns of the build. Each has half a chance at the very least; that all fail is a mistake of the hash. */
const TURNS_MAX = 24;
const EMPTY = -1;
/** The scope of names that hold everywhere; a provider's own have its id. */
const EVERYWHERE = -1;

/** A hash table with open addressing over interned bytes. Immutable. */
export class HashedNames implements NameIndex {
  readonly names: readonly string[];
  /** The most places that a look-up in this very table looks at; at most `PROBES_MAX`. */
  readonly probes: number;
  private readonly entries: Entries;
  /** By provider, the bytes of its name and a slash. */
  private readonly prefixes: readonly Uint8Array[];
  private readonly seed: number;
  /** A hash and an entry's number at each place. `[2 * places]` */
  private readonly slots: Int32Array;
  /** The number of places less one; they are a power of two. */
  private readonly mask: number;

  /**
   * @param names What is known everywhere.
   * @param providers By `ProviderId`.
   * @param seed Any whole number; the same names and seed make the same table.
   */
  constructor(names: ReadonlyMap<string, RouteId>, providers: readonly ProviderNames[], seed: number) {
    this.names = [...names.keys()];
    this.prefixes = providers.map(({ name }) => new TextEncoder().encode(`${name}/`));
    this.entries = intern(names, providers);
    const table = build(this.entries, seed);
    this.slots = table.slots;
    this.seed = table.seed;
    this.probes = table.probes;
    this.mask = table.slots.length / 2 - 1;
  }

  find(bytes: Uint8Array, start: number, end: number): RouteId | -1 {
    return this.search(EVERYWHERE, bytes, start, end);
  }

  findAt(provider: ProviderId, bytes: Uint8Array, start: number, end: number): RouteId | -1 {
    // As it stands first: OpenRouter has a model that is itself called `openrouter/auto`.
    const found = this.search(provider, bytes, start, end);
    const prefix = this.prefixes[provider];
    if (found !== -1 || prefix === undefined || !beginsWith(bytes, start, end, prefix)) return found;
    return this.search(provider, bytes, start + prefix.length, end);
  }

  private search(scope: number, bytes: Uint8Array, start: number, end: number): RouteId | -1 {
    const { slots, mask, entries } = this;
    // A client may send a name of many megabytes; what is longer than all that are known is not even hashed.
    if (end - start > entries.lengthMax) return -1;
    const hash = hashOf(bytes, start, end, scope, this.seed);
    let place = hash & mask;
    for (let probe = 0; probe < this.probes; probe++) {
      const entry = slots[2 * place + 1]!; // The mask keeps places inside.
      if (entry === EMPTY) return -1;
      if (slots[2 * place] === hash && isEntry(entries, entry, scope, bytes, start, end)) {
        return entries.route[entry] as RouteId; // Filled from route ids.
      }
      place = (place + 1) & mask;
    }
    return -1;
  }
}

/** Names as bytes, in columns. */
interface Entries {
  readonly count: number;
  /** All names, one after the other. */
  readonly bytes: Uint8Array;
  /** Where each begins; where it ends is where the next begins. `[count + 1]` */
  readonly start: Int32Array;
  /** A provider's id or `EVERYWHERE`. `[count]` */
  readonly scope: Int32Array;
  /** `[count]` */
  readonly route: Int32Array;
  /** The longest name, in bytes. */
  readonly lengthMax: number;
}

function intern(names: ReadonlyMap<string, RouteId>, providers: readonly ProviderNames[]): Entries {
  const encoder = new TextEncoder();
  const rows = [...names].map(([name, route]) => ({ scope: EVERYWHERE, bytes: encoder.encode(name), route }));
  for (const [scope, { models }] of providers.entries()) {
    for (const [name, route] of models) rows.push({ scope, bytes: encoder.encode(name), route });
  }
  const start = new Int32Array(rows.length + 1);
  for (const [row, { bytes }] of rows.entries()) start[row + 1] = start[row]! + bytes.length; // The row before was filled.
  const bytes = new Uint8Array(start[rows.length]!); // One more than there are rows.
  for (const [row, each] of rows.entries()) bytes.set(each.bytes, start[row]);
  return {
    count: rows.length,
    bytes,
    start,
    scope: Int32Array.from(rows, ({ scope }) => scope),
    route: Int32Array.from(rows, ({ route }) => route),
    lengthMax: rows.reduce((most, row) => Math.max(most, row.bytes.length), 0),
  };
}

interface Table {
  readonly slots: Int32Array;
  readonly seed: number;
  readonly probes: number;
}

function build(entries: Entries, seed: number): Table {
  let places = 8;
  while (places < entries.count * PLACES_PER_NAME) places *= 2;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    // Another seed is cheap and mostly enough; more room helps those sets of names that need it.
    if (turn > 0 && turn % 8 === 0) places *= 2;
    const table = fill(entries, places, (seed + turn) | 0);
    if (table.probes <= PROBES_MAX) return table;
  }
  throw new Error(`Cannot index ${entries.count} names: some lie more than ${PROBES_MAX} places off, whatever the seed.`);
}

function fill(entries: Entries, places: number, seed: number): Table {
  const slots = new Int32Array(2 * places).fill(EMPTY);
  let probes = 1;
  for (let entry = 0; entry < entries.count; entry++) {
    // Columns have a value for each entry.
    const hash = hashOf(entries.bytes, entries.start[entry]!, entries.start[entry + 1]!, entries.scope[entry]!, seed);
    let place = hash & (places - 1);
    let probe = 1;
    for (; slots[2 * place + 1] !== EMPTY; probe++) place = (place + 1) & (places - 1);
    slots[2 * place] = hash;
    slots[2 * place + 1] = entry;
    probes = Math.max(probes, probe);
  }
  return { slots, seed, probes };
}

/** Four bytes at a time, each mixed into all bits: 30 bytes take about 15 ns, where one at a time takes three times as long. */
function hashOf(bytes: Uint8Array, start: number, end: number, scope: number, seed: number): number {
  let hash = seed ^ Math.imul(scope, 0x85ebca6b) ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    // `at + 3` is before the end.
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) {
    hash = Math.imul(hash ^ bytes[at]!, 0x9e3779b1); // `at` is before the end.
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function isEntry(entries: Entries, entry: number, scope: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (entries.scope[entry] !== scope) return false;
  const own = entries.start[entry]!; // Entries are rows.
  const length = end - start;
  if (entries.start[entry + 1]! - own !== length) return false; // One more than there are rows.
  for (let at = 0; at < length; at++) {
    if (entries.bytes[own + at] !== bytes[start + at]) return false;
  }
  return true;
}

function beginsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) {
    if (bytes[start + at] !== prefix[at]) return false;
  }
  return true;
}
