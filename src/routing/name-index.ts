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
/** The scope of names that hold everywhere; a provider's own have its id. */
const EVERYWHERE = -1;

/** What stands at a place: four numbers side by side, so that a look-up touches memory twice, here and where the name itself is. */
const HASH = 0;
/** Where the name begins in `Entries.words`. */
const START = 1;
/** In bytes; -1 where nothing is. */
const LENGTH = 2;
const ROUTE = 3;
const STRIDE = 4;

/** A hash table with open addressing over interned bytes. Immutable. */
export class HashedNames implements NameIndex {
  readonly names: readonly string[];
  /** The most places that a look-up in this very table looks at; at most `PROBES_MAX`. */
  readonly probes: number;
  private readonly words: Int32Array;
  private readonly lengthMax: number;
  /** By provider, the bytes of its name and a slash. */
  private readonly prefixes: readonly Uint8Array[];
  private readonly seed: number;
  /** `[STRIDE * places]` */
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
    const entries = entriesOf(names, providers);
    const { words, starts } = intern(entries);
    this.words = words;
    this.lengthMax = entries.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
    const table = build(entries, starts, seed);
    this.slots = table.slots;
    this.seed = table.seed;
    this.probes = table.probes;
    this.mask = table.slots.length / STRIDE - 1;
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
    const { slots, mask, words, probes } = this;
    const length = end - start;
    // A client may send a name of many megabytes; what is longer than all that are known is not even hashed.
    if (length > this.lengthMax) return -1;
    const hash = hashOf(bytes, start, end, scope, this.seed);
    let place = hash & mask;
    for (let probe = 0; probe < probes; probe++) {
      const slot = place * STRIDE;
      const lengthThere = slots[slot + LENGTH]!; // The mask keeps places inside.
      if (lengthThere === -1) return -1;
      // The hash tells apart all but about one in four billion; only what it does not is compared.
      if (slots[slot + HASH] === hash && lengthThere === length && isName(words, slots[slot + START]!, scope, bytes, start, end)) {
        return slots[slot + ROUTE] as RouteId; // Filled from route ids.
      }
      place = (place + 1) & mask;
    }
    return -1;
  }
}

interface Entry {
  readonly scope: number;
  readonly bytes: Uint8Array;
  readonly route: RouteId;
}

function entriesOf(names: ReadonlyMap<string, RouteId>, providers: readonly ProviderNames[]): Entry[] {
  const encoder = new TextEncoder();
  const entries = [...names].map(([name, route]) => ({ scope: EVERYWHERE, bytes: encoder.encode(name), route }));
  for (const [scope, { models }] of providers.entries()) {
    for (const [name, route] of models) entries.push({ scope, bytes: encoder.encode(name), route });
  }
  return entries;
}

/** Writes all names into one column: for each its scope, then its bytes, four to a word. */
function intern(entries: readonly Entry[]): { readonly words: Int32Array; readonly starts: readonly number[] } {
  const words: number[] = [];
  const starts: number[] = [];
  for (const { scope, bytes } of entries) {
    starts.push(words.length);
    words.push(scope);
    for (let at = 0; at < bytes.length; at += 4) words.push(at + 4 <= bytes.length ? wordAt(bytes, at) : restAt(bytes, at, bytes.length));
  }
  return { words: Int32Array.from(words), starts };
}

interface Table {
  readonly slots: Int32Array;
  readonly seed: number;
  readonly probes: number;
}

function build(entries: readonly Entry[], starts: readonly number[], seed: number): Table {
  let places = 8;
  while (places < entries.length * PLACES_PER_NAME) places *= 2;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    // Another seed is cheap and mostly enough; more room helps those sets of names that need it.
    if (turn > 0 && turn % 8 === 0) places *= 2;
    const table = fill(entries, starts, places, (seed + turn) | 0);
    if (table.probes <= PROBES_MAX) return table;
  }
  throw new Error(`Cannot index ${entries.length} names: some lie more than ${PROBES_MAX} places off, whatever the seed.`);
}

function fill(entries: readonly Entry[], starts: readonly number[], places: number, seed: number): Table {
  const slots = new Int32Array(STRIDE * places).fill(-1);
  let probes = 1;
  for (const [row, { scope, bytes, route }] of entries.entries()) {
    const hash = hashOf(bytes, 0, bytes.length, scope, seed);
    let place = hash & (places - 1);
    let probe = 1;
    for (; slots[place * STRIDE + LENGTH] !== -1; probe++) place = (place + 1) & (places - 1);
    slots.set([hash, starts[row]!, bytes.length, route], place * STRIDE); // Each entry has a start.
    probes = Math.max(probes, probe);
  }
  return { slots, seed, probes };
}

/** Four bytes at a time: 30 bytes take a third of the time that one at a time would. */
function hashOf(bytes: Uint8Array, start: number, end: number, scope: number, seed: number): number {
  let hash = seed ^ Math.imul(scope, 0x85ebca6b) ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ wordAt(bytes, at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  if (at < end) hash = Math.imul(hash ^ restAt(bytes, at, end), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function isName(words: Int32Array, own: number, scope: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (words[own] !== scope) return false;
  let word = own + 1;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    if (words[word++] !== wordAt(bytes, at)) return false;
  }
  return at >= end || words[word] === restAt(bytes, at, end);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24); // The caller has seen that four are there.
}

/** One to three bytes. */
function restAt(bytes: Uint8Array, at: number, end: number): number {
  let word = bytes[at]!; // The caller has seen that one is there.
  if (at + 1 < end) word |= bytes[at + 1]! << 8; // Before the end.
  if (at + 2 < end) word |= bytes[at + 2]! << 16; // The same.
  return word;
}

function beginsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) {
    if (bytes[start + at] !== prefix[at]) return false;
  }
  return true;
}
