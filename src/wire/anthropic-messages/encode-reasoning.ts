import type { ChatRequest, ReasoningWish } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { budgetOfEffort } from "../effort.ts";

/** What a wish for reasoning comes to. */
interface EncodedReasoning {
  readonly thinking?: JsonObject;
  /** Goes into `output_config`. */
  readonly config?: JsonObject;
  /** The limit of tokens, where a budget made it rise. */
  readonly maxTokens?: number;
}

/** The smallest budget that the API takes. */
const BUDGET_MIN = 1024;

/**
 * Writes how much to think. What a client of this format said is said again as it was; an effort alone, as OpenAI's clients say it, is put
 * in the words that the model takes. https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export function encodeReasoning(request: ChatRequest, style: "adaptive" | "budget", tokensMax: number, losses: Losses): EncodedReasoning {
  const wish = request.reasoning;
  if (wish === undefined) return {};
  const effort = wish.effort === "minimal" ? "low" : wish.effort === "none" ? undefined : wish.effort;
  const config = effort === undefined ? undefined : { effort };
  const display = encodeDisplay(wish, losses);
  if (wish.mode === "off") return { thinking: { type: "disabled" }, ...(config && { config }) };
  if (wish.mode === "budget" && wish.budgetTokens !== undefined) {
    return { thinking: { type: "enabled", budget_tokens: wish.budgetTokens, ...display }, ...(config && { config }) };
  }
  if (wish.mode === undefined) return config === undefined ? {} : { config };
  if (style === "adaptive") return { thinking: { type: "adaptive", ...display }, ...(config && { config }) };
  return withBudget(request, budgetOfEffort(wish.effort ?? "medium"), tokensMax, losses);
}

/** For models that only know budgets: the budget stays below the limit, and the limit rises if it was not the client's. */
function withBudget(request: ChatRequest, budget: number, tokensMax: number, losses: Losses): EncodedReasoning {
  if (isForced(request)) {
    losses.add("reasoning", "reasoning_effort", "A model that thinks within a budget does not think when a tool is forced.");
    return {};
  }
  const limit = request.sampling.maxTokens ?? tokensMax;
  const budgetTokens = Math.min(budget, limit - 1);
  if (budgetTokens < BUDGET_MIN) {
    losses.add("reasoning", "reasoning_effort", `Thinking needs ${BUDGET_MIN} tokens, and max_tokens leaves no room for them.`);
    return {};
  }
  return { thinking: { type: "enabled", budget_tokens: budgetTokens } };
}

function isForced(request: ChatRequest): boolean {
  const choice = request.toolChoice;
  return choice?.type === "required" || choice?.type === "tool" || (choice?.type === "allowed" && choice.required);
}

/** `omitted` and `summarized` are this format's own words; the others mean "show it", which is what happens by itself. */
function encodeDisplay(wish: ReasoningWish, losses: Losses): JsonObject {
  if (wish.display === undefined) return {};
  if (wish.display === "omitted" || wish.display === "summarized") return { display: wish.display };
  if (wish.display === "auto") return {};
  losses.add("reasoning.display", "summary", "Anthropic has one form of summary.");
  return {};
}
