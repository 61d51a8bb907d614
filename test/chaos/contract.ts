/**
 * How far an attempt had come when it failed, and so what may follow. This is the contract that the matrix holds the gateway to; it is written down
 * here a second time on purpose, and shares nothing with the code that it judges.
 */
export type Phase =
  /** Odd, but an answer. */
  | "fine"
  /** Nothing reached the provider, or it said at once that it can not serve: it may be asked again like any other. */
  | "untouched"
  /** The key was refused: another key or provider may be asked, the same one not again. */
  | "key"
  /** The model was refused: the same. */
  | "model"
  /** The request is at fault, and would be everywhere. */
  | "request"
  /** The work may have been done: others may be asked; of those that were asked one, once more. */
  | "ambiguous"
  /** The same, where the connection broke: keeping connections open is the gateway's doing, so also a single target is asked once more. */
  | "reset"
  /** Content has gone to the client: nothing is ever tried again. */
  | "committed";

/** What the client asks for: one target; a combo whose second target is well; a combo whose second target has the same fault. */
export type Setting = "single" | "combo" | "doomed";

/** What a client must see. */
export type Outcome =
  | { readonly type: "answer"; readonly attempts: number }
  | { readonly type: "refusal"; readonly attempts: number; readonly shouldRetry: "false" | null }
  | { readonly type: "break"; readonly attempts: number };

/** What the contract says of an attempt that fails in this phase. Without a word on it, it throws: a cell that nobody can judge is a fault of the suite. */
export function outcomeOf(phase: Phase, setting: Setting, isKeyRefused: boolean): Outcome {
  const attempts = ATTEMPTS[phase]?.[setting];
  if (attempts === undefined) throw new Error(`The contract says nothing of "${phase}" in the setting "${setting}".`);
  if (phase === "fine") return { type: "answer", attempts };
  if (phase === "committed") return { type: "break", attempts };
  if (setting === "combo" && phase !== "request") return { type: "answer", attempts };
  // More tries of the client's are of no use where ours are spent, or where only the operator can help.
  return { type: "refusal", attempts, shouldRetry: attempts > 1 || isKeyRefused ? "false" : null };
}

/** At most four attempts in all, two at a target, and one repeat of what may have been done already. */
const ATTEMPTS: Readonly<Record<Phase, Readonly<Record<Setting, number>>>> = {
  fine: { single: 1, combo: 1, doomed: 1 },
  untouched: { single: 1, combo: 2, doomed: 4 },
  key: { single: 1, combo: 2, doomed: 2 },
  model: { single: 1, combo: 2, doomed: 2 },
  request: { single: 1, combo: 1, doomed: 1 },
  ambiguous: { single: 1, combo: 2, doomed: 3 },
  reset: { single: 2, combo: 2, doomed: 3 },
  committed: { single: 1, combo: 1, doomed: 1 },
};

/** The status of each failure, where the provider's own is not carried. */
export const STATUS: Readonly<Record<string, number>> = {
  upstream_unreachable: 502,
  upstream_overloaded: 503,
  upstream_failed: 502,
  upstream_reset: 502,
  upstream_timeout: 504,
  upstream_truncated: 502,
  upstream_invalid: 502,
  upstream_auth: 502,
  upstream_model_unknown: 404,
  rate_limited: 429,
  context_length_exceeded: 400,
  malformed_json: 400,
  invalid_request: 400,
  invalid_model: 400,
  unsupported_media_type: 415,
  request_too_large: 413,
  method_not_allowed: 405,
};
