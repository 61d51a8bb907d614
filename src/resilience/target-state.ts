import type { FailureKind } from "../ir/failure.ts";

/** Why attempts do not go to a target now. */
export interface Hindrance {
  /**
   * `circuit_of_model`: it failed too often there, whoever asks. `circuit_of_provider`: nobody gets through to the provider. `target_rests`: it asked to
   * be left alone under this account. `account_rests`: the whole account was refused. `full`: as many attempts are under way as are allowed.
   */
  readonly what: "circuit_of_model" | "circuit_of_provider" | "target_rests" | "account_rests" | "full";
  /** Until it is looked at again; 0 where nobody can tell. Milliseconds. */
  readonly waitMs: number;
}

/** What is known of a target at one moment, for people. */
export interface TargetState {
  /** None if attempts may go to it. */
  readonly hindrances: readonly Hindrance[];
  /** Whether its circuit was open, and one attempt may go to see whether it still has to be. */
  readonly isOnTrial: boolean;
  /** The part of its traffic that it gets: less than 1 for a while after it was out. */
  readonly share: number;
  readonly inFlight: number;
  /** Time to the first content of late. Milliseconds; undefined if nothing is known. */
  readonly latencyMs: number | undefined;
  /** What is left of its rate limit, from 0 to 1; undefined if it says nothing. */
  readonly headroom: number | undefined;
  /** The last failure that it was charged with, however long ago. */
  readonly lastFailure: FailureKind | undefined;
}

/** What is known of a provider as a whole, for people. */
export interface ProviderState {
  readonly circuit: "closed" | "open" | "half-open";
  readonly waitMs: number;
  readonly inFlight: number;
}
