import { and, eq, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import type { LedgerDatabase } from "./open.ts";
import { attempts, days } from "./schema.ts";

/** What sums are made of. */
export type UsageBy = (typeof USAGE_GROUPS)[number];

/** All that usage can be added up by. */
export const USAGE_GROUPS = ["key", "model", "day", "team", "organisation", "provider"] as const;

/** Which attempts count. */
export interface UsageSpan {
  /** Included. Default: from the beginning. */
  readonly sinceEpochMs?: number;
  /** Not included. Default: up to now. */
  readonly untilEpochMs?: number;
  /** Only this key's. */
  readonly keyId?: string;
}

/** What a group of attempts comes to. */
export interface UsageRow {
  /** The key's name, `provider/model`, or `2025-01-31`. */
  readonly group: string;
  readonly requests: number;
  readonly attempts: number;
  readonly failures: number;
  readonly inputTokens: number;
  readonly inputTokensCached: number;
  readonly inputTokensWritten: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Billionths of a US dollar; what is still open or has no price is not in it. */
  readonly costNanoUsd: number;
  /** Attempts whose cost nobody knows, since nobody knows the price: the sum above is too low by them. */
  readonly unpriced: number;
  /** Attempts that count at what was set aside or was reckoned. */
  readonly uncertain: number;
}

const count = (condition: SQL): SQL<number> => sql<number>`coalesce(sum(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0)`;
const total = (column: unknown): SQL<number> => sql<number>`coalesce(sum(${column}), 0)`;

/** Adds up what was used: single attempts, and what older ones were added up to. Sorted by cost, days by day. */
export function usageBy({ drizzle }: LedgerDatabase, by: UsageBy, span: UsageSpan = {}): UsageRow[] {
  const recent = drizzle
    .select({
      group: recentGroup(by),
      requests: count(sql`${attempts.attempt} = 1`),
      attempts: sql<number>`count(*)`,
      failures: count(sql`${attempts.failure} IS NOT NULL`),
      inputTokens: total(attempts.inputTokens),
      inputTokensCached: total(attempts.inputTokensCached),
      inputTokensWritten: total(
        sql`coalesce(${attempts.inputTokensCacheWritten}, 0) + coalesce(${attempts.inputTokensCacheWrittenLong}, 0)`,
      ),
      outputTokens: total(attempts.outputTokens),
      reasoningTokens: total(attempts.reasoningTokens),
      costNanoUsd: total(attempts.costNanoUsd),
      unpriced: count(sql`${attempts.state} != 'open' AND ${attempts.costNanoUsd} IS NULL`),
      uncertain: count(sql`${attempts.state} IN ('estimated', 'unknown')`),
    })
    .from(attempts)
    .where(
      and(
        span.sinceEpochMs === undefined ? undefined : gte(attempts.startedEpochMs, span.sinceEpochMs),
        span.untilEpochMs === undefined ? undefined : lt(attempts.startedEpochMs, span.untilEpochMs),
        span.keyId === undefined ? undefined : eq(attempts.keyId, span.keyId),
      ),
    )
    .groupBy(sql`1`)
    .all();
  const older = drizzle
    .select({
      group: olderGroup(by),
      requests: total(days.requests),
      attempts: total(days.attempts),
      failures: total(days.failures),
      inputTokens: total(days.inputTokens),
      inputTokensCached: total(days.inputTokensCached),
      inputTokensWritten: total(days.inputTokensWritten),
      outputTokens: total(days.outputTokens),
      reasoningTokens: total(days.reasoningTokens),
      costNanoUsd: total(days.costNanoUsd),
      unpriced: total(days.unpriced),
      uncertain: total(days.uncertain),
    })
    .from(days)
    .where(
      and(
        span.sinceEpochMs === undefined ? undefined : gte(days.day, dayOf(span.sinceEpochMs)),
        span.untilEpochMs === undefined ? undefined : lt(days.day, dayOf(span.untilEpochMs + DAY_MS - 1)),
        span.keyId === undefined ? undefined : eq(days.keyId, span.keyId),
      ),
    )
    .groupBy(sql`1`)
    .all();
  const rows = merge([...recent, ...older]);
  return by === "day"
    ? rows.sort((a, b) => (a.group < b.group ? -1 : 1))
    : rows.sort((a, b) => b.costNanoUsd - a.costNanoUsd || b.requests - a.requests);
}

/** All rows together. */
export function usageTotal(rows: readonly UsageRow[]): UsageRow {
  const [sum] = merge(rows.map((row) => ({ ...row, group: "total" })));
  return sum ?? { ...NOTHING, group: "total" };
}

/** Whose spending is asked for. */
export interface SpentQuery {
  readonly per: "key" | "team" | "organisation" | "all";
  /** Included. What was added up by day counts from the beginning of that day. */
  readonly sinceEpochMs: number;
  /** Only of these; what is absent does not matter. */
  readonly keys?: readonly string[] | undefined;
  readonly teams?: readonly string[] | undefined;
  readonly organisations?: readonly string[] | undefined;
}

/** What one of them spent. */
export interface Spent {
  /** A key's id, a team, an organisation; empty for `all`. */
  readonly subject: string;
  /** Billionths of a US dollar. */
  readonly nanoUsd: number;
}

/** Adds up what was spent, for budgets of a process that begins. What is still open counts at what was set aside. */
export function spentBy({ drizzle }: LedgerDatabase, { per, sinceEpochMs, keys, teams, organisations }: SpentQuery): Spent[] {
  const recent = drizzle
    .select({
      subject: sql<string>`coalesce(${{ key: attempts.keyId, team: attempts.team, organisation: attempts.organisation, all: sql`''` }[per]}, '')`,
      nanoUsd: total(
        sql`CASE WHEN ${attempts.state} = 'open' THEN ${attempts.reservedNanoUsd} ELSE coalesce(${attempts.costNanoUsd}, 0) END`,
      ),
    })
    .from(attempts)
    .where(
      and(
        gte(attempts.startedEpochMs, sinceEpochMs),
        keys && inArray(attempts.keyName, [...keys]),
        teams && inArray(attempts.team, [...teams]),
        organisations && inArray(attempts.organisation, [...organisations]),
      ),
    )
    .groupBy(sql`1`)
    .all();
  const older = drizzle
    .select({
      subject: sql<string>`${{ key: days.keyId, team: days.team, organisation: days.organisation, all: sql`''` }[per]}`,
      nanoUsd: total(days.costNanoUsd),
    })
    .from(days)
    .where(
      and(
        gte(days.day, dayOf(sinceEpochMs)),
        keys && inArray(days.keyName, [...keys]),
        teams && inArray(days.team, [...teams]),
        organisations && inArray(days.organisation, [...organisations]),
      ),
    )
    .groupBy(sql`1`)
    .all();
  const sums = new Map<string, number>();
  for (const { subject, nanoUsd } of [...recent, ...older]) sums.set(subject, (sums.get(subject) ?? 0) + nanoUsd);
  // Whoever has no team is under no budget of teams.
  if (per !== "all") sums.delete("");
  return [...sums].map(([subject, nanoUsd]) => ({ subject, nanoUsd }));
}

/**
 * Adds attempts up by day that began before a moment, and takes them out. Open ones stay. One transaction: nothing is counted twice or lost.
 * @param beforeEpochMs Rounded down to midnight UTC.
 * @returns How many were taken out.
 */
export function compact({ sqlite }: LedgerDatabase, beforeEpochMs: number): number {
  const before = Math.floor(beforeEpochMs / DAY_MS) * DAY_MS;
  return sqlite
    .transaction(() => {
      sqlite.query(ADD_UP).run(before);
      return sqlite.query("DELETE FROM attempts WHERE state != 'open' AND started_epoch_ms < ?").run(before).changes;
    })
    .immediate();
}

// By hand: Drizzle has no insert from a select that also adds to what is there.
const ADD_UP = `
  INSERT INTO days
  SELECT strftime('%Y-%m-%d', started_epoch_ms / 1000, 'unixepoch'), coalesce(key_id, ''), coalesce(max(key_name), ''), coalesce(team, ''),
    coalesce(organisation, ''), provider, model, count(*), sum(failure IS NOT NULL), sum(cost_nano_usd IS NULL), sum(state IN ('estimated', 'unknown')),
    sum(attempt = 1), coalesce(sum(input_tokens), 0), coalesce(sum(input_tokens_cached), 0),
    sum(coalesce(input_tokens_cache_written, 0) + coalesce(input_tokens_cache_written_long, 0)), coalesce(sum(output_tokens), 0),
    coalesce(sum(reasoning_tokens), 0), coalesce(sum(cost_nano_usd), 0)
  FROM attempts WHERE state != 'open' AND started_epoch_ms < ?
  GROUP BY 1, 2, 4, 5, 6, 7
  ON CONFLICT DO UPDATE SET
    attempts = attempts + excluded.attempts, failures = failures + excluded.failures, unpriced = unpriced + excluded.unpriced,
    uncertain = uncertain + excluded.uncertain, requests = requests + excluded.requests, input_tokens = input_tokens + excluded.input_tokens,
    input_tokens_cached = input_tokens_cached + excluded.input_tokens_cached,
    input_tokens_written = input_tokens_written + excluded.input_tokens_written, output_tokens = output_tokens + excluded.output_tokens,
    reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens, cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd`;

const DAY_MS = 86_400_000;

function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

function recentGroup(by: UsageBy): SQL<string> {
  const groups = {
    key: sql<string>`coalesce(${attempts.keyName}, 'anonymous')`,
    model: sql<string>`${attempts.provider} || '/' || ${attempts.model}`,
    day: sql<string>`strftime('%Y-%m-%d', ${attempts.startedEpochMs} / 1000, 'unixepoch')`,
    team: sql<string>`coalesce(${attempts.team}, '-')`,
    organisation: sql<string>`coalesce(${attempts.organisation}, '-')`,
    provider: sql<string>`${attempts.provider}`,
  };
  return groups[by];
}

function olderGroup(by: UsageBy): SQL<string> {
  const groups = {
    key: sql<string>`CASE WHEN ${days.keyName} = '' THEN 'anonymous' ELSE ${days.keyName} END`,
    model: sql<string>`${days.provider} || '/' || ${days.model}`,
    day: sql<string>`${days.day}`,
    team: sql<string>`CASE WHEN ${days.team} = '' THEN '-' ELSE ${days.team} END`,
    organisation: sql<string>`CASE WHEN ${days.organisation} = '' THEN '-' ELSE ${days.organisation} END`,
    provider: sql<string>`${days.provider}`,
  };
  return groups[by];
}

const NOTHING = {
  requests: 0,
  attempts: 0,
  failures: 0,
  inputTokens: 0,
  inputTokensCached: 0,
  inputTokensWritten: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costNanoUsd: 0,
  unpriced: 0,
  uncertain: 0,
};

function merge(rows: readonly UsageRow[]): UsageRow[] {
  const sums = new Map<string, Record<keyof typeof NOTHING, number>>();
  for (const row of rows) {
    const sum = sums.get(row.group) ?? { ...NOTHING };
    for (const name of Object.keys(NOTHING) as (keyof typeof NOTHING)[]) sum[name] += row[name]; // Its own keys.
    sums.set(row.group, sum);
  }
  return [...sums].map(([group, sum]) => ({ group, ...sum }));
}
