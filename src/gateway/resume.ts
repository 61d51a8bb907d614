import { FAILURES, type OmniError } from "../ir/failure.ts";
import { decide } from "../routing/decide.ts";
import type { TargetId } from "../routing/plan.ts";
import { fitTargets } from "../routing/why-unfit.ts";
import type { StreamForm } from "../wire/wire.ts";
import { policyTargetOf } from "./account.ts";
import { Attempt } from "./attempt.ts";
import type { Exchange } from "./exchange.ts";
import type { StreamAnswer } from "./stream-answer.ts";

/**
 * Lets another target go on with a stream that broke off after its content had begun: the same model elsewhere, or else the route's next target. At most
 * once in an exchange, and only from where it can be gone on (`Tape.canGoOn`). The attempt that broke off is settled as it failed.
 * @returns The stream that goes on, come to its content; undefined if nobody may go on. Rejects if that fails as well.
 */
export function resume(exchange: Exchange, { attempt }: StreamAnswer, failure: OmniError): Promise<StreamAnswer> | undefined {
  const { tape, target } = attempt;
  const { route } = exchange;
  if (tape?.canGoOn !== true || FAILURES[failure.kind].blame !== "provider") return undefined;
  if (exchange.clientIsGone || exchange.attempts.length >= route.attemptsMax || exchange.remainingMs <= 0) return undefined;
  const id = nextOf(exchange, target.model);
  if (id === -1) return undefined;
  attempt.fail(failure);
  tape.goOn();
  const next = new Attempt(exchange, exchange.live.plan.targets[id]!, "answer", tape); // Ids are rows.
  return next.run(true) as Promise<StreamAnswer>; // A stream was asked for.
}

/** The same model at somebody who is well and was not asked yet; else whoever would be next. */
function nextOf(exchange: Exchange, model: string): TargetId | -1 {
  const { account, facts, live, route, tried, world } = exchange;
  const { plan, health } = live;
  const nowMs = world.clock.nowMs();
  const maySteer = (id: TargetId): boolean => account?.maySteerTo(policyTargetOf(exchange, plan.targets[id]!)) !== false; // Ids are rows.
  const isNext = (id: TargetId): boolean => !tried.has(id) && plan.targets[id]?.model === model && health.allows(id, nowMs) && maySteer(id);
  const same = fitTargets(plan, route, facts).find(isNext);
  if (same !== undefined) return same;
  const next = decide(plan, route.id, health, tried, nowMs, world.random.unit(), facts);
  return next === -1 || !maySteer(next) ? -1 : next;
}

/** Says in a stream who went on from here: a comment, where the format has any, and nothing to a reader of its events. */
export function resumeMark({ streamType }: Pick<StreamForm, "streamType">, from: Attempt, to: Attempt): Uint8Array {
  const isSse = streamType.startsWith("text/event-stream");
  return Buffer.from(isSse ? `: omni-resumed ${from.target.name} -> ${to.target.name} after ${from.record.failure}\n\n` : " ");
}
