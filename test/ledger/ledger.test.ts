import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DrainThread } from "../../src/ledger/drain-thread.ts";
import { OmniError } from "../../src/ir/failure.ts";
import { LocalDrainer, ledgerFile } from "../../src/ledger/drainer.ts";
import { Journal, type JournalDisk, systemDisk } from "../../src/ledger/journal.ts";
import { LEDGER_MIGRATIONS } from "../../src/ledger/migrations.ts";
import { openDatabase } from "../../src/ledger/open.ts";
import { openLedger } from "../../src/ledger/open-ledger.ts";
import { isAlive, ProcessLock } from "../../src/ledger/process-lock.ts";
import { Ledger, type LedgerOptions, type LedgerState } from "../../src/ledger/writer.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import { systemWorld } from "../../src/world/system.ts";
import { opened, outcome, temporaryFolder } from "./samples.ts";

// The samples are of a fixed day, long ago by now.
const KEEP = { keepDays: 100_000 };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A ledger whose time is turned by hand and whose tables are filled on this thread. */
function ledgerIn(folder: string, disk: JournalDisk = systemDisk, options: LedgerOptions = {}) {
  const clock = new ManualClock();
  const states: LedgerState[] = [];
  const drainer = new LocalDrainer({ folder, owner: "me" }, 0, 0);
  const journal = new Journal({ folder, owner: "me", disk, bufferBytesMax: 2_000 });
  const ledger = new Ledger(journal, drainer, clock, { changed: (state) => states.push(state), ...options });
  closing.push(() => ledger.close());
  return { clock, ledger, states };
}

