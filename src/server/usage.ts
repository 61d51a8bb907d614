import { pastMoment } from "../config/moment.ts";
import { OmniError } from "../ir/failure.ts";
import { USAGE_GROUPS, type UsageBy, type UsageRow, type UsageSpan, usageTotal } from "../ledger/report.ts";
import type { ServerContext } from "./context.ts";
import { type Endpoint, PREFIXES } from "./endpoint.ts";
import { queryOf } from "./path.ts";
import { respondJson } from "./reply.ts";

/** How many different questions may be under way in the ledger's thread. It also takes attempts in, and must come to that. */
const QUESTIONS_MAX = 8;

const SPAN_QUERY = {
  since: "From when on: `2025-01-31`, `2025-01-31T12:00:00Z`, or `24h` for the last day. Default: the beginning.",
  until: "Up to when, not included. Default: now.",
};

/** What was used and what it cost, by the ledger: a key sees its own, an administrator everybody's. */
export function usageEndpoints(context: ServerContext): readonly Endpoint[] {
  const ask = asking(context);
  const own = (prefix: string): Endpoint => ({
    method: "GET",
    path: `${prefix}/usage`,
    access: "client",
    detail: {
      tag: "Status",
      summary: "What the calling key used and what it cost, by model",
      description:
        "A cost is null where no price is known. `unpriced` attempts are not in the cost; `uncertain` ones count at an estimate or at most.",
      query: SPAN_QUERY,
    },
    answer: async (request, _, __, { keyId, keyName }) => {
      const { span, shown } = spanOf(new URLSearchParams(queryOf(request.url)), context.world.clock.epochMs());
      const rows = await ask("model", { ...span, keyId });
      const models = rows.map(({ group, ...row }) => ({ model: group, ...sums(row) }));
      const body = { object: "usage", key: keyName, ...shown, ...sums(usageTotal(rows)), models };
      return respondJson(body, context.stamp());
    },
  });
  const all: Endpoint = {
    method: "GET",
    path: "/admin/usage",
    access: "admin",
    detail: {
      tag: "Administration",
      summary: "What was used and what it cost, by key, model, day, team, organisation or provider",
      query: {
        by: `What to add up by: ${USAGE_GROUPS.join(", ")}. Default key.`,
        key: "Only of the key of this id. Default: of all.",
        ...SPAN_QUERY,
      },
    },
    answer: async (request) => {
      const query = new URLSearchParams(queryOf(request.url));
      const by = groupOf(query.get("by") ?? "key");
      const { span, shown } = spanOf(query, context.world.clock.epochMs());
      const keyId = query.get("key");
      const rows = await ask(by, keyId === null ? span : { ...span, keyId });
      const groups = rows.map(({ group, ...row }) => ({ [by]: group, ...sums(row) }));
      return respondJson({ object: "usage", by, ...shown, ...sums(usageTotal(rows)), rows: groups }, context.stamp());
    },
  };
  return [...PREFIXES.map(own), all];
}

/** Puts questions to the ledger. Whoever asks what is being asked already gets the same answer. */
function asking({ gateway }: ServerContext): (by: UsageBy, span: UsageSpan) => Promise<readonly UsageRow[]> {
  const underWay = new Map<string, Promise<readonly UsageRow[]>>();
  return (by, span) => {
    const { ledger } = gateway;
    if (ledger === undefined)
      throw new OmniError(
        "not_found",
        "Cannot say what was used: this gateway keeps no ledger. Its log says why, or its configuration says `ledger: false`.",
      );
    const question = JSON.stringify([by, span]);
    const same = underWay.get(question);
    if (same !== undefined) return same;
    if (underWay.size >= QUESTIONS_MAX)
      throw new OmniError("overloaded", "Cannot say what was used now: too many others ask as well.", { retryAfterMs: 1_000 });
    const answer = ledger
      .usage(by, span)
      .catch((cause: unknown) => {
        throw new OmniError("ledger_unavailable", "Cannot say what was used now: the ledger can not be read. The gateway's log says why.", {
          cause,
          retryAfterMs: 5_000,
        });
      })
      .finally(() => underWay.delete(question));
    underWay.set(question, answer);
    return answer;
  };
}

/** What a group comes to, in the words of clients. */
function sums(row: Omit<UsageRow, "group">): Record<string, number | null> {
  const input = row.inputTokens + row.inputTokensCached + row.inputTokensWritten;
  const output = row.outputTokens + row.reasoningTokens;
  return {
    requests: row.requests,
    attempts: row.attempts,
    failures: row.failures,
    tokens: input + output,
    input_tokens: input,
    input_tokens_cached: row.inputTokensCached,
    input_tokens_written: row.inputTokensWritten,
    output_tokens: output,
    reasoning_tokens: row.reasoningTokens,
    // Where nothing has a price nothing is known, and that is not the same as nothing.
    cost_usd: row.unpriced > 0 && row.costNanoUsd === 0 ? null : row.costNanoUsd / 1e9,
    unpriced: row.unpriced,
    uncertain: row.uncertain,
  };
}

function groupOf(text: string): UsageBy {
  const by = USAGE_GROUPS.find((name) => name === text);
  if (by !== undefined) return by;
  throw invalid("by", `it is one of ${USAGE_GROUPS.join(", ")}`);
}

/** The span that is asked for, and how it is said in the answer. */
function spanOf(query: URLSearchParams, epochMs: number): { readonly span: UsageSpan; readonly shown: Record<string, string | null> } {
  const [since, until] = ["since", "until"].map((name) => {
    const text = query.get(name);
    if (text === null) return undefined;
    const moment = pastMoment(text, epochMs);
    if (moment === undefined) throw invalid(name, "it is a day such as 2025-01-31, a moment, or a duration such as 24h");
    return moment;
  });
  return {
    span: { ...(since !== undefined && { sinceEpochMs: since }), ...(until !== undefined && { untilEpochMs: until }) },
    shown: { since: textOf(since), until: textOf(until) },
  };
}

function textOf(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}

function invalid(param: string, what: string): OmniError {
  return new OmniError("invalid_request", `Cannot say what was used: \`${param}\` can not be read, ${what}.`, { param });
}
