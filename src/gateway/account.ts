import type { FailureKind } from "../ir/failure.ts";
import type { Loss } from "../ir/loss.ts";
import type { Operation } from "../ir/operation.ts";
import type { Usage } from "../ir/usage.ts";
import type { OpenAttempt } from "../ledger/attempt.ts";
import { type Booking, book } from "../ledger/booking.ts";
import { formatUsd, type Rates } from "../ledger/price.ts";
import { estimateTokens, type RequestSize, reserveForAny, reserveNanoUsd } from "../ledger/reservation.ts";
import type { Ledger } from "../ledger/writer.ts";
import { checkScope } from "../policies/api-keys.ts";
import type { Caller } from "../policies/caller.ts";
import {
  admitBy,
  type Estimate,
  type Hold,
  type Now,
  type PolicyExchange,
  type PolicyPlan,
  type PolicyTarget,
  settleBy,
  steerBy,
} from "../policies/policy.ts";
import type { Target } from "../routing/plan.ts";
import type { PlannedPrice } from "../routing/plan-policies.ts";
import type { Clock } from "../world/clock.ts";
import type { Exchange } from "./exchange.ts";
import { outputTokensMaxOf } from "./read-facts.ts";

/** What accounts are kept with: one per plan. */
export interface Books {
  readonly policies: PolicyPlan;
  /** undefined where nothing is to be taken down. */
  readonly ledger: Ledger | undefined;
  readonly clock: Clock;
  /** The hash of the plan. */
  readonly config: string;
}

/** What an account has to know of its exchange. */
export interface AccountFacts extends RequestSize {
  readonly id: string;
  readonly caller: Caller;
  address(): string;
  readonly operation: Operation;
  /** The route's name. */
  readonly route: string;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
  readonly stream: boolean;
  /** By `Clock.nowMs`. */
  readonly startedMs: number;
  readonly deadlineMs: number;
  /** Reads how much output is asked for, where that was not read; absent where it was. */
  readOutputTokensMax?(): number | undefined;
  /** Of each target of the route. */
  readonly prices: readonly (PlannedPrice | undefined)[];
}

/** An attempt that is taken down and under way. */
export interface BookedAttempt {
  readonly open: OpenAttempt | undefined;
  readonly rates: Rates | undefined;
  readonly reservedNanoUsd: number;
  readonly startedMs: number;
}

/** What came of an attempt, as its own clock says. All times by `Clock.nowMs`; undefined for what it never came to. */
export interface AttemptEnd {
  readonly failure: FailureKind | undefined;
  readonly usage: Usage | undefined;
  readonly firstByteMs: number | undefined;
  readonly firstTokenMs: number | undefined;
  readonly bytesOut: number;
  readonly losses: readonly Loss[];
  /** Input tokens that compression kept from being sent. */
  readonly tokensSaved?: number;
  /** The same by filter, as the ledger writes it. */
  readonly bytesSavedBy?: string | undefined;
  /** Whether no provider was asked, since the answer was there. */
  readonly cache?: "hit";
}

/** Names of losses that a row keeps; one loss can come up for every message of a long conversation. */
const LOSSES_MAX = 30;

/**
 * One exchange as the house and the ledger see it: who asks, what is set aside for it, what its attempts cost. It is what policies are shown.
 * Its life is `admit`, then `openAttempt` and `settleAttempt` for each attempt, then `settle` once.
 */
export class Account implements PolicyExchange {
  readonly id: string;
  readonly caller: Caller;
  readonly operation: Operation;
  readonly route: string;
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array;
  readonly stream: boolean;
  readonly deadlineMs: number;
  readonly estimate: Estimate;
  readonly answerHeaders: Record<string, string> = {};
  private readonly books: Books;
  private readonly addressOf: () => string;
  private readonly size: RequestSize;
  private readonly readOutputTokensMax: (() => number | undefined) | undefined;
  private readonly startedMs: number;
  private holds: readonly Hold[] | undefined;
  private attempts = 0;
  private costNanoUsd = 0;
  private isPriced = true;

