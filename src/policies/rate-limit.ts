import { OmniError } from "../ir/failure.ts";
import { inputTokensTotal, outputTokensTotal } from "../ir/usage.ts";
import type { Counts, Exclusion } from "./counts.ts";
import { Gcra } from "./gcra.ts";
import { isFor, type LimitFor, type LimitPer, subjectOf } from "./limit-subject.ts";
import type { Hold, Now, Policy, PolicyExchange, PolicyOutcome, PolicyTarget } from "./policy.ts";
import type { Meter, Rate } from "./rate-meter.ts";

/** One limit of a rate. */
export interface RateRule extends Rate {
  /** What refusals and notes call it. */
  readonly name: string;
  readonly per: LimitPer | "provider";
  readonly counts: "requests" | "tokens";
  /** Default: everybody. */
  readonly for?: LimitFor;
  /** Whether it only notes what it would refuse. Default false. */
  readonly shadow?: boolean;
}

/** Told of each exchange that a rule in shadow mode would have refused. */
export type ShadowNote = (rule: string, exchange: PolicyExchange) => void;

interface Counted {
  readonly rule: RateRule;
  readonly meter: Meter;
}

/**
 * Limits of rates. Requests are counted when they come; tokens are estimated then and put right in the end. All rules or none: what is refused by one has
 * taken nothing from the others.
 */
export class RateLimits implements Policy {
  readonly name = "rate-limit";
  private readonly counted: readonly (Counted & { readonly per: LimitPer })[];
  private readonly byProvider: readonly Counted[];
  private readonly noted: ShadowNote;
  private readonly exclusion: Exclusion | undefined;
  /** Asked for each attempt, before it is made; absent if no rule is about providers. */
  readonly steer?: (exchange: PolicyExchange, target: PolicyTarget, now: Now) => boolean;

  /**
   * @param previous The limits of the plan before: what rules of the same name and measure have counted goes on being counted.
   * @param shared Where to count; undefined for in this process.
   */
  constructor(rules: readonly RateRule[], noted: ShadowNote = () => {}, previous?: RateLimits, shared?: Counts) {
    this.noted = noted;
    this.exclusion = shared?.rates;
    const meterOf = (rule: RateRule): Meter => previous?.counting(rule) ?? shared?.meter(rule) ?? new Gcra(rule);
    this.counted = rules.flatMap((rule) => (rule.per === "provider" ? [] : [{ rule, per: rule.per, meter: meterOf(rule) }]));
    this.byProvider = rules.filter(({ per }) => per === "provider").map((rule) => ({ rule, meter: meterOf(rule) }));
    if (this.byProvider.length > 0) this.steer = (exchange, target, now) => this.steerTo(exchange, target, now);
  }

  /** On the hot path: a look-up and a few sums per rule. */
  admit(exchange: PolicyExchange, now: Now): Hold | undefined {
    if (this.exclusion === undefined) return this.takeAll(exchange, now);
    this.exclusion.enter();
    try {
      return this.takeAll(exchange, now);
    } finally {
      this.exclusion.leave();
    }
  }

  private takeAll(exchange: PolicyExchange, { nowMs }: Now): Hold | undefined {
    for (const { rule, per, meter } of this.counted) {
      const subject = subjectIn(rule, per, exchange);
      if (subject === undefined) continue;
      const waitMs = meter.waitMs(subject, amountOf(rule, exchange), nowMs);
      if (waitMs === 0) continue;
      if (rule.shadow === true) this.noted(rule.name, exchange);
      else throw refusal(rule, waitMs, meter, subject, nowMs, exchange);
    }
    let hold: TokenHold | undefined;
    for (const { rule, per, meter } of this.counted) {
      const subject = subjectIn(rule, per, exchange);
      if (subject === undefined) continue;
      const amount = amountOf(rule, exchange);
      // A rule in shadow mode counts what it would have let through, or it would note everything for ever.
      if (rule.shadow === true && meter.waitMs(subject, amount, nowMs) > 0) continue;
      meter.take(subject, amount, nowMs);
      if (rule.counts === "tokens") {
        hold ??= new TokenHold(exchange.estimate.tokens, this.exclusion);
        hold.add(meter, subject);
      }
      if (rule.shadow !== true) tellRest(exchange, rule, meter, subject, nowMs);
    }
    return hold;
  }

  private counting({ name, per, counts, limit, windowMs, burst }: RateRule): Meter | undefined {
    return [...this.counted, ...this.byProvider].find(
      ({ rule }) =>
        rule.name === name &&
        rule.per === per &&
        rule.counts === counts &&
        rule.limit === limit &&
        rule.windowMs === windowMs &&
        rule.burst === burst,
    )?.meter;
  }

