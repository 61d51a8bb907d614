import type { Usage } from "../ir/usage.ts";
import type { LedgerDatabase } from "./open.ts";
import { costNanoUsd, priceVersion, type Rates } from "./price.ts";
import { type AttemptRow, attempts, prices } from "./schema.ts";

/** Something in the ledger that can not be. */
export interface Discrepancy {
  readonly what: "damage" | "cost" | "price" | "gap" | "open" | "usage";
  /** One sentence. */
  readonly text: string;
}

/** What an audit found. */
export interface Audit {
  readonly attempts: number;
  /** Attempts whose cost was reckoned again from tokens and rates. */
  readonly reckoned: number;
  /** The sum of all costs, and the same reckoned again. Equal, if all is well. */
  readonly costNanoUsd: number;
  readonly costNanoUsdReckoned: number;
  readonly unpriced: number;
  readonly uncertain: number;
  readonly discrepancies: readonly Discrepancy[];
}

/** More than these are counted, not told. */
const DISCREPANCIES_MAX = 100;

/**
 * Reads the whole ledger and reckons everything again that can be: each exact row's cost from its tokens and the rates that it names, each request's attempts
 * one after the other without a gap, and that nothing is open whose process is gone.
 * @param isAlive Says of a process whether it still runs.
 */
export function verify(database: LedgerDatabase, isAlive: (owner: string) => boolean): Audit {
  const discrepancies: Discrepancy[] = [];
  const found = (what: Discrepancy["what"], text: string): void => {
    if (discrepancies.length < DISCREPANCIES_MAX) discrepancies.push({ what, text });
  };
  for (const text of damageIn(database)) found("damage", text);
  const rates = ratesIn(database, found);
  const sum = { attempts: 0, reckoned: 0, costNanoUsd: 0, costNanoUsdReckoned: 0, unpriced: 0, uncertain: 0 };
  const aliveKnown = new Map<string, boolean>();
  let before: AttemptRow | undefined;
  for (const row of rowsOf(database)) {
    sum.attempts++;
    if (row.state === "estimated" || row.state === "unknown") sum.uncertain++;
    checkOrder(row, before, found);
    before = row;
    if (row.state === "open") {
      const isOpen = aliveKnown.get(row.owner) ?? isAlive(row.owner);
      aliveKnown.set(row.owner, isOpen);
      if (!isOpen) found("open", `${nameOf(row)} is open, and the process that opened it is gone.`);
      continue;
    }
    if (row.costNanoUsd === null) sum.unpriced++;
    sum.costNanoUsd += row.costNanoUsd ?? 0;
    const reckoned = reckon(row, rates, found);
    if (reckoned === undefined) sum.costNanoUsdReckoned += row.costNanoUsd ?? 0;
    else {
      sum.reckoned++;
      sum.costNanoUsdReckoned += reckoned;
    }
  }
  return { ...sum, discrepancies };
}

type Found = (what: Discrepancy["what"], text: string) => void;

function damageIn({ sqlite }: LedgerDatabase): string[] {
  const rows = sqlite.query("PRAGMA quick_check(10)").values() as [string][]; // One column of texts.
  return rows.map(([text]) => text).filter((text) => text !== "ok");
}

function ratesIn({ drizzle }: LedgerDatabase, found: Found): Map<string, Rates> {
  const known = new Map<string, Rates>();
  for (const { version, name, rates: json } of drizzle.select().from(prices).all()) {
    const rates = JSON.parse(json) as Rates; // The next line sees to it that it is what was written.
    if (priceVersion(rates) === version) known.set(version, rates);
    else found("price", `The rates of ${name} are not those of their version ${version}.`);
  }
  return known;
}

/** A page at a time, in the order of requests and attempts: a ledger may be larger than memory. */
function* rowsOf({ drizzle }: LedgerDatabase): Generator<AttemptRow> {
  const query = drizzle.select().from(attempts).orderBy(attempts.requestId, attempts.attempt);
  for (let offset = 0; ; offset += 5_000) {
    const page = query.limit(5_000).offset(offset).all();
    yield* page;
    if (page.length < 5_000) return;
  }
}

function checkOrder(row: AttemptRow, before: AttemptRow | undefined, found: Found): void {
  const expected = before?.requestId === row.requestId ? before.attempt + 1 : 1;
  if (row.attempt !== expected) found("gap", `${nameOf(row)} comes where attempt ${expected} should.`);
}

/** @returns undefined if there is nothing to reckon with. */
function reckon(row: AttemptRow, rates: ReadonlyMap<string, Rates>, found: Found): number | undefined {
  if (row.state === "zero" && row.costNanoUsd !== 0) found("cost", `${nameOf(row)} did nothing and costs ${row.costNanoUsd}.`);
  if (row.state !== "exact" && row.state !== "estimated") return undefined;
  const usage = usageOf(row);
  if (usage === undefined || row.price === null) {
    if (row.costNanoUsd !== null) found("usage", `${nameOf(row)} has a cost and nothing that it comes from.`);
    return undefined;
  }
  const own = rates.get(row.price);
  if (own === undefined) {
    found("price", `${nameOf(row)} was billed by ${row.price}, which is not in the ledger.`);
    return undefined;
  }
  try {
    const cost = costNanoUsd(usage, own);
    if ((cost ?? null) !== row.costNanoUsd)
      found("cost", `${nameOf(row)} costs ${row.costNanoUsd} in the ledger and ${cost} by its tokens.`);
    return cost;
  } catch (error) {
    found("usage", `${nameOf(row)}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function usageOf(row: AttemptRow): Usage | undefined {
  if (row.inputTokens === null) return undefined;
  return {
    inputTokens: row.inputTokens,
    inputTokensCached: row.inputTokensCached ?? 0,
    inputTokensCacheWritten: row.inputTokensCacheWritten ?? 0,
    inputTokensCacheWrittenLong: row.inputTokensCacheWrittenLong ?? 0,
    outputTokens: row.outputTokens ?? 0,
    reasoningTokens: row.reasoningTokens ?? 0,
    inputTokensOfAudio: row.inputTokensOfAudio ?? 0,
    outputTokensOfAudio: row.outputTokensOfAudio ?? 0,
    webSearches: row.webSearches ?? 0,
  };
}

function nameOf({ requestId, attempt }: AttemptRow): string {
  return `Attempt ${attempt} of ${requestId}`;
}
