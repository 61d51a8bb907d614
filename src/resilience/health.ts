import type { FailureKind } from "../ir/failure.ts";

/** What is known of every target just now. Read on the hot path, by target id: nothing here allocates. */
export interface Health {
  /** Whether an attempt may go to the target now: its circuit is not open and it is not cooling down. Changes nothing. */
  allows(target: number, nowMs: number): boolean;
  /** How long until `allows` may say yes; 0 when it does. */
  waitMs(target: number, nowMs: number): number;
  /** Attempts under way. */
  inFlight(target: number): number;
}

/** What attempts tell `Health` about. */
export interface HealthObserver {
  started(target: number, nowMs: number): void;
  succeeded(target: number, nowMs: number): void;
  /** @param retryAfterMs What the provider asked for; undefined if it said nothing. */
  failed(target: number, kind: FailureKind, retryAfterMs: number | undefined, nowMs: number): void;
  /** The attempt ended through no fault of the target: the client left, or nothing can be told from it. */
  abandoned(target: number, nowMs: number): void;
}