function statesIn(folder: string): Record<string, number> {
  const database = new Database(ledgerFile(folder), { readonly: true });
  const rows = database.query("SELECT state, count(*) AS count FROM attempts GROUP BY state").all() as { state: string; count: number }[];
  database.close();
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

describe("a ledger", () => {
  test("has every attempt in its tables a moment later, and each settlement once", async () => {
    using folder = temporaryFolder();
    const { clock, ledger, states } = ledgerIn(folder.path);
    const [a, b] = [ledger.open(opened("a")), ledger.open(opened("b"))];
    ledger.settle(a, outcome());
    ledger.settle(a, outcome({ certainty: "unknown" }));
    await clock.advance(250);
    expect(statesIn(folder.path)).toEqual({ exact: 1, open: 1 });
    ledger.settle(b, outcome({ certainty: "zero" }));
    await clock.advance(250);
    expect(statesIn(folder.path)).toEqual({ exact: 1, zero: 1 });
    expect([ledger.state.backlogBytes, states.length]).toEqual([0, 0]);
  });

  test("on a full disk goes on for as long as memory lasts, then refuses work, and goes on by itself when there is room", async () => {
    using folder = temporaryFolder();
    let isFull = false;
    const disk: JournalDisk = {
      ...systemDisk,
      write: (handle, bytes) => {
        if (isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        return systemDisk.write(handle, bytes);
      },
    };
    const { clock, ledger, states } = ledgerIn(folder.path, disk);
    const before = ledger.open(opened("before"));
    isFull = true;
    ledger.settle(before, outcome());
    expect(() => ledger.checkRoom()).not.toThrow();
    const refusal = catchError(() => {
      for (let count = 0; ; count++) ledger.settle(ledger.open(opened(`${count}`)), outcome());
    });
    expect(refusal).toMatchObject({ kind: "ledger_unavailable", status: 503, retryAfterMs: 5_000 });
    await clock.advance(300);
    expect(states.at(-1)?.journalFailure).toContain("no space");
    isFull = false;
    await clock.advance(600);
    expect(() => ledger.checkRoom()).not.toThrow();
    expect(states.at(-1)?.journalFailure).toBeUndefined();
    const { exact = 0 } = statesIn(folder.path);
    expect(exact).toBeGreaterThan(1);
  });

  test("lets work through on a full disk where the operator wants it so, and counts what is lost", () => {
    using folder = temporaryFolder();
    const disk: JournalDisk = {
      ...systemDisk,
      create: () => {
        throw new Error("ENOSPC");
      },
    };
    const { ledger } = ledgerIn(folder.path, disk, { onFailure: "allow" });
    for (let count = 0; count < 20; count++) ledger.settle(ledger.open(opened(`${count}`)), outcome());
    expect(ledger.state.lost).toBeGreaterThan(0);
    expect(() => ledger.checkRoom()).not.toThrow();
  });

  test("that nobody must wait for stops to grow when its tables do not follow, and counts what is lost", async () => {
    using folder = temporaryFolder();
    const { clock, ledger, states } = ledgerIn(folder.path, systemDisk, { onFailure: "allow", backlogBytesMax: 4_000 });
    const other = new Database(ledgerFile(folder.path));
    other.run("BEGIN IMMEDIATE");
    for (let count = 0; count < 100; count++) ledger.settle(ledger.open(opened(`${count}`)), outcome());
    await clock.advance(300);
    const { lost, backlogBytes } = ledger.state;
    expect(lost).toBeGreaterThan(80);
    expect(backlogBytes).toBeLessThan(4_500);
    other.run("ROLLBACK");
    other.close();
    await clock.advance(300);
    expect(states.at(-1)).toMatchObject({ lost, drainFailure: undefined, backlogBytes: 0 });
    expect(statesIn(folder.path)).toEqual({ exact: 100 - lost });
  });

  test("holds nobody up while its tables stand still, as over a disk whose fsync takes seconds", async () => {
    using folder = temporaryFolder();
    let go = (): void => {};
    const slow = new LocalDrainer({ folder: folder.path, owner: "me" }, 0, 0);
    const fast = slow.drain.bind(slow);
    slow.drain = async (isOver) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return fast(isOver);
    };
    const clock = new ManualClock();
    const ledger = new Ledger(new Journal({ folder: folder.path, owner: "me" }), slow, clock);
    ledger.settle(ledger.open(opened("before")), outcome());
    await clock.advance(300);
    for (let count = 0; count < 50; count++) ledger.settle(ledger.open(opened(`${count}`)), outcome());
    expect(ledger.state).toMatchObject({ drainFailure: undefined, journalFailure: undefined, lost: 0 });
    expect(() => ledger.checkRoom()).not.toThrow();
    go();
    await clock.advance(300);
    go();
    await clock.advance(300);
    expect(statesIn(folder.path)).toEqual({ exact: 51 });
    const closed = ledger.close();
    await clock.advance(1);
    go();
    await closed;
  });

  test("starts nothing as long as there is nothing to be taken down", async () => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    let asked = 0;
    const drainer = new LocalDrainer({ folder: folder.path, owner: "me" }, 0, 0);
    const drain = drainer.drain.bind(drainer);
    drainer.drain = (isOver) => {
      asked++;
      return drain(isOver);
    };
    const ledger = new Ledger(new Journal({ folder: folder.path, owner: "me" }), drainer, clock);
    await clock.advance(60_000);
    await ledger.close();
    expect(asked).toBe(0);
  });

  test("waits for a database that somebody else writes to, and loses nothing by it", async () => {
    using folder = temporaryFolder();
    const { clock, ledger, states } = ledgerIn(folder.path);
    const other = new Database(ledgerFile(folder.path));
    other.run("BEGIN IMMEDIATE");
    ledger.settle(ledger.open(opened("a")), outcome());
    await clock.advance(300);
    expect(states.at(-1)?.drainFailure).toContain("locked");
    other.run("ROLLBACK");
    other.close();
    await clock.advance(300);
    expect(states.at(-1)?.drainFailure).toBeUndefined();
    expect(statesIn(folder.path)).toEqual({ exact: 1 });
  });

  test("keeps rows in its journal while the database is full", async () => {
    using folder = temporaryFolder();
    const clock = new ManualClock();
    const drainer = new LocalDrainer({ folder: folder.path, owner: "me" }, 0, 0);
    const { sqlite } = drainer["database"];
    const journal = new Journal({ folder: folder.path, owner: "me" });
    const ledger = new Ledger(journal, drainer, clock, { backlogBytesMax: 20_000 });
    closing.push(() => ledger.close());
    const { page_count } = sqlite.query("PRAGMA page_count").get() as { page_count: number };
    sqlite.run(`PRAGMA max_page_count = ${page_count + 1}`);
    const open = (id: string) => ledger.settle(ledger.open(opened(id)), outcome());
    for (let count = 0; count < 100; count++) open(`a${count}`);
    await clock.advance(300);
    expect(ledger.state.drainFailure).toContain("full");
    expect(() => ledger.checkRoom()).toThrow(OmniError);
    sqlite.run("PRAGMA max_page_count = 100000");
    await clock.advance(300);
    expect(() => ledger.checkRoom()).not.toThrow();
    expect(statesIn(folder.path)).toEqual({ exact: 100 });
  });

  test("adds up what is older than it is to be kept", async () => {
    using folder = temporaryFolder();
    const { clock, ledger } = ledgerIn(folder.path, systemDisk, { keepDays: 3 });
    const dayMs = 86_400_000;
    for (const age of [2, 4]) ledger.settle(ledger.open(opened(`${age}`, 1, { startedEpochMs: clock.epochMs() - age * dayMs })), outcome());
    await clock.advance(300);
    expect(statesIn(folder.path)).toEqual({ exact: 1 });
    const database = new Database(ledgerFile(folder.path), { readonly: true });
    expect(database.query("SELECT day, requests, cost_nano_usd FROM days").values()).toEqual([["2024-12-28", 1, 1_000]]);
    database.close();
  });

  test("takes down a price once", async () => {
    using folder = temporaryFolder();
    const { ledger } = ledgerIn(folder.path);
    const rates = { input: 1 } as never;
    for (const version of ["a", "b", "a"]) ledger.knowPrice(version, "openai/gpt", rates);
    await ledger.flush();
    const database = new Database(ledgerFile(folder.path), { readonly: true });
    expect(database.query("SELECT version, rates FROM prices").values()).toEqual([
      ["a", '{"input":1}'],
      ["b", '{"input":1}'],
    ]);
    database.close();
  });
});

