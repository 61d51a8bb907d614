import type { Diagnostic, Place } from "./diagnostic.ts";
import type { Fault } from "./fault.ts";

/** What the evaluation of a configuration file came to: what the child tells its parent, as JSON. */
export type Evaluation = EvaluatedConfig | FailedEvaluation;

/** What a file evaluated to: JSON, of whatever shape. */
export interface EvaluatedConfig {
  readonly ok: true;
  readonly value: unknown;
  /** Where the objects that `provider` and `secret` made were made, by JSON Pointer. */
  readonly places: Readonly<Record<string, Place>>;
  /** The file and all that it imported, packages and all: what to watch. Absolute. */
  readonly files: readonly string[];
}

/** Why there is no value. */
export interface FailedEvaluation {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
  /** What is no data in the value, still without a place. */
  readonly faults: readonly Fault[];
  /** As far as it came. */
  readonly files: readonly string[];
}
