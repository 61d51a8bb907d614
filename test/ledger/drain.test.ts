import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Drain } from "../../src/ledger/drain.ts";
import { Journal } from "../../src/ledger/journal.ts";
import { LEDGER_MIGRATIONS } from "../../src/ledger/migrations.ts";
import { type LedgerDatabase, openDatabase } from "../../src/ledger/open.ts";
import { attempts } from "../../src/ledger/schema.ts";
import { opened, outcome, temporaryFolder } from "./samples.ts";

const DEAD = () => false;

function databaseIn(folder: string): LedgerDatabase {
  return openDatabase(join(folder, "ledger.sqlite"), LEDGER_MIGRATIONS, 0).database;
}

function rowsIn({ drizzle }: LedgerDatabase): { id: string; state: string; costNanoUsd: number | null; owner: string }[] {
  const rows = drizzle.select().from(attempts).orderBy(attempts.requestId, attempts.attempt).all();
  return rows.map(({ requestId, attempt, state, costNanoUsd, owner }) => ({ id: `${requestId}/${attempt}`, state, costNanoUsd, owner }));
}

describe("a drain", () => {
  test("makes one row of a beginning and an end, in one go or in two", () => {
    using folder = temporaryFolder();
    const database = databaseIn(folder.path);
    const drain = new Drain(database, folder.path);
    const journal = new Journal({ folder: folder.path, owner: "me" });
    journal.append({ type: "open", opened: opened("a") }, 0);
    journal.append({ type: "settle", requestId: "a", attempt: 1, outcome: outcome() }, 0);
    journal.append({ type: "open", opened: opened("b") }, 0);
    expect(drain.run("me", false).records).toBe(3);
    expect(rowsIn(database)).toEqual([
      { id: "a/1", state: "exact", costNanoUsd: 1_000, owner: "me" },
      { id: "b/1", state: "open", costNanoUsd: null, owner: "me" },
    ]);
    journal.append({ type: "settle", requestId: "b", attempt: 1, outcome: outcome({ costNanoUsd: 7 }) }, 0);
    drain.run("me", false);
    expect(rowsIn(database)[1]).toEqual({ id: "b/1", state: "exact", costNanoUsd: 7, owner: "me" });
  });

  test("keeps every field", () => {
    using folder = temporaryFolder();
    const database = databaseIn(folder.path);
    const journal = new Journal({ folder: folder.path, owner: "me" });
    const usage = {
      inputTokens: 1,
      inputTokensCached: 2,
      inputTokensCacheWritten: 3,
      inputTokensCacheWrittenLong: 4,
      outputTokens: 5,
      reasoningTokens: 6,
      inputTokensOfAudio: 1,
      outputTokensOfAudio: 2,
      webSearches: 9,
    };
    journal.append({ type: "open", opened: opened("a", 3, { stream: true, price: "cafe" }) }, 0);
    journal.append(
      {
        type: "settle",
        requestId: "a",
        attempt: 3,
        outcome: outcome({
          usage,
          losses: ["x", "y"],
          failure: "upstream_reset",
          connectMs: 1.5,
          tokensSaved: 4,
          bytesSavedBy: "git-diff=16",
          cache: "hit",
          images: 2,
          audioSeconds: 1.25,
        }),
      },
      0,
    );
    new Drain(database, folder.path).run("me", true);
    expect(database.drizzle.select().from(attempts).get()).toEqual({
      ...opened("a", 3),
      ...usage,
      stream: true,
      price: "cafe",
      state: "exact",
      owner: "me",
      settledEpochMs: 1_735_689_601_000,
      failure: "upstream_reset",
      images: 2,
      audioSeconds: 1.25,
      costNanoUsd: 1_000,
      queueMs: 0.25,
      connectMs: 1.5,
      firstByteMs: 120.5,
      firstTokenMs: 121,
      totalMs: 900,
      bytesOut: 2_000,
      losses: "x y",
      bytesSavedBy: "git-diff=16",
      cache: "hit",
      tokensSaved: 4,
    } as never);
  });

  test("believes the first end that it hears of", () => {
    using folder = temporaryFolder();
    const database = databaseIn(folder.path);
    const journal = new Journal({ folder: folder.path, owner: "me" });
    journal.append({ type: "open", opened: opened("a") }, 0);
    for (const costNanoUsd of [1, 2]) journal.append({ type: "settle", requestId: "a", attempt: 1, outcome: outcome({ costNanoUsd }) }, 0);
    new Drain(database, folder.path).run("me", false);
    journal.append({ type: "settle", requestId: "a", attempt: 1, outcome: outcome({ costNanoUsd: 3 }) }, 0);
    new Drain(database, folder.path).run("me", false);
    expect(rowsIn(database)).toMatchObject([{ costNanoUsd: 1 }]);
  });

  test("takes segments away that are done, and never the one that is being written", () => {
    using folder = temporaryFolder();
    const database = databaseIn(folder.path);
    const journal = new Journal({ folder: folder.path, owner: "me", segmentBytesMax: 500 });
    for (let count = 0; count < 10; count++) journal.append({ type: "open", opened: opened(`${count}`) }, 0);
    const drain = new Drain(database, folder.path);
    const segments = (): number => readdirSync(folder.path).filter((name) => name.endsWith(".journal")).length;
    expect(segments()).toBeGreaterThan(2);
    drain.run("me", false);
    expect(segments()).toBe(1);
    journal.close(0);
    drain.run("me", true);
    expect(segments()).toBe(0);
    expect(rowsIn(database).length).toBe(10);
  });
});

