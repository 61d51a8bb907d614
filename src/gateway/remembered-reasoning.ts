import { tenantOf } from "../policies/tenant.ts";
import type { Target } from "../routing/plan.ts";
import type { BoundedStore } from "../store/bounded-store.ts";
import type { ReasoningMemory } from "../wire/reasoning-memory.ts";
import type { Exchange } from "./exchange.ts";

/** What is remembered of the reasoning of one model under one account, for one tenant. */
export class RememberedReasoning implements ReasoningMemory {
  private readonly store: BoundedStore;
  private readonly exchange: Exchange;
  private readonly target: Target;
  /** What was given to the attempt under way. */
  private readonly given: string[] = [];

  /** Only the account that made it gets it back: signatures mean nothing elsewhere, and what is encrypted can be read nowhere else. */
  constructor(store: BoundedStore, exchange: Exchange, target: Target) {
    this.store = store;
    this.exchange = exchange;
    this.target = target;
  }

  // Most requests have nothing to do with reasoning, so whose it would be is found out when it is asked for.
  private get tenant(): string {
    const { received } = this.exchange;
    return tenantOf(received.caller, received.address());
  }

  private get scope(): string {
    const { account, model } = this.target;
    return `${this.exchange.live.accounts[account]!.identity} ${model} `; // Ids are rows.
  }

  get(key: string): string | undefined {
    const entry = this.store.get(this.tenant, this.scope + key);
    if (entry === undefined) return undefined;
    this.given.push(key);
    return Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.length).toString("utf8");
  }

  put(key: string, value: string): void {
    this.store.put(this.tenant, this.scope + key, Buffer.from(value));
  }

  /** Forgets what was given: its issuer did not take it back. */
  forgetGiven(): void {
    for (const key of this.given.splice(0)) this.store.delete(this.tenant, this.scope + key);
  }
}
