import type { ReasoningWish } from "../ir/chat.ts";

/** Tokens of thinking per effort, for models that take a budget only. */
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ["minimal", 1024],
  ["low", 1024],
  ["medium", 4096],
  ["high", 16_384],
  ["xhigh", 24_576],
  ["max", 32_000],
]);

/** The budget that stands for an effort. */
export function budgetOfEffort(effort: string): number {
  return BUDGETS.get(effort) ?? 4096;
}

/** A wish in the words of OpenAI's formats; undefined when nothing was said that they could say. */
export function effortOf(wish: ReasoningWish): string | undefined {
  // Most models refuse "none", so it is said only to those whose client said it.
  if (wish.mode === "off") return wish.effort === "none" ? "none" : undefined;
  if (wish.effort !== undefined) return wish.effort;
  if (wish.mode !== "budget" || wish.budgetTokens === undefined) return undefined;
  if (wish.budgetTokens <= 1024) return "low";
  if (wish.budgetTokens <= 8192) return "medium";
  return wish.budgetTokens <= 24_576 ? "high" : "xhigh";
}