  private steerTo(exchange: PolicyExchange, target: PolicyTarget, now: Now): boolean {
    this.exclusion?.enter();
    try {
      return this.takeFor(exchange, target, now);
    } finally {
      this.exclusion?.leave();
    }
  }

  private takeFor(exchange: PolicyExchange, { provider }: PolicyTarget, { nowMs }: Now): boolean {
    for (const { rule, meter } of this.byProvider) {
      if (!isFor(rule.for ?? EVERYBODY, exchange) || meter.waitMs(provider, amountOf(rule, exchange), nowMs) === 0) continue;
      if (rule.shadow !== true) return false;
      this.noted(rule.name, exchange);
    }
    for (const { rule, meter } of this.byProvider)
      if (isFor(rule.for ?? EVERYBODY, exchange)) meter.take(provider, amountOf(rule, exchange), nowMs);
    return true;
  }
}

/** What was estimated, until it is known. */
class TokenHold implements Hold {
  private readonly estimated: number;
  private readonly exclusion: Exclusion | undefined;
  private readonly taken: { readonly meter: Meter; readonly subject: string }[] = [];

  constructor(estimated: number, exclusion: Exclusion | undefined) {
    this.estimated = estimated;
    this.exclusion = exclusion;
  }

  add(meter: Meter, subject: string): void {
    this.taken.push({ meter, subject });
  }

  settle({ usage, costNanoUsd }: PolicyOutcome, { nowMs }: Now): void {
    // Without a word on usage the estimate stands, unless it is certain that nothing was done.
    if (usage === undefined && costNanoUsd !== 0) return;
    const used = usage === undefined ? 0 : inputTokensTotal(usage) + outputTokensTotal(usage);
    this.exclusion?.enter();
    for (const { meter, subject } of this.taken) meter.take(subject, used - this.estimated, nowMs);
    this.exclusion?.leave();
  }
}

const EVERYBODY: LimitFor = {};

function subjectIn(rule: RateRule, per: LimitPer, exchange: PolicyExchange): string | undefined {
  return rule.for !== undefined && !isFor(rule.for, exchange) ? undefined : subjectOf(per, exchange);
}

function amountOf({ counts }: RateRule, { estimate }: PolicyExchange): number {
  return counts === "requests" ? 1 : estimate.tokens;
}

function refusal(rule: RateRule, waitMs: number, meter: Meter, subject: string, nowMs: number, exchange: PolicyExchange): OmniError {
  tellRest(exchange, rule, meter, subject, nowMs);
  const what = `the limit "${rule.name}" allows ${rule.limit} ${rule.counts} in ${rule.windowMs / 1000} s`;
  if (waitMs === Number.POSITIVE_INFINITY) {
    const message = `Cannot take this request at any time: it may need ${exchange.estimate.tokens} tokens at once, and ${what}.`;
    return new OmniError("rate_limited", message);
  }
  return new OmniError("rate_limited", `Cannot take this request now: ${what}. There is room again in ${waitMs} ms.`, {
    retryAfterMs: waitMs,
  });
}

/** Tells the client how it stands, by the names that clients look at: of several limits of one kind, the one with the least left. */
function tellRest({ answerHeaders }: PolicyExchange, { counts, limit }: RateRule, meter: Meter, subject: string, nowMs: number): void {
  const remaining = meter.remaining(subject, nowMs);
  const known = answerHeaders[REMAINING[counts]];
  if (known !== undefined && Number(known) <= remaining) return;
  answerHeaders[LIMIT[counts]] = String(limit);
  answerHeaders[REMAINING[counts]] = String(remaining);
  answerHeaders[RESET[counts]] = spanText(meter.resetMs(subject, nowMs));
}

const LIMIT = { requests: "x-ratelimit-limit-requests", tokens: "x-ratelimit-limit-tokens" } as const;
const REMAINING = { requests: "x-ratelimit-remaining-requests", tokens: "x-ratelimit-remaining-tokens" } as const;
const RESET = { requests: "x-ratelimit-reset-requests", tokens: "x-ratelimit-reset-tokens" } as const;

/** A span as OpenAI writes it: `120ms`, `7s`, `6m0s`, `1h0m0s`. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${ms}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return `${hours > 0 ? `${hours}h` : ""}${seconds >= 60 ? `${minutes}m` : ""}${seconds % 60}s`;
}
