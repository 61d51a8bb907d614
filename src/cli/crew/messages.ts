import type { ConfigData } from "../../config/data.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import type { DrainerQuestion } from "../../ledger/drain-worker.ts";
import type { HealthFact } from "../../resilience/health-fact.ts";
import type { ConfigRefused, ConfigRunning } from "../../server/admin.ts";

/** What a worker is started with, as JSON in its environment. */
export interface WorkerOrders {
  /** Its place among those that live at the same time, from 0 on. */
  readonly seat: number;
  readonly seats: number;
  /** How many workers there are meant to be. */
  readonly workers: number;
  /** By what to open the memory that they share. */
  readonly memory: string;
  /** The port that the others listen on; undefined for the first. */
  readonly port: number | undefined;
}

/** The variable that holds it. */
export const ORDERS = "OMNI_WORKER";

/** A configuration that was read and checked, and how things stand. */
export interface CrewConfig {
  readonly data: ConfigData;
  readonly warnings: readonly Diagnostic[];
  readonly logs: "json" | "pretty";
}

/** What workers know of the configuration that all of them keep to. */
export interface CrewState {
  readonly running: ConfigRunning | undefined;
  readonly refused: ConfigRefused | undefined;
}

/** What a worker asks, and is answered. */
export type Question =
  | { readonly type: "reload"; readonly trigger: string }
  | { readonly type: "restart" }
  | { readonly type: "ledger"; readonly folder: string; readonly question: DrainerQuestion };

/** What a supervisor hears of a worker. */
export type FromWorker =
  | { readonly type: "hello" }
  | { readonly type: "adopted"; readonly turn: number; readonly faults: readonly Diagnostic[] }
  | { readonly type: "listening"; readonly port: number; readonly url: string; readonly adminUrl: string | undefined }
  | { readonly type: "ask"; readonly id: number; readonly question: Question }
  | { readonly type: "news"; readonly news: News };

/** What one worker finds out and all should know, at once. */
export type News = { readonly type: "books" } | { readonly type: "health"; readonly fact: HealthFact };

/** What a worker hears of its supervisor. */
export type ToWorker =
  | { readonly type: "welcome"; readonly nowMs: number }
  | { readonly type: "adopt"; readonly turn: number; readonly config: CrewConfig }
  | { readonly type: "state"; readonly state: CrewState }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly message: string }
  | { readonly type: "news"; readonly news: News }
  | { readonly type: "retire" };