describe("opening", () => {
  test("puts a damaged database aside, whole, and starts with a new one", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ledger.sqlite");
    writeFileSync(file, "this is no database, and it is longer than a header of SQLite would be".repeat(100));
    const { database, setAside } = openDatabase(file, LEDGER_MIGRATIONS, 42);
    expect(setAside).toBe(`${file}.damaged-42`);
    expect(readFileSync(`${file}.damaged-42`, "utf8")).toStartWith("this is no database");
    expect(database.sqlite.query("SELECT count(*) AS n FROM attempts").get()).toEqual({ n: 0 });
    database.sqlite.close();
  });

  test("refuses a database of a newer version, and leaves it as it is", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ledger.sqlite");
    const newer = new Database(file, { create: true });
    newer.run("PRAGMA user_version = 99");
    newer.close();
    expect(() => openDatabase(file, LEDGER_MIGRATIONS, 0)).toThrow(/version 99/);
    expect(readdirSync(folder.path).filter((name) => name.includes("damaged"))).toEqual([]);
  });

  test("does its steps once, even if two processes come at the same time", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ledger.sqlite");
    for (let turn = 0; turn < 2; turn++) openDatabase(file, LEDGER_MIGRATIONS, 0).database.sqlite.close();
    expect(openDatabase(file, LEDGER_MIGRATIONS, 0).setAside).toBeUndefined();
  });
});

