import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BoundedStore, type StoreOptions } from "../../src/store/bounded-store.ts";
import { ManualClock } from "../../src/world/simulated.ts";

const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);

function store(options: Partial<StoreOptions> = {}) {
  const clock = new ManualClock();
  return { clock, store: new BoundedStore({ bytesMax: 100_000, ttlMs: 1_000, ...options }, clock) };
}

describe("BoundedStore", () => {
  test("gives back what was put in, with its age", async () => {
    const { clock, store: kept } = store();
    expect(kept.put("a", "k", bytes(3))).toBe(true);
    await clock.advance(400);
    expect(kept.get("a", "k")).toMatchObject({ value: bytes(3), storedMs: 0, expiresMs: 1_000 });
  });

  test.each([
    { claim: "never gives one tenant another's", tenant: "b", key: "k" },
    { claim: "does not take a tenant's name for a part of the key", tenant: "a:", key: "" },
    { claim: "nor the other way round", tenant: "", key: "ak" },
  ])("$claim", ({ tenant, key }) => {
    const { store: kept } = store();
    kept.put("a", "k", bytes(3));
    expect(kept.get(tenant, key)).toBeUndefined();
  });

  test("gives nothing that has expired, and lets go of it", async () => {
    const { clock, store: kept } = store();
    kept.put("a", "k", bytes(3));
    await clock.advance(1_000);
    expect(kept.get("a", "k")).toBeUndefined();
    expect([kept.size, kept.bytes]).toEqual([0, 0]);
  });

  test("an entry may live shorter than the rest, and never longer", async () => {
    const { clock, store: kept } = store();
    kept.put("a", "short", bytes(3), 100);
    kept.put("a", "long", bytes(3), 5_000);
    expect(kept.put("a", "never", bytes(3), 0)).toBe(false);
    await clock.advance(100);
    expect([kept.get("a", "short"), kept.get("a", "long")?.expiresMs]).toEqual([undefined, 1_000]);
  });

  test("lets go of expired entries that nobody asks for, as others come in", async () => {
    const { clock, store: kept } = store();
    for (let at = 0; at < 10; at++) kept.put("a", `old${at}`, bytes(3));
    await clock.advance(1_000);
    for (let at = 0; at < 5; at++) kept.put("a", `new${at}`, bytes(3));
    expect(kept.size).toBe(5);
  });

  test("does not keep what is too large, nor what it was to replace", () => {
    const { store: kept } = store({ entryBytesMax: 1_000 });
    kept.put("a", "k", bytes(3));
    expect(kept.put("a", "k", bytes(1_001))).toBe(false);
    expect(kept.get("a", "k")).toBeUndefined();
  });

  test("one tenant can not push out another's", () => {
    const { store: kept } = store({ bytesMax: 100_000 });
    kept.put("quiet", "k", bytes(1_000));
    for (let at = 0; at < 1_000; at++) kept.put("loud", `k${at}`, bytes(1_000));
    expect(kept.get("quiet", "k")).toBeDefined();
    expect(kept.bytes).toBeLessThan(100_000 / 4 + 2_000);
  });

  test("is, whatever is done to it, a map that forgets what was longest not asked for", async () => {
    const names = fc.constantFrom("a", "b", "c", "d");
    const step = fc.oneof(
      fc.record({
        type: fc.constant("put" as const),
        tenant: names,
        key: names,
        length: fc.nat(400),
        ttlMs: fc.integer({ min: 1, max: 900 }),
      }),
      fc.record({ type: fc.constant("get" as const), tenant: names, key: names }),
      fc.record({ type: fc.constant("delete" as const), tenant: names, key: names }),
      fc.record({ type: fc.constant("wait" as const), ms: fc.nat(400) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const options = { bytesMax: 3_000, tenantBytesMax: 1_500, entryBytesMax: 600, ttlMs: 700 };
        const { clock, store: kept } = store(options);
        const plain = new PlainStore(options);
        for (const [fill, step] of steps.entries()) {
          if (step.type === "wait") await clock.advance(step.ms);
          else if (step.type === "delete") {
            kept.delete(step.tenant, step.key);
            plain.delete(step.tenant, step.key);
          } else if (step.type === "put") {
            const value = bytes(step.length, fill);
            expect(kept.put(step.tenant, step.key, value, step.ttlMs)).toBe(plain.put(step, value, clock.nowMs()));
          } else {
            expect(kept.get(step.tenant, step.key)?.value).toEqual(plain.get(step.tenant, step.key, clock.nowMs()) as Uint8Array);
          }
          expect(kept.bytes).toBeLessThanOrEqual(options.bytesMax);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The same by way of one array, searched from end to end; expired entries stay in it for as long as the real one may keep them. */
class PlainStore {
  private readonly options: Required<StoreOptions>;
  private rows: { tenant: string; key: string; value: Uint8Array; bytes: number; expiresMs: number }[] = [];

  constructor(options: Required<StoreOptions>) {
    this.options = options;
  }

  put({ tenant, key, ttlMs }: { tenant: string; key: string; ttlMs: number }, value: Uint8Array, nowMs: number): boolean {
    const bytes = 256 + 4 * (tenant.length + key.length) + value.length;
    this.delete(tenant, key);
    if (bytes > this.options.entryBytesMax) return false;
    this.rows.push({ tenant, key, value, bytes, expiresMs: nowMs + Math.min(ttlMs, this.options.ttlMs) });
    const total = (rows: readonly { bytes: number }[]) => rows.reduce((sum, row) => sum + row.bytes, 0);
    while (total(this.rows.filter((row) => row.tenant === tenant)) > this.options.tenantBytesMax) {
      this.rows.splice(
        this.rows.findIndex((row) => row.tenant === tenant),
        1,
      );
    }
    while (total(this.rows) > this.options.bytesMax) this.rows.shift();
    for (const row of this.rows.slice(0, 2)) if (row.expiresMs <= nowMs) this.delete(row.tenant, row.key);
    return true;
  }

  get(tenant: string, key: string, nowMs: number): Uint8Array | undefined {
    const row = this.rows.find((row) => row.tenant === tenant && row.key === key);
    if (row === undefined) return undefined;
    this.delete(tenant, key);
    if (row.expiresMs <= nowMs) return undefined;
    this.rows.push(row);
    return row.value;
  }

  delete(tenant: string, key: string): void {
    this.rows = this.rows.filter((row) => row.tenant !== tenant || row.key !== key);
  }
}
