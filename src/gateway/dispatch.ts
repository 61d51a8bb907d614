import { FAILURES, OmniError } from "../ir/failure.ts";
import { backoffMs } from "../resilience/backoff.ts";
import type { Hedge } from "../resilience/hedge.ts";
import { decide, decideInPanic } from "../routing/decide.ts";
import type { Target, TargetId } from "../routing/plan.ts";
import { fitTargets, whyUnfit } from "../routing/why-unfit.ts";
import { policyTargetOf } from "./account.ts";
import { type Answer, Attempt, deadlineExceeded } from "./attempt.ts";
import type { Exchange, PassedOver } from "./exchange.ts";
import { costRatio, type RaceCourse, race } from "./race.ts";

/** A target is asked again at most once. */
const ATTEMPTS_PER_TARGET_MAX = 2;

/**
 * Tries one target after the other until one gives an answer worth giving to the client.
 * The only loop over attempts that there is; it owns all of resilience.
 * @throws {OmniError} What the client is to be told when none did.
 */
export async function dispatch(exchange: Exchange): Promise<Answer> {
  const { plan } = exchange.live;
  excludeUnable(exchange);
  let mended: TargetId | -1 = -1;
  for (;;) {
    const fresh: TargetId | -1 = mended === -1 ? next(exchange) : mended;
    const id: TargetId | -1 = fresh === -1 ? await lastResort(exchange) : fresh;
    if (id === -1) continue;
    const target = plan.targets[id]!; // Ids are rows.
    if (exchange.account?.maySteerTo(policyTargetOf(exchange, target)) === false) {
      // Not tried, but out of the question.
      exchange.tried.add(id);
      if (exchange.tried.count >= exchange.route.targets.length && exchange.attempts.length === 0) throw ruledOut(exchange);
      continue;
    }
    // What was mended is asked at once.
    if (mended === -1 && exchange.attemptsAt(id) > 0) await pauseBefore(exchange, target);
    mended = -1;
    const attempt = new Attempt(exchange, target);
    if (exchange.route.targets[0] !== id) attempt.record.passedOver = passedOver(exchange, id);
    const hedge = exchange.route.hedge === undefined ? undefined : hedgeOf(exchange);
    try {
      return await (hedge === undefined
        ? attempt.run(isLast(exchange))
        : race(exchange, hedge, attempt, isLast(exchange), courseOf(exchange, hedge, attempt)));
    } catch (error) {
      const failure = attempt.failureOf(error);
      if (mend(exchange, attempt, failure)) {
        mended = id;
        continue;
      }
      spareWhatFailed(exchange, target, failure);
      if (!mayGoOn(exchange, failure)) throw conclusion(exchange, failure);
    }
  }
}

/** What is kept of an answer is kept of one attempt, so where something is there are not two at a time. */
function hedgeOf({ continuation, live, route }: Exchange): Hedge | undefined {
  return continuation?.stores === true || continuation?.goesOn === true ? undefined : live.hedges.get(route.id);
}

/** How a second attempt is made beside the first. */
function courseOf(exchange: Exchange, hedge: Hedge, first: Attempt): RaceCourse {
  const { live, route } = exchange;
  return {
    second() {
      if (exchange.attempts.length >= route.attemptsMax || exchange.clientIsGone) return undefined;
      const id = fresh(exchange);
      if (id === -1) return undefined;
      const target = live.plan.targets[id]!; // Ids are rows.
      if (exchange.account?.maySteerTo(policyTargetOf(exchange, target)) === false) return undefined;
      if (!hedge.take(costRatio(live.plan.models, first.target.id, id))) return undefined;
      const attempt = new Attempt(exchange, target);
      attempt.record.isHedge = true;
      return attempt;
    },
    failed: (attempt, failure) => spareWhatFailed(exchange, attempt.target, failure),
  };
}

/**
 * Takes out of an exchange's choice whoever could not do at all what it asks for.
 * @throws {OmniError} `invalid_request`, if that is everybody.
 */
function excludeUnable({ continuation, live, received, route, tried }: Exchange): void {
  const isBound = continuation?.isBound === true;
  const { compacts = false } = received;
  if (!isBound && !compacts) return;
  for (const id of route.targets) {
    const target = live.plan.targets[id]!; // Ids are rows.
    const isUnable = compacts && target.bridges.get(received.wire.name)?.compactUrl === undefined;
    if (isUnable || (isBound && !continuation.homes.includes(id))) tried.add(id);
  }
  if (tried.count < route.targets.length) return;
  const message = `Cannot make a conversation shorter by "${route.name}": none of its targets does that. Ask a model of a provider that does, such as OpenAI.`;
  throw new OmniError("invalid_request", message, { param: "model" });
}

/** Who stands before a target and could not be asked: what somebody wants to know who asks later why it was this one. */
function passedOver({ live, route, world }: Exchange, chosen: TargetId): readonly PassedOver[] {
  const nowMs = world.clock.nowMs();
  let found: PassedOver[] | undefined;
  for (const id of route.targets) {
    if (id === chosen) break;
    if (live.health.allows(id, nowMs)) continue;
    const { hindrances, lastFailure } = live.health.stateOf(id, nowMs);
    found ??= [];
    found.push({ target: live.plan.targets[id]!.name, hindrances, lastFailure }); // Ids are rows.
  }
  return found ?? NOBODY;
}

