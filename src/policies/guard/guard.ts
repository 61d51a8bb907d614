import { OmniError } from "../../ir/failure.ts";
import type { Caller } from "../caller.ts";
import { isWhom, type LimitFor } from "../limit-subject.ts";
import { type Finder, redacted } from "./finding.ts";
import { type InjectionSensitivity, isInjection } from "./injection.ts";
import { PhraseFinder } from "./phrases.ts";
import { isSpace, type PiiKind, PiiFinder } from "./pii.ts";

/** What is done about what is found. `note`: only the answer's header and the metrics tell of it. */
export type GuardAction = "redact" | "block" | "note";

/** What texts a guardrail looks at. */
export type GuardPhase = "input" | "output";

/** One guardrail, as the operator means it. */
export type GuardRule = {
  /** What refusals and metrics know it by. */
  readonly name: string;
  readonly phases: readonly GuardPhase[];
  /** Default: everybody. */
  readonly for?: LimitFor;
} & (
  | { readonly type: "pii"; readonly detect: readonly PiiKind[]; readonly action: GuardAction }
  | { readonly type: "words"; readonly words: readonly string[]; readonly action: GuardAction }
  | { readonly type: "prompt-injection"; readonly sensitivity: InjectionSensitivity; readonly action: Exclude<GuardAction, "redact"> }
);

/** Told of whatever a guardrail has found. `label` is a word of its own, never what was found. */
export type GuardNote = (guardrail: string, action: GuardAction, label: string) => void;

/** A text, and whose it is. */
export interface GuardedText {
  readonly text: string;
  readonly role: string;
}

interface Compiled {
  readonly rule: GuardRule;
  readonly finder: Finder | undefined;
}

/** Whose words are their own and not the operator's, so that they may be out to turn the model. */
const TRUSTED_ROLES: ReadonlySet<string> = new Set(["system", "developer", "assistant", "model"]);

/** The guardrails that look at texts by themselves. */
export class Guards {
  private readonly rules: readonly Compiled[];

  constructor(rules: readonly GuardRule[]) {
    this.rules = rules.map((rule) => ({ rule, finder: finderOf(rule) }));
  }

  /** Those that are for a caller, in one of the phases; undefined if there are none. */
  for(caller: Caller, phase: GuardPhase): GuardsOf | undefined {
    const rules = this.rules.filter(({ rule }) => rule.phases.includes(phase) && (rule.for === undefined || isWhom(rule.for, caller)));
    return rules.length === 0 ? undefined : new GuardsOf(rules, phase);
  }
}

/** The guardrails of one exchange in one phase. */
export class GuardsOf {
  private readonly rules: readonly Compiled[];
  private readonly phase: GuardPhase;

  constructor(rules: readonly Compiled[], phase: GuardPhase) {
    this.rules = rules;
    this.phase = phase;
  }

  /**
   * Looks at a text.
   * @returns What may go on of it: the text itself, or with words in the places of what was found.
   * @throws {OmniError} `content_policy_violation`, if it may not.
   */
  check({ text, role }: GuardedText, noted: GuardNote): string {
    let result = text;
    for (const { rule, finder } of this.rules) {
      if (finder === undefined) {
        if (rule.type !== "prompt-injection" || TRUSTED_ROLES.has(role) || !isInjection(result, rule.sensitivity)) continue;
        noted(rule.name, rule.action, rule.type);
        if (rule.action === "block") throw blocked(rule.name, this.phase, "an attempt to turn the model against its instructions");
        continue;
      }
      const findings = finder.find(result);
      if (findings.length === 0) continue;
      for (const { label } of findings) noted(rule.name, rule.action, label);
      if (rule.action === "block") throw blocked(rule.name, this.phase, [...new Set(findings.map(({ label }) => label))].join(", "));
      if (rule.action === "redact") result = redacted(result, findings);
    }
    return result;
  }

  /** From where on a text that goes on must be held back, since what comes next may make a finding of it. */
  openFrom(text: string): number {
    const findings = this.rules.flatMap(({ finder }) => finder?.find(text) ?? []);
    let from = text.length;
    for (const { finder } of this.rules) if (finder !== undefined) from = Math.min(from, finder.openFrom(text));
    for (let before = -1; from !== before; ) {
      before = from;
      // Half a word may be what is looked for where the whole is not, and the other way round.
      while (from > 0 && from < text.length && !isSpace(text.charCodeAt(from - 1)) && !isSpace(text.charCodeAt(from))) from--;
      // What was found waits as a whole.
      for (const { start, end } of findings) if (start < from && from < end) from = start;
    }
    return from;
  }
}

function finderOf(rule: GuardRule): Finder | undefined {
  switch (rule.type) {
    case "pii":
      return new PiiFinder(rule.detect);
    case "words":
      return new PhraseFinder(rule.words);
    case "prompt-injection":
      return undefined;
    default:
      return rule satisfies never;
  }
}

function blocked(name: string, phase: GuardPhase, what: string): OmniError {
  const message =
    phase === "input"
      ? `Cannot take this request: the guardrail "${name}" has found ${what} in it.`
      : `Cannot give this answer: the guardrail "${name}" has found ${what} in it.`;
  return new OmniError("content_policy_violation", message);
}
