import type { ReasoningWish } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { budgetOfEffort } from "../effort.ts";

/** How a model is told how much to think. */
export type ThinkingStyle = "level" | "budget";

/** No budget made of an effort is larger: some models refuse more. */
const BUDGET_MAX = 24_576;

const LEVELS: ReadonlyMap<string, string> = new Map([
  ["none", "MINIMAL"],
  ["minimal", "MINIMAL"],
  ["low", "LOW"],
  ["medium", "MEDIUM"],
  ["high", "HIGH"],
  ["xhigh", "HIGH"],
  ["max", "HIGH"],
]);

/** Models up to Gemini 2.5 take budgets, later ones levels. https://ai.google.dev/gemini-api/docs/thinking */
export function styleOf(model: string): ThinkingStyle {
  return /gemini-(?:1|2)(?:\.|-|$)/.test(model) ? "budget" : "level";
}

/** Writes `thinkingConfig`, with a level or a budget, never both. Thoughts are only shown to those who ask. */
export function encodeThinking(wish: ReasoningWish | undefined, style: ThinkingStyle, losses: Losses): JsonObject | undefined {
  if (wish === undefined) return undefined;
  if (wish.mode === "off") return encodeOff(style, losses);
  if (wish.display === "concise" || wish.display === "detailed")
    losses.add("reasoning.display", "summary", "Gemini has one form of summary.");
  const isShown = wish.display !== undefined ? wish.display !== "omitted" : wish.mode !== undefined;
  const amount = encodeAmount(wish, style);
  return { ...(isShown ? { includeThoughts: true } : wish.display !== undefined && { includeThoughts: false }), ...amount };
}

function encodeOff(style: ThinkingStyle, losses: Losses): JsonObject {
  if (style === "budget") return { thinkingBudget: 0 };
  losses.add("reasoning.mode", "thinking", "The model can not be told not to think, only to think little.");
  return { thinkingLevel: "MINIMAL" };
}

function encodeAmount({ mode, effort, budgetTokens }: ReasoningWish, style: ThinkingStyle): JsonObject {
  // Later models take budgets as well.
  if (mode === "budget" && budgetTokens !== undefined) return { thinkingBudget: budgetTokens };
  if (effort === undefined) return mode === "adaptive" && style === "budget" ? { thinkingBudget: -1 } : {};
  if (style === "budget") return { thinkingBudget: Math.min(budgetOfEffort(effort), BUDGET_MAX) };
  return { thinkingLevel: LEVELS.get(effort) ?? effort.toUpperCase() };
}