const NOBODY: readonly PassedOver[] = [];

/**
 * Mends a request that a target has refused for the reasoning in its history, so that a session is not stuck with what its client will send for ever. Once per
 * exchange.
 * @returns Whether the same target is to be asked again.
 */
function mend(exchange: Exchange, attempt: Attempt, { kind }: OmniError): boolean {
  if ((kind !== "reasoning_refused" && kind !== "reasoning_missing") || exchange.mending !== undefined) return false;
  if (exchange.clientIsGone || exchange.remainingMs <= 0) return false;
  exchange.mending = kind === "reasoning_missing" ? "blank" : "strip";
  if (kind === "reasoning_refused") attempt.forgetReasoning();
  return true;
}

/** The rules of the house leave nobody to ask. */
function ruledOut({ route }: Exchange): OmniError {
  const message = `Cannot serve "${route.name}" now: the limits of its providers, or the rights of this key, leave none of its targets.`;
  return new OmniError("forbidden", message);
}

/** The target to ask next: a fresh one, or else one that may be asked again. */
function next(exchange: Exchange): TargetId | -1 {
  const { live, tried, world, continuation } = exchange;
  // Who keeps what the conversation goes on from is asked first.
  const home = continuation?.homes.find((id) => !tried.has(id) && live.health.allows(id, world.clock.nowMs()));
  if (home !== undefined) return home;
  const id = fresh(exchange);
  return id === -1 ? again(exchange) : id;
}

/** A target that was not asked yet. */
function fresh({ facts, live, route, tried, world }: Exchange): TargetId | -1 {
  return decide(live.plan, route.id, live.health, tried, world.clock.nowMs(), world.random.unit(), facts);
}

/**
 * What an exchange may still do that has found nobody to ask: wait a little for room, or ask whoever is the least bad.
 * @returns -1 if it should look again.
 * @throws {OmniError} If there is nothing left to do.
 */
async function lastResort(exchange: Exchange): Promise<TargetId | -1> {
  const { facts, live, route, tried, world } = exchange;
  const all = fitTargets(live.plan, route, facts);
  if (exchange.attempts.length > 0) throw unavailable(exchange, all);
  // Those that are out of the question, as nothing was tried yet, are no last resort either.
  const fit = tried.count === 0 ? all : all.filter((id) => !tried.has(id));
  if (fit.length === 0) {
    const reasons = whyUnfit(live.plan, route, facts);
    const what = route.targets.length === 1 ? "its target can not serve it" : "none of its targets can serve it";
    throw new OmniError("invalid_request", `Cannot route this request to "${route.name}": ${what}: ${reasons.join(", ")}.`);
  }
  const full = fit.filter((target) => live.health.isFull(target, world.clock.nowMs()));
  if (full.length > 0) {
    if (await roomAt(exchange, full)) return -1;
    throw new OmniError(
      "overloaded",
      `Cannot route "${route.name}" now: as many requests are under way as its providers are configured to take.`,
      {
        retryAfterMs: 1_000,
      },
    );
  }
  const leastBad = decideInPanic(route, fit, live.health, world.clock.nowMs());
  if (leastBad === -1) throw unavailable(exchange, fit);
  return leastBad;
}

/** How long an exchange waits for a provider that has no room. */
const ROOM_MS_MAX = 2_000;

/** Waits for room at one of these targets' providers. @returns Whether there was any, in time; somebody else may have taken it since. */
async function roomAt(exchange: Exchange, targets: readonly TargetId[]): Promise<boolean> {
  const { clock } = exchange.world;
  const waitMs = Math.min(ROOM_MS_MAX - exchange.waitedForRoomMs, exchange.remainingMs);
  if (waitMs <= 0) return false;
  const sinceMs = clock.nowMs();
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const stops = targets.map((target) => exchange.live.health.waitForRoom(target, () => resolve(true)));
  const timer = clock.startTimer(waitMs, () => resolve(false));
  if (stops.every((stop) => stop === undefined)) resolve(false);
  exchange.onLeave(reject);
  try {
    return await promise;
  } finally {
    exchange.onLeave(undefined);
    clock.cancelTimer(timer);
    for (const stop of stops) stop?.();
    exchange.waitedForRoomMs += clock.nowMs() - sinceMs;
  }
}

/**
 * Takes out of the exchange's choice what would only fail again: the same model under another key when it was not the key that failed, and a provider's
 * other models when so many of its requests are repeats that they would make its trouble worse.
 */
function spareWhatFailed(exchange: Exchange, failed: Target, failure: OmniError): void {
  const { blame } = FAILURES[failure.kind];
  if (blame !== "provider" && blame !== "model") return;
  const { live, route, tried, world } = exchange;
  const spareAll = blame === "provider" && !live.health.allowsRepeat(failed.id, world.clock.nowMs());
  for (const id of route.targets) {
    const target = live.plan.targets[id]!; // Ids are rows.
    if (target.service === failed.service || (spareAll && target.provider === failed.provider)) tried.add(id);
  }
}

