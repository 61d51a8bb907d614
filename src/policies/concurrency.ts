import { OmniError } from "../ir/failure.ts";
import type { Counts, Exclusion } from "./counts.ts";
import { isFor, type LimitFor, type LimitPer, subjectOf } from "./limit-subject.ts";
import type { Hold, Policy, PolicyExchange } from "./policy.ts";
import type { ShadowNote } from "./rate-limit.ts";

/** How much may be under way at once. */
export interface ConcurrencyRule {
  /** What refusals and notes call it. */
  readonly name: string;
  readonly per: LimitPer;
  readonly limit: number;
  /** Default: everybody. */
  readonly for?: LimitFor;
  /** Whether it only notes what it would refuse. Default false. */
  readonly shadow?: boolean;
}

/** How long to wait where nobody knows when another exchange will end. */
const RETRY_MS = 1_000;

/** How much of each subject is under way. */
export interface UnderWay {
  count(subject: string): number;
  add(subject: string, change: 1 | -1): void;
}

/** Counted by this process alone. Remembers only what is under way, so it needs no bound of its own. */
class OwnUnderWay implements UnderWay {
  private readonly counts = new Map<string, number>();

  count(subject: string): number {
    return this.counts.get(subject) ?? 0;
  }

  add(subject: string, change: 1 | -1): void {
    const count = this.count(subject) + change;
    if (count > 0) this.counts.set(subject, count);
    else this.counts.delete(subject);
  }
}

/** Limits of how much is under way at once. */
export class ConcurrencyLimits implements Policy {
  readonly name = "concurrency";
  private readonly counted: readonly { readonly rule: ConcurrencyRule; readonly underWay: UnderWay }[];
  private readonly noted: ShadowNote;
  private readonly exclusion: Exclusion | undefined;

  /**
   * @param previous The limits of the plan before: what is under way there counts here as well, by the rules' names.
   * @param shared Where to count; undefined for in this process.
   */
  constructor(rules: readonly ConcurrencyRule[], noted: ShadowNote = () => {}, previous?: ConcurrencyLimits, shared?: Counts) {
    this.counted = rules.map((rule) => {
      const before = previous?.counted.find((each) => each.rule.name === rule.name && each.rule.per === rule.per);
      return { rule, underWay: before?.underWay ?? shared?.underWay(rule) ?? new OwnUnderWay() };
    });
    this.noted = noted;
    this.exclusion = shared?.holds;
  }

  admit(exchange: PolicyExchange): Hold {
    this.exclusion?.enter();
    try {
      return this.take(exchange);
    } finally {
      this.exclusion?.leave();
    }
  }

  private take(exchange: PolicyExchange): Hold {
    for (const { rule, underWay } of this.counted) {
      const subject = subjectIn(rule, exchange);
      if (subject === undefined || underWay.count(subject) < rule.limit) continue;
      if (rule.shadow === true) this.noted(rule.name, exchange);
      else {
        const message = `Cannot take this request now: the limit "${rule.name}" allows ${rule.limit} at a time. Try again when one of them has ended.`;
        throw new OmniError("rate_limited", message, { retryAfterMs: RETRY_MS });
      }
    }
    const hold = new Places(this.exclusion);
    for (const { rule, underWay } of this.counted) {
      const subject = subjectIn(rule, exchange);
      if (subject !== undefined) hold.take(underWay, subject);
    }
    return hold;
  }
}

class Places implements Hold {
  private readonly exclusion: Exclusion | undefined;
  private readonly taken: { readonly underWay: UnderWay; readonly subject: string }[] = [];

  constructor(exclusion: Exclusion | undefined) {
    this.exclusion = exclusion;
  }

  take(underWay: UnderWay, subject: string): void {
    underWay.add(subject, 1);
    this.taken.push({ underWay, subject });
  }

  settle(): void {
    this.exclusion?.enter();
    for (const { underWay, subject } of this.taken.splice(0)) underWay.add(subject, -1);
    this.exclusion?.leave();
  }
}

function subjectIn(rule: ConcurrencyRule, exchange: PolicyExchange): string | undefined {
  return rule.for !== undefined && !isFor(rule.for, exchange) ? undefined : subjectOf(rule.per, exchange);
}
