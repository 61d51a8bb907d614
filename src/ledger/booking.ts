import { FAILURES, type FailureKind } from "../ir/failure.ts";
import type { Usage } from "../ir/usage.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { costNanoUsd, type Rates } from "./price.ts";

/** The part of an outcome that says what it cost. */
export type Booking = Pick<AttemptOutcome, "certainty" | "usage" | "costNanoUsd">;

/**
 * Says what an attempt cost and how well that is known.
 *
 * What the provider itself counted is exact when the answer came to its end; of an answer that broke off it is only what was counted so far. A provider
 * that did no work bills none. Whatever else may have happened counts at what was set aside, and says so.
 *
 * @param failure undefined for a good attempt.
 * @param usage What the provider said; undefined if it said nothing.
 * @param reservedNanoUsd What was set aside for it.
 */
export function book(
  failure: FailureKind | undefined,
  usage: Usage | undefined,
  rates: Rates | undefined,
  reservedNanoUsd: number,
): Booking {
  if (usage !== undefined) {
    const certainty = failure === undefined ? "exact" : "estimated";
    if (rates === undefined) return { certainty, usage, costNanoUsd: undefined };
    try {
      return { certainty, usage, costNanoUsd: costNanoUsd(usage, rates) };
    } catch {
      // A provider that counts below zero has said nothing.
      return { certainty: "unknown", usage: undefined, costNanoUsd: reservedNanoUsd };
    }
  }
  if (failure !== undefined && didNoWork(failure)) return { certainty: "zero", usage, costNanoUsd: 0 };
  return { certainty: "unknown", usage, costNanoUsd: rates === undefined ? undefined : reservedNanoUsd };
}

/** Whether a failure says for certain that the provider did nothing that it could bill. */
export function didNoWork(failure: FailureKind): boolean {
  // When the client leaves or the time is up, or we make a mistake, the provider may be at work.
  if (failure === "client_closed" || failure === "hedge_lost" || failure === "deadline_exceeded" || failure === "internal_error")
    return false;
  // `once` is what the table calls work that may have been done.
  return FAILURES[failure].retry !== "once";
}