describe("a start", () => {
  test("closes what dead processes left open at what was set aside, and leaves the living alone", () => {
    using folder = temporaryFolder();
    const database = databaseIn(folder.path);
    for (const owner of ["dead", "alive"]) {
      const journal = new Journal({ folder: folder.path, owner });
      journal.append({ type: "open", opened: opened(`${owner}-open`, 1, { price: "cafe" }) }, 0);
      journal.append({ type: "open", opened: opened(`${owner}-done`) }, 0);
      journal.append({ type: "settle", requestId: `${owner}-done`, attempt: 1, outcome: outcome() }, 0);
    }
    const drain = new Drain(database, folder.path);
    drain.run("alive", false);
    const isAlive = (owner: string) => owner === "alive";
    expect(drain.recover(isAlive, 9)).toMatchObject({ unknown: 1, records: 3, owners: ["dead"] });
    expect(drain.recover(isAlive, 9)).toMatchObject({ unknown: 0, records: 0 });
    expect(rowsIn(database)).toEqual([
      { id: "alive-done/1", state: "exact", costNanoUsd: 1_000, owner: "alive" },
      { id: "alive-open/1", state: "open", costNanoUsd: null, owner: "alive" },
      { id: "dead-done/1", state: "exact", costNanoUsd: 1_000, owner: "dead" },
      { id: "dead-open/1", state: "unknown", costNanoUsd: 5_000, owner: "dead" },
    ]);
  });

  test("forgets the places of files that are gone, and minds no file that another process has taken away", () => {
    using folder = temporaryFolder();
    const database = databaseIn(folder.path);
    const journal = new Journal({ folder: folder.path, owner: "dead" });
    journal.append({ type: "open", opened: opened("a") }, 0);
    const drain = new Drain(database, folder.path);
    drain.run("dead", false);
    // As if the other process had listed the file before it went.
    const [name = ""] = readdirSync(folder.path).filter((each) => each.endsWith(".journal"));
    rmSync(join(folder.path, name));
    expect(drain["drainSegment"](name, "dead", true)).toEqual({ records: 0, bytes: 0, spoilt: 0 });
    expect(database.sqlite.query("SELECT count(*) AS n FROM applied").get()).toEqual({ n: 1 });
    expect(drain.recover(DEAD, 9)).toMatchObject({ unknown: 1 });
    expect(database.sqlite.query("SELECT count(*) AS n FROM applied").get()).toEqual({ n: 0 });
  });

  test("does not make up a cost where there was no price", () => {
    using folder = temporaryFolder();
    const database = databaseIn(folder.path);
    new Journal({ folder: folder.path, owner: "dead" }).append({ type: "open", opened: opened("a") }, 0);
    new Drain(database, folder.path).recover(DEAD, 9);
    expect(rowsIn(database)).toMatchObject([{ state: "unknown", costNanoUsd: null }]);
  });

  test("has each attempt once, wherever the process died and however often the drain was cut short", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("open" as const), id: fc.nat(15) }),
      fc.record({ type: fc.constant("settle" as const), id: fc.nat(15) }),
      fc.record({ type: fc.constant("drain" as const) }),
      fc.record({ type: fc.constant("repeat" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(400), (steps, torn) => {
        using folder = temporaryFolder();
        const database = databaseIn(folder.path);
        const journal = new Journal({ folder: folder.path, owner: "me", segmentBytesMax: 700 });
        const [began, ended] = [new Set<number>(), new Set<number>()];
        for (const each of steps) {
          if (each.type === "drain") new Drain(database, folder.path).run("me", false);
          // The rows are in and the place was not moved on, as if the file lived longer than its place.
          else if (each.type === "repeat") database.sqlite.run("DELETE FROM applied");
          else if (each.type === "open" && !began.has(each.id)) {
            began.add(each.id);
            journal.append({ type: "open", opened: opened(`${each.id}`, 1, { price: "cafe" }) }, 0);
          } else if (each.type === "settle" && began.has(each.id) && !ended.has(each.id)) {
            ended.add(each.id);
            journal.append({ type: "settle", requestId: `${each.id}`, attempt: 1, outcome: outcome() }, 0);
          }
        }
        tear(folder.path, torn);
        new Drain(database, folder.path).recover(DEAD, 9);
        const rows = rowsIn(database);
        expect(rows.map(({ id }) => id).sort()).toEqual([...began].map((id) => `${id}/1`).sort());
        expect(rows.filter(({ state }) => state === "exact").length).toBe(ended.size);
        expect(rows.filter(({ state }) => state === "unknown").length).toBe(began.size - ended.size);
        database.sqlite.close();
      }),
      { numRuns: 60 },
    );
  });
});

/** Adds the beginning of a line, as a process leaves it that dies in the middle of a write. */
function tear(folder: string, bytes: number): void {
  const last = readdirSync(folder)
    .filter((name) => name.endsWith(".journal"))
    .sort()
    .at(-1);
  if (last === undefined) return;
  const path = join(folder, last);
  const written = readFileSync(path);
  writeFileSync(path, Buffer.concat([written, written.subarray(0, Math.min(bytes, Math.max(0, written.indexOf(10) - 1)))]));
}
