import { existsSync } from "node:fs";
import { styleText } from "node:util";
import type { Decision } from "../gateway/decisions.ts";
import { attemptsOf } from "../ledger/attempts-of.ts";
import { ledgerFile } from "../ledger/drainer.ts";
import { LEDGER_MIGRATIONS } from "../ledger/migrations.ts";
import { openDatabase } from "../ledger/open.ts";
import type { AttemptRow } from "../ledger/schema.ts";
import { systemWorld } from "../world/system.ts";
import { hindrancesText } from "./explain-live.ts";

/** What the ledger in a folder has of a request; none if there is none, or nothing of it. */
export function attemptsIn(folder: string, requestId: string): readonly AttemptRow[] {
  const file = ledgerFile(folder);
  if (!existsSync(file)) return [];
  const { database } = openDatabase(file, LEDGER_MIGRATIONS, systemWorld().clock.epochMs(), { readOnly: true, busyMsMax: 2_000 });
  try {
    return attemptsOf(database, requestId);
  } finally {
    database.sqlite.close();
  }
}

/** What a running gateway remembers of a request, for people. */
export function decisionText({
  requestId,
  route,
  operation,
  strategy,
  config,
  startedEpochMs,
  totalMs,
  attempts,
  failure,
  cache,
}: Decision): string {
  return [
    `${styleText("bold", requestId)}  asked for ${route} (${strategy}, ${operation}) at ${new Date(startedEpochMs).toISOString()}, configuration ${config}`,
    ...attempts.flatMap((attempt, index) => [
      ...attempt.passedOver.map(
        ({ target, hindrances, lastFailure }) => `     ${target} was passed over: ${hindrancesText(hindrances, lastFailure)}`,
      ),
      `  ${index + 1}. ${attempt.target} after ${Math.round(attempt.afterMs)} ms${attempt.isHedge ? ", since the one before was late" : ""}: ${attempt.failure ?? "answered"}`,
    ]),
    ...(attempts.length > 0 ? [] : [cache === "hit" ? "  The answer was there already: nobody was asked." : "  Nobody was asked."]),
    `  ${failure === undefined ? "The client had its answer" : `The client was told ${failure}`} after ${Math.round(totalMs)} ms.`,
  ].join("\n");
}

/** What the ledger has of a request, for people. */
export function attemptsText(requestId: string, rows: readonly AttemptRow[]): string {
  const [first] = rows;
  return [
    `${styleText("bold", requestId)}  asked for ${first?.route} (${first?.operation}), by the ledger`,
    ...rows.map(({ attempt, provider, model, startedEpochMs, failure, state, totalMs }) => {
      const end = state === "open" ? "under way" : (failure ?? "answered");
      return `  ${attempt}. ${provider}/${model} at ${new Date(startedEpochMs).toISOString()}: ${end}${totalMs === null ? "" : `, ${Math.round(totalMs)} ms`}`;
    }),
  ].join("\n");
}