describe("damage deep in the database", () => {
  /** Turns the inner pages of a filled database into rubbish; its head stays as it is. */
  async function spoil(folder: string): Promise<void> {
    const drainer = new LocalDrainer({ folder, owner: "before" }, 0, 0);
    const journal = new Journal({ folder, owner: "before" });
    for (let count = 0; count < 500; count++) journal.append({ type: "open", opened: opened(`${count}`) }, 0);
    await drainer.drain(true);
    await drainer.close();
    const file = ledgerFile(folder);
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xa5)]));
  }

  test("found at the start does not keep the gateway from starting", async () => {
    using folder = temporaryFolder();
    await spoil(folder.path);
    new Journal({ folder: folder.path, owner: "dead" }).append({ type: "open", opened: opened("left") }, 0);
    const drainer = new LocalDrainer({ folder: folder.path, owner: "me" }, 42, 0);
    expect(await drainer.recover()).toMatchObject({ setAside: `${ledgerFile(folder.path)}.damaged-42`, unknown: 1, recovered: 1 });
    await drainer.close();
    expect(statesIn(folder.path)).toEqual({ unknown: 1 });
  });

  test("found while running loses nothing that the journal has, and is put right once", async () => {
    using folder = temporaryFolder();
    const { clock, ledger } = ledgerIn(folder.path);
    ledger.settle(ledger.open(opened("a")), outcome());
    await clock.advance(300);
    const bytes = readFileSync(ledgerFile(folder.path));
    new Database(ledgerFile(folder.path)).run("PRAGMA wal_checkpoint(TRUNCATE)");
    writeFileSync(ledgerFile(folder.path), Buffer.alloc(Math.max(bytes.length, 40_960), 0xa5));
    ledger.settle(ledger.open(opened("b")), outcome());
    await clock.advance(300);
    expect(ledger.state.drainFailure).toBeUndefined();
    expect(readdirSync(folder.path).some((name) => name.includes("damaged"))).toBe(true);
    // The segment goes in whole, also what the old file had of it.
    expect(statesIn(folder.path)).toEqual({ exact: 2 });
  });
});

describe("in a thread of its own", () => {
  test("a thread that breaks is followed by another, and nothing is lost", async () => {
    using folder = temporaryFolder();
    const { ledger, close } = openLedger(folder.path, systemWorld(), KEEP);
    ledger.settle(ledger.open(opened("a")), outcome());
    await ledger.flush();
    // From outside a thread can only be ended.
    (ledger["drainer"] as DrainThread)["asking"]?.end();
    ledger.settle(ledger.open(opened("b")), outcome());
    for (let turn = 0; turn < 50 && ledger.state.backlogBytes > 0; turn++) {
      await ledger.flush();
      await Bun.sleep(10);
    }
    expect(statesIn(folder.path)).toEqual({ exact: 2 });
    expect(await ledger.usage("key")).toMatchObject([{ group: "alice", requests: 2 }]);
    expect(await ledger.spent({ per: "all", sinceEpochMs: 0 })).toEqual([{ subject: "", nanoUsd: 2_000 }]);
    await close();
  });

  test("a ledger is filled, closed, and found in order", async () => {
    using folder = temporaryFolder();
    const first = openLedger(folder.path, systemWorld(), KEEP);
    first.ledger.settle(first.ledger.open(opened("a")), outcome());
    first.ledger.open(opened("b"));
    await first.ledger.flush();
    expect(statesIn(folder.path)).toEqual({ exact: 1, open: 1 });
    await first.close();
    const second = openLedger(folder.path, systemWorld(), KEEP);
    // A process that closes in order and leaves an attempt open has lost sight of it all the same.
    expect(await second.recover()).toMatchObject({ unknown: 1, setAside: undefined });
    await second.close();
    expect(readdirSync(folder.path).filter((name) => /journal$|lock$/.test(name))).toEqual([]);
  });

  test("two processes' ledgers in one folder leave each other's open attempts alone", async () => {
    using folder = temporaryFolder();
    const first = openLedger(folder.path, systemWorld(), KEEP);
    first.ledger.open(opened("a"));
    await first.ledger.flush();
    const lines = Bun.spawnSync([process.execPath, join(import.meta.dir, "open-and-close.ts"), folder.path]).stdout.toString();
    expect(JSON.parse(lines)).toMatchObject({ unknown: 0 });
    expect(statesIn(folder.path)).toEqual({ open: 1 });
    await first.close();
  });
});

test("a lock is let go of when its process ends", () => {
  using folder = temporaryFolder();
  const lock = new ProcessLock(folder.path, "one");
  expect([isAlive(folder.path, "one"), isAlive(folder.path, "none")]).toEqual([true, false]);
  lock.release();
  expect(isAlive(folder.path, "one")).toBe(false);
});

function catchError(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
