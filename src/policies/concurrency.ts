import { OmniError } from "../ir/failure.ts";
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

/** Limits of how much is under way at once. Remembers only what is under way, so it needs no bound of its own. */
export class ConcurrencyLimits implements Policy {
  readonly name = "concurrency";
  private readonly counted: readonly { readonly rule: ConcurrencyRule; readonly underWay: Map<string, number> }[];
  private readonly noted: ShadowNote;

  /** @param previous The limits of the plan before: what is under way there counts here as well, by the rules' names. */
  constructor(rules: readonly ConcurrencyRule[], noted: ShadowNote = () => {}, previous?: ConcurrencyLimits) {
    this.counted = rules.map((rule) => {
      const before = previous?.counted.find((each) => each.rule.name === rule.name && each.rule.per === rule.per);
      return { rule, underWay: before?.underWay ?? new Map() };
    });
    this.noted = noted;
  }

  admit(exchange: PolicyExchange): Hold {
    for (const { rule, underWay } of this.counted) {
      const subject = subjectIn(rule, exchange);
      if (subject === undefined || (underWay.get(subject) ?? 0) < rule.limit) continue;
      if (rule.shadow === true) this.noted(rule.name, exchange);
      else {
        const message = `Cannot take this request now: the limit "${rule.name}" allows ${rule.limit} at a time. Try again when one of them has ended.`;
        throw new OmniError("rate_limited", message, { retryAfterMs: RETRY_MS });
      }
    }
    const hold = new Places();
    for (const { rule, underWay } of this.counted) {
      const subject = subjectIn(rule, exchange);
      if (subject !== undefined) hold.take(underWay, subject);
    }
    return hold;
  }
}

class Places implements Hold {
  private readonly taken: { readonly underWay: Map<string, number>; readonly subject: string }[] = [];

  take(underWay: Map<string, number>, subject: string): void {
    underWay.set(subject, (underWay.get(subject) ?? 0) + 1);
    this.taken.push({ underWay, subject });
  }

  settle(): void {
    for (const { underWay, subject } of this.taken.splice(0)) {
      const count = (underWay.get(subject) ?? 0) - 1;
      if (count > 0) underWay.set(subject, count);
      else underWay.delete(subject);
    }
  }
}

function subjectIn(rule: ConcurrencyRule, exchange: PolicyExchange): string | undefined {
  return rule.for !== undefined && !isFor(rule.for, exchange) ? undefined : subjectOf(rule.per, exchange);
}