  constructor(books: Books, facts: AccountFacts) {
    this.books = books;
    this.id = facts.id;
    this.caller = facts.caller;
    this.addressOf = facts.address;
    this.operation = facts.operation;
    this.route = facts.route;
    this.headers = facts.headers;
    this.body = facts.body;
    this.stream = facts.stream;
    this.deadlineMs = facts.deadlineMs;
    this.startedMs = facts.startedMs;
    this.readOutputTokensMax = facts.readOutputTokensMax;
    this.size = { bodyBytes: facts.bodyBytes, outputTokensMax: facts.outputTokensMax };
    this.estimate = {
      tokens: estimateTokens(this.size),
      costNanoUsdMax: reserveForAny(
        this.size,
        facts.prices.map((price) => price?.rates),
      ),
    };
  }

  /** To find it out costs a microsecond, so it is done where a rule asks. */
  get address(): string {
    return this.addressOf();
  }

  /**
   * Lets the exchange in, or not. Once, before anything is sent.
   * @throws {OmniError} `forbidden`, `rate_limited`, `budget_exceeded` or `ledger_unavailable`; then nothing is held.
   */
  admit(): void {
    checkScope(this.caller, this.route, this.operation);
    this.books.ledger?.checkRoom();
    this.holds = admitBy(this.books.policies, this, this.now());
  }

  /** Whether a target may serve this caller now. To be asked right before an attempt is made; false moves on to the next target. */
  maySteerTo(target: PolicyTarget): boolean {
    if (this.caller.rights?.permitsProvider(target.provider) === false) return false;
    return steerBy(this.books.policies, this, target, this.now());
  }

  /**
   * Takes down that an attempt begins; must be called before anything of it is sent.
   * @throws {OmniError} `ledger_unavailable`. The attempt must not be made then.
   */
  openAttempt({ name, provider, model }: PolicyTarget, price: PlannedPrice | undefined): BookedAttempt {
    const { ledger, clock, config } = this.books;
    const startedMs = clock.nowMs();
    const reservedNanoUsd = reserveNanoUsd(this.size, price?.rates) ?? 0;
    if (price !== undefined) ledger?.knowPrice(price.version, name, price.rates);
    const open = ledger?.open({
      requestId: this.id,
      attempt: ++this.attempts,
      startedEpochMs: clock.epochMs(),
      config,
      price: price?.version,
      keyId: this.caller.keyId,
      keyName: this.caller.keyName,
      team: this.caller.team,
      organisation: this.caller.organisation,
      operation: this.operation,
      route: this.route,
      provider,
      model,
      stream: this.stream,
      bytesIn: this.size.bodyBytes,
      reservedNanoUsd,
    });
    return { open, rates: price?.rates, reservedNanoUsd, startedMs };
  }