function again(exchange: Exchange): TargetId | -1 {
  const nowMs = exchange.world.clock.nowMs();
  for (const { target, failure } of exchange.attempts) {
    if (failure === undefined || exchange.attemptsAt(target.id) >= ATTEMPTS_PER_TARGET_MAX) continue;
    if (
      !mayRepeat(exchange, failure) ||
      !exchange.live.health.allowsRepeat(target.id, nowMs) ||
      !exchange.live.health.allows(target.id, nowMs)
    )
      continue;
    return target.id;
  }
  return -1;
}

/**
 * Whether the target that failed so may be asked again.
 * A name that stands for one target is transparent: the client sees its provider's failures as they come and keeps its own count of retries.
 * Only a connection that broke is mended there, since keeping connections open is our doing.
 */
function mayRepeat(exchange: Exchange, kind: keyof typeof FAILURES): boolean {
  if (exchange.route.type === "target") return kind === "upstream_reset";
  const { retry } = FAILURES[kind];
  return retry === "anywhere" || (retry === "once" && !exchange.attempts.some((attempt) => exchange.attemptsAt(attempt.target.id) > 1));
}

function mayGoOn(exchange: Exchange, failure: OmniError): boolean {
  if (FAILURES[failure.kind].retry === "never" || exchange.clientIsGone) return false;
  if (exchange.attempts.length >= exchange.route.attemptsMax || exchange.remainingMs <= 0) return false;
  return next(exchange) !== -1;
}

/** Whether the attempt under way is the last one that can be made, so that all patience goes into it. */
function isLast(exchange: Exchange): boolean {
  const { live, route, tried, world } = exchange;
  if (route.targets.length === 1 || exchange.attempts.length >= route.attemptsMax) return true;
  return decide(live.plan, route.id, live.health, tried, world.clock.nowMs(), 0, exchange.facts) === -1;
}

/** A fresh target is asked at once; one that has failed gets time. */
async function pauseBefore(exchange: Exchange, target: Target): Promise<void> {
  const failures = exchange.attemptsAt(target.id);
  if (failures === 0) return;
  const { clock, random } = exchange.world;
  const waitMs = backoffMs(failures, random.unit());
  await new Promise<void>((resolve, reject) => {
    const timer = clock.startTimer(Math.min(waitMs, Math.max(exchange.remainingMs, 0)), resolve);
    exchange.onLeave((reason) => {
      clock.cancelTimer(timer);
      reject(reason);
    });
  });
  if (exchange.remainingMs <= 0) throw deadlineExceeded(exchange);
}

/** No target could be asked at all. @param fit Those that the request is for. */
function unavailable(exchange: Exchange, fit: readonly TargetId[]): OmniError {
  const { live, route, world } = exchange;
  const nowMs = world.clock.nowMs();
  let waitMs = Number.POSITIVE_INFINITY;
  let limited = true;
  const reasons: string[] = [];
  for (const id of fit) {
    const name = live.plan.targets[id]!.name; // Ids are rows.
    const ms = live.health.waitMs(id, nowMs);
    const reason = live.health.lastFailure(id);
    waitMs = Math.min(waitMs, ms);
    limited &&= reason === "rate_limited";
    reasons.push(`${name} (${reason ?? "unknown"}, again in ${(ms / 1000).toFixed(1)} s)`);
  }
  const retryAfterMs = Number.isFinite(waitMs) ? waitMs : 1_000;
  const kind = limited ? "rate_limited" : "circuit_open";
  const state = limited ? "is resting after a rate limit" : "is out of service after failures";
  return new OmniError(kind, `Cannot route "${route.name}": every target ${state}: ${reasons.join(", ")}.`, { retryAfterMs });
}

/** What the client is told when the last attempt has failed. */
function conclusion(exchange: Exchange, failure: OmniError): OmniError {
  const retryAfterMs = failure.retryAfterMs ?? restMs(exchange, failure);
  if (exchange.attempts.length === 1 && (failure.retryAfterMs !== undefined || retryAfterMs === undefined)) return failure;
  if (FAILURES[failure.kind].blame === "client" || failure.kind === "context_length_exceeded") return failure;
  const tries = exchange.attempts.map((attempt) => `${attempt.target.name} (${attempt.failure})`).join(", ");
  const message =
    exchange.attempts.length === 1
      ? failure.message
      : `Cannot answer "${exchange.route.name}": ${exchange.attempts.length} attempts failed: ${tries}. The last: ${failure.message}`;
  return new OmniError(failure.kind, message, {
    cause: failure,
    status: failure.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A rate limit always says when to come back, also when the provider did not. */
function restMs(exchange: Exchange, failure: OmniError): number | undefined {
  if (failure.kind !== "rate_limited") return undefined;
  const target = exchange.attempts.at(-1)?.target;
  return target === undefined ? undefined : exchange.live.health.waitMs(target.id, exchange.world.clock.nowMs());
}
