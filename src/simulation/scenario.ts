import type { ConfigData } from "../config/data.ts";

/** What goes wrong during a simulation, where, and when. Times are milliseconds since its start. */
export interface SimulatedFault {
  /** `*`, a provider's name, or `provider/model`. */
  readonly at: string;
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  readonly type: SimulatedFaultType;
  /** The part of the requests that it strikes. Default 1. */
  readonly share?: number;
}

/**
 * `refuse`: no connection. `reset`: it breaks after the request was sent. `error-500`, `overloaded-503`: as they are called. `slow`: twenty times slower.
 * `stall`: no answer ever. `quota`: 429 beyond four requests a second and key, with the true time to wait. `refuse-key`: 401 for the first key.
 * `reject-400`: finds fault with the request. `cut`: an answer breaks off at some byte. `end-early`: it ends there, as if it were whole.
 * `hollow`: a 200 without content.
 */
export type SimulatedFaultType =
  | "refuse"
  | "reset"
  | "error-500"
  | "overloaded-503"
  | "slow"
  | "stall"
  | "quota"
  | "refuse-key"
  | "reject-400"
  | "cut"
  | "end-early"
  | "hollow";

/** All of them. */
export const SIMULATED_FAULTS: readonly SimulatedFaultType[] = [
  ...(["refuse", "reset", "error-500", "overloaded-503", "slow", "stall", "quota", "refuse-key"] as const),
  ...(["reject-400", "cut", "end-early", "hollow"] as const),
];

/** A request of a client. */
export interface SimulatedRequest {
  readonly atMs: number;
  readonly model: string;
  readonly stream: boolean;
  /** When the client goes away, after it has sent its request; undefined if it stays. */
  readonly leavesAfterMs: number | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  /** How long the question is, in characters. */
  readonly length: number;
  /** Who asks, for choices that stay with a session. */
  readonly session: string;
}

/** All that a simulation does: plain data, so that it can be printed, shrunk and run again. */
export interface Scenario {
  readonly seed: number;
  readonly config: ConfigData;
  readonly requests: readonly SimulatedRequest[];
  readonly faults: readonly SimulatedFault[];
  /** By how much the wall clock jumps, and when. */
  readonly clockSteps: readonly { readonly atMs: number; readonly byMs: number }[];
  /** When the configuration is put in force anew. */
  readonly reloadsMs: readonly number[];
}
