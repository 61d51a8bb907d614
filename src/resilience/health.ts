import { FAILURES, type FailureKind } from "../ir/failure.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { Cooldown } from "./cooldown.ts";

/** What is known of every target just now. Read on the hot path, by target id: nothing here allocates. */
export interface Health {
  /** Whether an attempt may go to the target now: its circuit is not open and it is not cooling down. Changes nothing. */
  allows(target: number, nowMs: number): boolean;
  /** How long until `allows` may say yes; 0 when it does. */
  waitMs(target: number, nowMs: number): number;
  /** Attempts under way. */
  inFlight(target: number): number;
}

/** One target's health. It belongs to the target's name, not to a plan, so it lives on when a plan is replaced. */
class TargetHealth {
  readonly breaker: CircuitBreaker;
  readonly cooldown = new Cooldown();
  inFlight = 0;
  /** The latest failure that the target was charged with. */
  lastFailure: FailureKind | undefined;

  constructor(unit: () => number) {
    this.breaker = new CircuitBreaker({}, unit);
  }
}

/** The health of all targets of a plan. What attempts tell it: `started`, then one of the outcomes, then `ended`. */
export class HealthBook implements Health {
  private readonly rows: readonly TargetHealth[];
  private readonly byName: ReadonlyMap<string, TargetHealth>;

  /**
   * @param names The targets' names in the order of their ids.
   * @param unit Chance, from 0 to 1.
   * @param previous The book in use so far: what it knows of targets with the same name is kept.
   */
  constructor(names: readonly string[], unit: () => number, previous?: HealthBook) {
    this.rows = names.map((name) => previous?.byName.get(name) ?? new TargetHealth(unit));
    this.byName = new Map(names.map((name, id) => [name, this.rows[id]!])); // One row per name.
  }

  allows(target: number, nowMs: number): boolean {
    const row = this.rows[target]!; // Ids are rows.
    return row.breaker.allows(nowMs) && row.cooldown.allows(nowMs);
  }

  waitMs(target: number, nowMs: number): number {
    const row = this.rows[target]!; // Ids are rows.
    return Math.max(row.breaker.waitMs(nowMs), row.cooldown.waitMs(nowMs));
  }

  inFlight(target: number): number {
    return this.rows[target]!.inFlight; // Ids are rows.
  }

  /** The latest failure that the target was charged with, for messages. */
  lastFailure(target: number): FailureKind | undefined {
    return this.rows[target]!.lastFailure; // Ids are rows.
  }

  started(target: number, nowMs: number): void {
    const row = this.rows[target]!; // Ids are rows.
    row.inFlight++;
    row.breaker.started(nowMs);
  }

  /** The target did its work, or showed that it could: also when it found fault with the request. */
  succeeded(target: number, startedMs: number, nowMs: number): void {
    const row = this.rows[target]!; // Ids are rows.
    row.breaker.succeeded(startedMs, nowMs);
    row.cooldown.served();
  }

  /**
   * The attempt failed; who is to blame decides what follows.
   * @param retryAfterMs What the provider asked for; undefined if it said nothing.
   */
  failed(target: number, kind: FailureKind, retryAfterMs: number | undefined, startedMs: number, nowMs: number): void {
    const row = this.rows[target]!; // Ids are rows.
    const { blame } = FAILURES[kind];
    switch (blame) {
      case "provider":
        row.lastFailure = kind;
        row.breaker.failed(startedMs, nowMs, retryAfterMs);
        return;
      case "account":
        row.lastFailure = kind;
        row.cooldown.refused(nowMs, retryAfterMs);
        row.breaker.abandoned(startedMs);
        return;
      case "client":
      case "model":
        // It answered, so it lives.
        row.breaker.succeeded(startedMs, nowMs);
        return;
      case "gateway":
        row.breaker.abandoned(startedMs);
        return;
      default:
        blame satisfies never;
    }
  }

  /** The attempt ended through no fault of the target: the client left. */
  abandoned(target: number, startedMs: number): void {
    this.rows[target]!.breaker.abandoned(startedMs); // Ids are rows.
  }

  /** The attempt is over, its stream included. */
  ended(target: number): void {
    this.rows[target]!.inFlight--; // Ids are rows.
  }
}