  /** Takes down what came of it. Once per attempt; never throws. */
  settleAttempt({ open, rates, reservedNanoUsd, startedMs }: BookedAttempt, end: AttemptEnd): void {
    const { ledger, clock } = this.books;
    const booking = end.cache === "hit" ? FREE : this.book(end, rates, reservedNanoUsd);
    if (booking.costNanoUsd === undefined) this.isPriced = false;
    else this.costNanoUsd += booking.costNanoUsd;
    if (open === undefined) return;
    const since = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms - startedMs);
    ledger?.settle(open, {
      ...booking,
      settledEpochMs: clock.epochMs(),
      failure: end.failure,
      queueMs: startedMs - this.startedMs,
      connectMs: undefined,
      firstByteMs: since(end.firstByteMs),
      firstTokenMs: since(end.firstTokenMs),
      totalMs: clock.nowMs() - startedMs,
      bytesOut: end.bytesOut,
      losses: end.losses.length === 0 ? NO_LOSSES : [...new Set(end.losses.map(({ what }) => what))].slice(0, LOSSES_MAX),
      tokensSaved: end.tokensSaved ?? 0,
      bytesSavedBy: end.bytesSavedBy,
      cache: end.cache,
      images: end.usage?.images ?? 0,
      audioSeconds: end.usage?.audioSeconds ?? 0,
    });
  }

  /** Takes down that the answer was there already. It costs nothing. */
  answeredBefore(target: PolicyTarget, bytesOut: number): void {
    const nowMs = this.books.clock.nowMs();
    const nothing = { failure: undefined, usage: undefined, firstByteMs: nowMs, firstTokenMs: nowMs, bytesOut, losses: NONE_LOST };
    this.settleAttempt(this.openAttempt(target, undefined), { ...nothing, cache: "hit" });
  }

  /** What all attempts cost so far, for `x-omni-cost-usd`; undefined if that is not known. */
  get costUsd(): string | undefined {
    return this.isPriced ? formatUsd(this.costNanoUsd) : undefined;
  }

  /** The same as a number, billionths of a US dollar. */
  get spentNanoUsd(): number | undefined {
    return this.isPriced ? this.costNanoUsd : undefined;
  }

  /** The exchange is over, and all its attempts are settled. Once; does nothing for an exchange that was not let in. */
  settle(failure: FailureKind | undefined, usage: Usage | undefined): void {
    const { holds } = this;
    if (holds === undefined) return;
    this.holds = undefined;
    settleBy(this.books.policies, holds, this, { usage, failure, costNanoUsd: this.isPriced ? this.costNanoUsd : undefined }, this.now());
  }

  private book({ failure, usage }: AttemptEnd, rates: Rates | undefined, reservedNanoUsd: number): Booking {
    const booking = book(failure, usage, rates, reservedNanoUsd);
    if (booking.certainty !== "unknown" || this.readOutputTokensMax === undefined) return booking;
    // Now it matters how much the client wanted; for all the others it was not worth a look.
    const size = { bodyBytes: this.size.bodyBytes, outputTokensMax: this.readOutputTokensMax() };
    return book(failure, usage, rates, reserveNanoUsd(size, rates) ?? 0);
  }

  private now(): Now {
    const { clock } = this.books;
    return { nowMs: clock.nowMs(), epochMs: clock.epochMs() };
  }
}

const NO_LOSSES: readonly string[] = [];
/** What costs nothing, for certain. */
const FREE: Booking = { certainty: "zero", usage: undefined, costNanoUsd: 0 };
const NONE_LOST: readonly Loss[] = [];

/** A target as policies see it. */
export function policyTargetOf({ live }: Exchange, { name, provider, model }: Target): PolicyTarget {
  return { name, provider: live.plan.providers[provider]!.name, model }; // Ids are rows.
}

/** Opens an exchange's account, if anything in the house depends on it. */
export function accountFor(exchange: Exchange, ledger: Ledger | undefined): Account | undefined {
  const { id, live, received, request, route, facts, startedMs, world } = exchange;
  const { policies } = live.house;
  const isIdle = ledger === undefined && received.caller.rights === undefined && !live.isPriced;
  if (isIdle && policies.admit.length === 0 && policies.steer.length === 0 && policies.settle.length === 0) return undefined;
  return new Account(
    { policies, ledger, clock: world.clock, config: live.plan.hash },
    {
      id,
      caller: received.caller,
      address: received.address,
      operation: route.operation,
      route: route.name,
      headers: received.headers,
      body: request.body,
      bodyBytes: request.body.length,
      outputTokensMax: facts.outputTokensMax,
      ...(route.asksFacts ? {} : { readOutputTokensMax: () => outputTokensMaxOf(request.body) }),
      stream: request.head.stream,
      startedMs,
      deadlineMs: route.deadlineMs,
      prices: route.targets.map((target) => live.plan.prices[target]),
    },
  );
}
