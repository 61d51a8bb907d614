import type { FailureKind } from "../ir/failure.ts";
import type { Usage } from "../ir/usage.ts";

/** What is known of an attempt before it is sent. Together with the outcome it is one row of the ledger. */
export interface AttemptOpened {
  readonly requestId: string;
  /** From 1, without gaps. */
  readonly attempt: number;
  readonly startedEpochMs: number;
  /** The hash of the plan. */
  readonly config: string;
  /** Which price it is billed by: a key of the ledger's `prices`; undefined if there is none. */
  readonly price: string | undefined;
  readonly keyId: string | undefined;
  readonly keyName: string | undefined;
  readonly team: string | undefined;
  readonly organisation: string | undefined;
  readonly operation: string;
  /** The name that the client asked for, by the plan's spelling. */
  readonly route: string;
  readonly provider: string;
  readonly model: string;
  readonly stream: boolean;
  readonly bytesIn: number;
  /** What was set aside for it, billionths of a US dollar: its cost if nobody ever learns the truth. */
  readonly reservedNanoUsd: number;
}

/**
 * How well the cost of an attempt is known. `exact`: the provider said what it used, and the price is known. `estimated`: what was used was reckoned.
 * `zero`: nothing reached the provider, or it did no work. `unknown`: the provider may have billed something, and nobody knows what.
 */
export type Certainty = "exact" | "estimated" | "zero" | "unknown";

/** What came of an attempt. */
export interface AttemptOutcome {
  readonly certainty: Certainty;
  readonly settledEpochMs: number;
  /** undefined for a good one. */
  readonly failure: FailureKind | undefined;
  readonly usage: Usage | undefined;
  /** Billionths of a US dollar; undefined if the price is not known. */
  readonly costNanoUsd: number | undefined;
  /** From the exchange's arrival to this attempt's beginning. */
  readonly queueMs: number;
  /** All from this attempt's beginning; undefined if it never came to that. */
  readonly connectMs: number | undefined;
  readonly firstByteMs: number | undefined;
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
  readonly bytesOut: number;
  /** What could not be carried, names only. */
  readonly losses: readonly string[];
  /** Input tokens that compression kept from being sent, as reckoned. */
  readonly tokensSaved: number;
  /** Bytes that compression left out, by filter: `git-diff=12114 test-jest=2133`; undefined for none. */
  readonly bytesSavedBy?: string | undefined;
  /** `hit`: no provider was asked; the answer was given before, or was being given to an equal request. */
  readonly cache?: "hit" | undefined;
  readonly images: number;
  readonly audioSeconds: number;
}

/** An attempt whose outcome is still to come; the ledger's own handle of it. */
export interface OpenAttempt {
  readonly opened: AttemptOpened;
  /** `lost`: the ledger had no room left and the operator wants requests to go on all the same. */
  state: "open" | "settled" | "lost";
}
