import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BoundedStore } from "../../src/store/bounded-store.ts";
import { SqliteShelf } from "../../src/store/sqlite-shelf.ts";
import { ManualClock } from "../../src/world/simulated.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "omni-shelf-"));
  folders.push(folder);
  return join(folder, "below", "kept.sqlite");
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const entry = (value: string, clock: ManualClock, lifeMs = 60_000) => ({
  value: text(value),
  storedEpochMs: clock.epochMs(),
  expiresEpochMs: clock.epochMs() + lifeMs,
});

describe("SqliteShelf", () => {
  test("finds entries again after a restart, each tenant its own", () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const before = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    before.put("a", "k", entry("of a", clock));
    before.put("b", "k", entry("of b", clock));
    before.close();
    const after = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    expect(["a", "b", "c"].map((tenant) => after.get(tenant, "k")?.value)).toEqual([text("of a"), text("of b"), undefined]);
    after.close();
  });

  test("gives what is not yet written, and writes it soon", async () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const shelf = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    const other = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    shelf.put("a", "k", entry("x", clock));
    expect([shelf.get("a", "k")?.value, other.get("a", "k")]).toEqual([text("x"), undefined]);
    await clock.advance(1_000);
    expect(other.get("a", "k")?.value).toEqual(text("x"));
    shelf.delete("a", "k");
    expect(shelf.get("a", "k")).toBeUndefined();
    await clock.advance(1_000);
    expect(other.get("a", "k")).toBeUndefined();
    shelf.close();
    other.close();
  });

  test("holds no more than it may: what was longest not asked for goes", async () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const shelf = new SqliteShelf(file, clock, { bytesMax: 20_000 });
    for (let at = 0; at < 40; at++) {
      shelf.put("a", `k${at}`, entry("x".repeat(1_000), clock));
      await clock.advance(300);
      if (at > 0) expect(shelf.get("a", "k0")).toBeDefined();
    }
    const kept = Array.from({ length: 40 }, (_, at) => at).filter((at) => shelf.get("a", `k${at}`) !== undefined);
    expect(kept.length).toBeGreaterThan(8);
    expect(kept.length).toBeLessThan(20);
    expect([kept[0], kept.at(-1)]).toEqual([0, 39]);
    shelf.close();
  });

  test("lets go of what has expired", async () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const shelf = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    shelf.put("a", "short", entry("x", clock, 500));
    await clock.advance(1_000);
    shelf.put("a", "other", entry("x", clock));
    await clock.advance(1_000);
    expect(shelf.get("a", "short")).toBeUndefined();
    shelf.close();
  });

  test("can be read by its owner alone", () => {
    const [file, clock] = [newFile(), new ManualClock()];
    new SqliteShelf(file, clock, { bytesMax: 1e6 }).close();
    expect([statSync(file).mode & 0o777, statSync(join(file, "..")).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("puts a damaged file aside and begins anew", () => {
    const [file, clock] = [newFile(), new ManualClock()];
    new SqliteShelf(file, clock, { bytesMax: 1e6 }).close();
    writeFileSync(file, "this is no database, whatever its name says".repeat(100));
    const shelf = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    shelf.put("a", "k", entry("x", clock));
    shelf.close();
    expect(readdirSync(join(file, "..")).filter((name) => name.includes(".damaged-"))).toHaveLength(1);
  });

  test("a disk that fails costs entries, and is told once", async () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const told: unknown[] = [];
    const shelf = new SqliteShelf(file, clock, { bytesMax: 1e6, failed: (error) => told.push(error) });
    const blocker = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    blocker["database"].run("BEGIN IMMEDIATE");
    for (const key of ["one", "two"]) {
      shelf.put("a", key, entry("x", clock));
      await clock.advance(1_000);
    }
    blocker["database"].run("COMMIT");
    expect([told.length, shelf.get("a", "one")]).toEqual([1, undefined]);
    shelf.put("a", "three", entry("x", clock));
    await clock.advance(1_000);
    expect(blocker.get("a", "three")).toBeDefined();
    shelf.close();
    blocker.close();
  });
});

describe("a BoundedStore with a shelf", () => {
  test("finds entries again after a restart, as old as they are", async () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const options = { bytesMax: 1e6, ttlMs: 10_000 };
    const before = new BoundedStore(options, clock, new SqliteShelf(file, clock, { bytesMax: 1e6 }));
    before.put("a", "k", text("x"));
    before.close();
    await clock.advance(4_000);
    const after = new BoundedStore(options, clock, new SqliteShelf(file, clock, { bytesMax: 1e6 }));
    expect(after.get("a", "k")).toMatchObject({ value: text("x"), storedMs: 0, expiresMs: 10_000 });
    await clock.advance(6_000);
    expect(after.get("a", "k")).toBeUndefined();
    after.close();
  });

  test("finds what memory had no room for", async () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const shelf = new SqliteShelf(file, clock, { bytesMax: 1e7 });
    const kept = new BoundedStore({ bytesMax: 20_000, ttlMs: 1e6 }, clock, shelf);
    for (let at = 0; at < 100; at++) kept.put("a", `k${at}`, text(`${at}`.repeat(500)));
    expect(kept.size).toBeLessThan(20);
    for (let at = 0; at < 100; at++) expect(kept.get("a", `k${at}`)?.value).toEqual(text(`${at}`.repeat(500)));
    expect(kept.bytes).toBeLessThanOrEqual(20_000);
    kept.close();
  });

  test("a wall clock that is set back does not make entries live longer than the store lets them", async () => {
    const [file, clock] = [newFile(), new ManualClock()];
    const shelf = new SqliteShelf(file, clock, { bytesMax: 1e6 });
    shelf.put("a", "k", entry("x", clock, 10_000));
    clock.stepWall(-1e6);
    const kept = new BoundedStore({ bytesMax: 1e6, ttlMs: 10_000 }, clock, shelf);
    expect(kept.get("a", "k")?.expiresMs).toBe(10_000);
    kept.close();
  });
});
