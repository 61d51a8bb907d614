import type { OmniError } from "../ir/failure.ts";
import type { Hedge } from "../resilience/hedge.ts";
import type { ModelColumns, TargetId } from "../routing/plan.ts";
import type { Answer, Attempt } from "./attempt.ts";
import type { Exchange } from "./exchange.ts";

/** What came of one attempt. */
type Outcome = { readonly attempt: Attempt; readonly answer: Answer } | { readonly attempt: Attempt; readonly failure: OmniError };

/** What a race needs of the loop that it is run in. */
export interface RaceCourse {
  /** Makes a second attempt, at another target; undefined if there is none. */
  second(): Attempt | undefined;
  /** An attempt failed while the other one goes on. */
  failed(attempt: Attempt, failure: OmniError): void;
}

/**
 * Asks one target, and another one as well if the first takes longer than usual to its first content. The first content wins; the other attempt is ended,
 * and booked.
 * @throws {OmniError} What went wrong last, if both failed.
 */
export async function race(exchange: Exchange, hedge: Hedge, first: Attempt, last: boolean, course: RaceCourse): Promise<Answer> {
  const { clock } = exchange.world;
  // Attempts that follow a failure are no requests of their own.
  if (exchange.attempts.length === 1) hedge.asked();
  const one = outcomeOf(first, last);
  const early = await withinDelay(exchange, hedge.delayMs, one);
  if (early !== undefined) {
    if ("answer" in early) hedge.observed(clock.nowMs() - first.record.startedMs);
    return conclude(early);
  }
  const second = course.second();
  if (second === undefined) return conclude(await one);
  const two = outcomeOf(second, true);
  exchange.onLeave((reason) => {
    first.abort(reason);
    second.abort(reason);
  });
  const sooner = await Promise.race([one, two]);
  if ("failure" in sooner) {
    course.failed(sooner.attempt, sooner.failure);
    const later = await (sooner.attempt === first ? two : one);
    if (later.attempt === first && "answer" in later) hedge.observed(clock.nowMs() - first.record.startedMs);
    return conclude(later);
  }
  // Of one that did not come in time it is known how long it took at least.
  hedge.observed(clock.nowMs() - first.record.startedMs);
  (sooner.attempt === first ? second : first).lose();
  return conclude(sooner);

  function conclude(outcome: Outcome): Answer {
    if ("failure" in outcome) throw outcome.failure;
    outcome.attempt.adopt();
    exchange.onLeave((reason) => outcome.attempt.abort(reason));
    return outcome.answer;
  }
}

/** Never rejects: who loses has nobody who waits for it. */
function outcomeOf(attempt: Attempt, last: boolean): Promise<Outcome> {
  attempt.isRival = true;
  return attempt.run(last).then(
    (answer) => ({ attempt, answer }),
    (error: unknown) => ({ attempt, failure: attempt.failureOf(error) }),
  );
}

/** @returns undefined if it takes longer. */
function withinDelay({ world }: Exchange, delayMs: number | undefined, one: Promise<Outcome>): Promise<Outcome | undefined> {
  if (delayMs === undefined) return one;
  return new Promise((resolve) => {
    const timer = world.clock.startTimer(delayMs, () => resolve(undefined));
    void one.then((outcome) => {
      world.clock.cancelTimer(timer);
      resolve(outcome);
    });
  });
}

/** How much more than the first target another one costs; 1 where that is not known, and for one that costs less. */
export function costRatio({ inputPrice, outputPrice }: ModelColumns, first: TargetId, second: TargetId): number {
  const ratio = (inputPrice[second]! + outputPrice[second]!) / (inputPrice[first]! + outputPrice[first]!); // Targets are rows.
  return Number.isFinite(ratio) ? Math.max(ratio, 1) : 1;
}
