import type { ConfigData, GuardrailData } from "../config/data.ts";
import { durationMs } from "../config/duration.ts";
import type { SecretReference } from "../config/secret.ts";
import type { GuardPhase, GuardRule } from "../policies/guard/guard.ts";
import { PII_USUAL } from "../policies/guard/pii.ts";
import type { LimitFor } from "../policies/limit-subject.ts";

/** Guardrails, compiled. */
export interface PlannedGuardrails {
  readonly rules: readonly GuardRule[];
  readonly tokens: readonly PlannedTokenGuard[];
  readonly remotes: readonly PlannedRemoteGuard[];
}

/** How long a request may be, and how long an answer it may ask for. */
export interface PlannedTokenGuard {
  readonly name: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly for: LimitFor | undefined;
}

/** Somebody who is asked. */
export interface PlannedRemoteGuard {
  readonly name: string;
  readonly url: string;
  readonly secret: SecretReference | undefined;
  readonly timeoutMs: number;
  /** What counts when nothing is said. */
  readonly onFailure: "allow" | "deny";
  readonly for: LimitFor | undefined;
}

const TIMEOUT_MS = 2_000;

/** Compiles `policies.guardrails`. @returns undefined if there are none. */
export function planGuardrails({ policies }: Pick<ConfigData, "policies">): PlannedGuardrails | undefined {
  const all = Object.entries(policies?.guardrails ?? {});
  if (all.length === 0) return undefined;
  return {
    rules: all.flatMap(([name, data]) => ruleOf(name, data)),
    tokens: all.flatMap(([name, { type, inputTokens, outputTokens, for: whom }]) =>
      type === "max-tokens" ? [{ name, inputTokens, outputTokens, for: whom }] : [],
    ),
    remotes: all.flatMap(([name, { type, url = "", secret, timeout, onFailure = "deny", for: whom }]) =>
      type === "http" ? [{ name, url, secret, timeoutMs: durationMs(timeout ?? "") ?? TIMEOUT_MS, onFailure, for: whom }] : [],
    ),
  };
}

/** Whether answers are looked at, so that a stream has to be taken apart. */
export function guardsAnswers({ policies }: ConfigData): boolean {
  return Object.values(policies?.guardrails ?? {}).some((data) => ruleOf("", data).some(({ phases }) => phases.includes("output")));
}

function ruleOf(name: string, data: GuardrailData): GuardRule[] {
  const { type, on = "input", action, detect, words = [], sensitivity = "medium", for: whom } = data;
  const phases: readonly GuardPhase[] = on === "both" ? ["input", "output"] : [on];
  const shared = { name, phases, ...(whom && { for: whom }) };
  switch (type) {
    case "pii":
      return [{ ...shared, type, detect: detect ?? PII_USUAL, action: action ?? "redact" }];
    case "words":
      return [{ ...shared, type, words, action: action ?? "block" }];
    case "prompt-injection":
      return [{ ...shared, type, sensitivity, action: action === "note" ? "note" : "block" }];
    case "max-tokens":
    case "http":
      return [];
    default:
      return type satisfies never;
  }
}
