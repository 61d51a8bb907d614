import { bagOf, type ChatRequest } from "../ir/chat.ts";
import type { Loss } from "../ir/loss.ts";

/**
 * Leaves out of what a request loses whatever no answer depends on: what only says how to bill, cache, trace and show, what says the usual in other words, and
 * what only its own vendor can read. What is left is worth a client's attention.
 */
export function withoutTriflesAsked(losses: readonly Loss[], request: ChatRequest): readonly Loss[] {
  if (losses.length === 0) return losses;
  const question = lastQuestion(request);
  return losses.filter((loss) => !isTrifleAsked(loss, request, question));
}

/**
 * The same for answers: a client of another format does not miss what one vendor writes beside every answer, such as `system_fingerprint`.
 * Sources are another matter, and so are files and changes to the conversation.
 */
export function withoutTriflesAnswered(losses: readonly Loss[]): readonly Loss[] {
  return losses.filter(({ weight, what }) => weight === "content" || TOLD_OF_ANSWERS.has(what));
}

/** They change what a request costs, who is told of it and what is shown of it, not what is answered. */
const NEVER_TOLD: ReadonlySet<string> = new Set([
  ...["cache_control", "ttl", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"],
  ...["user", "metadata", "store", "usage", "summary", "keep_alive", "phase", "caller", "defer_loading", "eager_input_streaming"],
  // Nobody but the vendor that signed it can read it, so nobody else has lost anything.
  "signature",
]);

const USUAL_TIERS: ReadonlySet<string | undefined> = new Set(["auto", "default", "standard", "standard_only", "on_demand"]);

function isTrifleAsked({ what, path }: Loss, request: ChatRequest, question: number): boolean {
  if (NEVER_TOLD.has(what)) return true;
  switch (what) {
    case "reasoning":
      // Vendors forget what was thought before the last question themselves; only what belongs to calls under way is missed.
      return messageOf(path) < question;
    case "service_tier":
      return USUAL_TIERS.has(request.serviceTier);
    case "type":
      // Versions of one tool.
      return path.startsWith("tools[");
    case "include":
    case "truncation":
      return saysTheUsual(request, what);
    default:
      return false;
  }
}

/** What says nothing more than is done anyway: reasoning comes back sealed in any case, and nothing is cut off a conversation unless asked. */
function saysTheUsual({ bags }: ChatRequest, what: "include" | "truncation"): boolean {
  const value = bagOf(bags, "openai-responses")?.[what];
  if (what === "truncation") return value === "disabled";
  return Array.isArray(value) && value.every((item) => item === "reasoning.encrypted_content");
}

/** The number of the message that a path begins with; infinite for any other path. */
function messageOf(path: string): number {
  const number = /^messages\[(\d+)\]/.exec(path)?.[1];
  return number === undefined ? Number.POSITIVE_INFINITY : Number(number);
}

/** Where the user last said something, results of tools aside. */
function lastQuestion({ messages }: ChatRequest): number {
  return messages.findLastIndex(({ role, parts }) => role === "user" && parts.some(({ type }) => type !== "tool-result"));
}

const TOLD_OF_ANSWERS: ReadonlySet<string> = new Set([
  ...["citations", "search_results", "groundingMetadata", "urlContextMetadata", "container", "context_management", "moderation"],
  // What is not given back can not be sent on with the next request.
  "signature",
]);
