import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { and, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { AttemptOpened, AttemptOutcome } from "./attempt.ts";
import { ownerOf } from "./journal.ts";
import type { LedgerDatabase } from "./open.ts";
import { readSegment } from "./segment.ts";
import { type AttemptRow, applied, attempts, prices } from "./schema.ts";

/** What a drain did. */
export interface DrainReport {
  /** Records that are in the tables now. */
  readonly records: number;
  /** Bytes of the journal that were done with. */
  readonly bytes: number;
  /** Lines that could not be read; each is a record that is missing from the tables. The last one of a process that was killed may be one. */
  readonly spoilt: number;
}

type Row = AttemptRow;

/**
 * Carries the journal over into the tables. It runs where nobody waits: in a thread of its own, at a start, or for a command.
 *
 * Each piece of a segment and the place that it ends at go in by one transaction, so that however often and wherever it is killed, each attempt is one row.
 */
export class Drain {
  private readonly database: LedgerDatabase;
  private readonly folder: string;
  private readonly insert: ReturnType<typeof prepareInsert>;
  private readonly settle: ReturnType<typeof prepareSettle>;

  constructor(database: LedgerDatabase, folder: string) {
    this.database = database;
    this.folder = folder;
    this.insert = prepareInsert(database);
    this.settle = prepareSettle(database);
  }

  /**
   * Takes in what a process has written so far.
   * @param isOver Whether that process writes no more.
   * @throws What SQLite throws: locked, full, damaged. Nothing is lost by it; the next call goes on from there.
   */
  run(owner: string, isOver: boolean): DrainReport {
    const names = this.segments().filter((name) => ownerOf(name) === owner);
    const sum = { records: 0, bytes: 0, spoilt: 0 };
    for (const [at, name] of names.entries()) {
      const report = this.drainSegment(name, owner, isOver || at < names.length - 1);
      sum.records += report.records;
      sum.bytes += report.bytes;
      sum.spoilt += report.spoilt;
    }
    return sum;
  }

  /**
   * Takes in what dead processes left, and closes what they left open: nobody will ever say what became of it, so it counts as billed, at what was set aside.
   * @param isAlive Says whether a process still runs.
   * @returns The processes that it was done for, and what it was.
   */
  recover(
    isAlive: (owner: string) => boolean,
    epochMs: number,
  ): DrainReport & { readonly owners: readonly string[]; readonly unknown: number } {
    const known = new Map<string, boolean>();
    const isDead = (owner: string): boolean => {
      const found = known.get(owner) ?? !isAlive(owner);
      known.set(owner, found);
      return found;
    };
    const sum = { records: 0, bytes: 0, spoilt: 0, unknown: 0 };
    for (const owner of new Set(this.segments().map((name) => ownerOf(name) ?? ""))) {
      if (!isDead(owner)) continue;
      const report = this.run(owner, true);
      sum.records += report.records;
      sum.bytes += report.bytes;
      sum.spoilt += report.spoilt;
    }
    this.forgetPlaces();
    const open = this.database.drizzle.selectDistinct({ owner: attempts.owner }).from(attempts).where(eq(attempts.state, "open")).all();
    const dead = open.map(({ owner }) => owner).filter(isDead);
    if (dead.length > 0) {
      const closed = this.database.drizzle
        .update(attempts)
        .set({
          state: "unknown",
          settledEpochMs: epochMs,
          costNanoUsd: sql`CASE WHEN ${attempts.price} IS NULL THEN NULL ELSE ${attempts.reservedNanoUsd} END`,
        })
        .where(and(eq(attempts.state, "open"), inArray(attempts.owner, dead)))
        .returning({ attempt: attempts.attempt })
        .all();
      sum.unknown = closed.length;
    }
    return { ...sum, owners: [...known].filter(([, found]) => found).map(([owner]) => owner) };
  }

  /** Places of files that are gone. In this order: what is made meanwhile has no place yet when the places are read. */
  private forgetPlaces(): void {
    const places = this.database.drizzle.select({ segment: applied.segment }).from(applied).all();
    const there = new Set(this.segments());
    const gone = places.map(({ segment }) => segment).filter((segment) => !there.has(segment));
    if (gone.length > 0) this.database.drizzle.delete(applied).where(inArray(applied.segment, gone)).run();
  }

  private segments(): string[] {
    return readdirSync(this.folder)
      .filter((name) => ownerOf(name) !== undefined)
      .sort();
  }

  private drainSegment(name: string, owner: string, isComplete: boolean): DrainReport {
    const path = join(this.folder, name);
    const sum = { records: 0, bytes: 0, spoilt: 0 };
    let start = this.placeIn(name);
    for (;;) {
      const piece = existing(() => readSegment(path, start, isComplete));
      // Two processes that start at the same time take in what a third one left, each row once; one of them takes the file away.
      if (piece === undefined) return sum;
      if (piece.end > start) {
        this.database.sqlite.transaction(() => this.takeIn(piece.records, owner, name, piece.end)).immediate();
        sum.records += piece.records.length;
        sum.bytes += piece.end - start;
        sum.spoilt += piece.spoilt;
      }
      if (piece.bytesLeft === 0 || piece.end === start) {
        if (isComplete && piece.bytesLeft === 0) this.discard(name);
        return sum;
      }
      start = piece.end;
    }
  }

  private placeIn(segment: string): number {
    return this.database.drizzle.select({ bytes: applied.bytes }).from(applied).where(eq(applied.segment, segment)).get()?.bytes ?? 0;
  }

  /** The file goes first: a place without its file is forgotten at the next start, a file without its place would be taken in a second time, to no effect. */
  private discard(segment: string): void {
    rmSync(join(this.folder, segment), { force: true });
    this.database.drizzle.delete(applied).where(eq(applied.segment, segment)).run();
  }

  private takeIn(records: ReturnType<typeof readSegment>["records"], owner: string, segment: string, end: number): void {
    const rows = new Map<string, Row>();
    for (const record of records) {
      switch (record.type) {
        case "open":
          rows.set(keyOf(record.opened), rowOf(record.opened, owner));
          break;
        case "settle": {
          const row = rows.get(keyOf(record));
          if (row === undefined) this.settle(record.requestId, record.attempt, settledColumns(record.outcome));
          // Whoever settles first is believed.
          else if (row.state === "open") Object.assign(row, settledColumns(record.outcome));
          break;
        }
        case "price":
          this.database.drizzle
            .insert(prices)
            .values({ version: record.version, name: record.name, rates: JSON.stringify(record.rates) })
            .onConflictDoNothing()
            .run();
          break;
        default:
          record satisfies never;
      }
    }
    for (const row of rows.values()) this.insert(row);
    this.database.drizzle
      .insert(applied)
      .values({ segment, bytes: end })
      .onConflictDoUpdate({ target: applied.segment, set: { bytes: end } })
      .run();
  }
}

/**
 * Drizzle writes the statement, once; it is run by the driver. To go through Drizzle for each row takes four times as long.
 * @returns Inserts a row; of one that is there already, only an open one is changed.
 */
function prepareInsert({ drizzle, sqlite }: LedgerDatabase): (row: Row) => void {
  const names = Object.keys(getTableColumns(attempts)) as (keyof Row)[]; // It is the row's own table.
  const places = Object.fromEntries(names.map((name) => [name, sql.placeholder(name)]));
  const query = drizzle
    .insert(attempts)
    // Every column has its place, which is all that the type asks for.
    .values(places as unknown as Row)
    // A beginning may be in the table already, and come again together with its end: from a disk that did what it said it had not done.
    .onConflictDoUpdate({
      target: [attempts.requestId, attempts.attempt],
      set: Object.fromEntries(SETTLED.map((name) => [name, sql.raw(`excluded.${attempts[name].name}`)])),
      setWhere: eq(attempts.state, sql.raw("'open'")),
    })
    .toSQL();
  const statement = sqlite.prepare(query.sql);
  // Drizzle keeps to the order of the columns.
  return (row) => {
    statement.run(...names.map((name) => row[name] ?? null));
  };
}

/** The same for the end of an attempt whose beginning is in the table already. @returns Settles it, if it is open. */
function prepareSettle({ drizzle, sqlite }: LedgerDatabase): (requestId: string, attempt: number, settled: Partial<Row>) => void {
  // Drizzle leaves out what is undefined, and takes a value for each column; what they are is said when the statement is run.
  const query = drizzle
    .update(attempts)
    .set(Object.fromEntries(SETTLED.map((name) => [name, sql.placeholder(name)])))
    .where(
      and(
        eq(attempts.requestId, sql.placeholder("requestId")),
        eq(attempts.attempt, sql.placeholder("attempt")),
        eq(attempts.state, sql.raw("'open'")),
      ),
    )
    .toSQL();
  const statement = sqlite.prepare(query.sql);
  // Drizzle keeps to the order of the table's columns.
  const names = (Object.keys(getTableColumns(attempts)) as (keyof Row)[]).filter((name) =>
    SETTLED.includes(name as (typeof SETTLED)[number]),
  ); // It is the row's own table.
  return (requestId, attempt, settled) => {
    statement.run(...names.map((name) => settled[name] ?? null), requestId, attempt);
  };
}

/** @returns undefined if there is no such file. */
function existing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function keyOf({ requestId, attempt }: { readonly requestId: string; readonly attempt: number }): string {
  return `${requestId} ${attempt}`;
}

const UNSETTLED = {
  settledEpochMs: null,
  failure: null,
  inputTokens: null,
  inputTokensCached: null,
  inputTokensCacheWritten: null,
  inputTokensCacheWrittenLong: null,
  outputTokens: null,
  reasoningTokens: null,
  inputTokensOfAudio: null,
  outputTokensOfAudio: null,
  webSearches: null,
  images: null,
  audioSeconds: null,
  costNanoUsd: null,
  queueMs: null,
  connectMs: null,
  firstByteMs: null,
  firstTokenMs: null,
  totalMs: null,
  bytesOut: null,
  losses: null,
  tokensSaved: null,
  bytesSavedBy: null,
  cache: null,
} as const;

const SETTLED = ["state", ...Object.keys(UNSETTLED)] as readonly (keyof typeof UNSETTLED | "state")[]; // Its own keys.

function rowOf(opened: AttemptOpened, owner: string): Row {
  const { price = null, keyId = null, keyName = null, team = null, organisation = null, ...rest } = opened;
  return { ...UNSETTLED, ...rest, price, keyId, keyName, team, organisation, owner, state: "open" };
}

function settledColumns(outcome: AttemptOutcome): Partial<Row> {
  const { certainty, losses, failure = null, costNanoUsd = null, usage, bytesSavedBy = null, cache = null, ...rest } = outcome;
  return {
    ...rest,
    state: certainty,
    losses: losses.length === 0 ? null : losses.join(" "),
    failure,
    costNanoUsd,
    bytesSavedBy,
    cache,
    connectMs: outcome.connectMs ?? null,
    firstByteMs: outcome.firstByteMs ?? null,
    firstTokenMs: outcome.firstTokenMs ?? null,
    inputTokens: usage?.inputTokens ?? null,
    inputTokensCached: usage?.inputTokensCached ?? null,
    inputTokensCacheWritten: usage?.inputTokensCacheWritten ?? null,
    inputTokensCacheWrittenLong: usage?.inputTokensCacheWrittenLong ?? null,
    outputTokens: usage?.outputTokens ?? null,
    reasoningTokens: usage?.reasoningTokens ?? null,
    inputTokensOfAudio: usage?.inputTokensOfAudio ?? null,
    outputTokensOfAudio: usage?.outputTokensOfAudio ?? null,
    webSearches: usage?.webSearches ?? null,
  };
}
