import type { HealthFact } from "../../resilience/health-fact.ts";

/** More are not kept; the oldest goes. */
const FACTS_MAX = 10_000;

/** What workers have found out about targets and still holds, for those that come later. */
export class KnownFacts {
  private readonly facts = new Map<string, { readonly fact: HealthFact; readonly untilMs: number }>();

  note(fact: HealthFact, nowMs: number): void {
    const key = `${fact.scope} ${fact.name}`;
    const before = this.facts.get(key);
    this.facts.delete(key);
    if (fact.type === "closed") return;
    const untilMs = nowMs + fact.forMs;
    this.facts.set(key, before !== undefined && before.untilMs > untilMs ? before : { fact, untilMs });
    if (this.facts.size > FACTS_MAX) this.facts.delete(this.facts.keys().next().value ?? "");
  }

  known(nowMs: number): HealthFact[] {
    return [...this.facts.values()].flatMap(({ fact, untilMs }) => (untilMs > nowMs ? [{ ...fact, forMs: untilMs - nowMs }] : []));
  }
}
