import type { AssistantPart, Bags, CacheMark, TextPart, ForeignPart, UserPart } from "./chat-parts.ts";
import type { JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/** What was said before, and what is to be answered. A field that is absent was not said; no default is filled in for anybody. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** Whether the model may call several tools at once. */
  readonly parallelToolCalls?: boolean;
  readonly sampling: Sampling;
  readonly reasoning?: ReasoningWish;
  /** Whether the provider has said that it wants its reasoning back with the history. */
  readonly reasoningWanted?: boolean;
  readonly format?: AnswerFormat;
  /** How wordy to be, in OpenAI's words: `low`, `medium`, `high`. */
  readonly verbosity?: string;
  /** Whether a streamed answer is to end with its usage; only OpenAI's chat format asks. */
  readonly streamUsage?: boolean;
  /** Who asks, as the client's own stable name for them. */
  readonly endUser?: string;
  readonly metadata?: JsonObject;
  /** Whether the provider may keep the exchange. `by-default` is what the Responses format means by saying nothing. */
  readonly store?: boolean | "by-default";
  readonly serviceTier?: string;
  /** Requests of one key share a prompt cache. */
  readonly cacheKey?: string;
  readonly bags?: Bags;
}

/** How the next token is chosen, how many there may be, and how much is told of it. */
export interface Sampling {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  /** How many answers. */
  readonly n?: number;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
}

/** How much the model is to think. */
export interface ReasoningWish {
  /** `off`: not at all. `budget`: up to `budgetTokens`. `adaptive`: as it sees fit. Absent: as the model does by itself; `effort` then is about the answer too. */
  readonly mode?: "off" | "budget" | "adaptive";
  readonly budgetTokens?: number;
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, or what a vendor adds. */
  readonly effort?: string;
  /** In what form to show it, in the client's format's words: `auto`, `concise`, `detailed`; `omitted`, `summarized`. */
  readonly display?: string;
}

/** What the answer has to be. */
export type AnswerFormat =
  | { readonly type: "text" }
  | { readonly type: "json" }
  | {
      readonly type: "json-schema";
      readonly schema: JsonObject;
      readonly name?: string;
      readonly description?: string;
      readonly strict?: boolean;
    };

/** One turn. Neighbours may have the same role; formats that forbid it merge them. */
export type Message =
  | { readonly role: "system" | "developer"; readonly parts: readonly (TextPart | ForeignPart)[]; readonly bags?: Bags }
  | { readonly role: "user"; readonly parts: readonly UserPart[]; readonly bags?: Bags }
  | { readonly role: "assistant"; readonly parts: readonly AssistantPart[]; readonly bags?: Bags };

/** What the model may use. */
export type Tool = FunctionTool | CustomTool | WebSearchTool | HostedTool;

/** A tool of the client, called with JSON. */
export interface FunctionTool {
  readonly type: "function";
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. Absent: none. */
  readonly parameters?: JsonObject;
  /** Whether arguments must match the schema. `where-possible` is what the Responses format means by saying nothing. */
  readonly strict?: boolean | "where-possible";
  readonly cache?: CacheMark;
  readonly bags?: Bags;
}

/** A tool of the client, called with free text. */
export interface CustomTool {
  readonly type: "custom";
  readonly name: string;
  readonly description?: string;
  /** The grammar of the text, in OpenAI's words. */
  readonly format?: JsonObject;
  readonly cache?: CacheMark;
  readonly bags?: Bags;
}

/** A search of the web that the provider runs by itself. */
export interface WebSearchTool {
  readonly type: "web-search";
  /** How much to read: `low`, `medium`, `high`. */
  readonly contextSize?: string;
  readonly usesMax?: number;
  readonly domainsAllowed?: readonly string[];
  readonly domainsBlocked?: readonly string[];
  /** About where the user is: `city`, `region`, `country`, `timezone`. */
  readonly location?: JsonObject;
  readonly cache?: CacheMark;
  readonly bags?: Bags;
}

/** A tool that one vendor runs by itself, verbatim. */
export interface HostedTool {
  readonly type: "hosted";
  readonly wire: string;
  readonly json: JsonObject;
}

/** Which tools the model may or must use. */
export type ToolChoice =
  | { readonly type: "auto" }
  | { readonly type: "none" }
  | { readonly type: "required" }
  | { readonly type: "tool"; readonly name: string; readonly kind?: "custom" }
  /** Only these, though more are listed (which keeps the prompt cache warm). */
  | { readonly type: "allowed"; readonly names: readonly string[]; readonly required: boolean }
  /** A choice that one format alone knows. */
  | { readonly type: "hosted"; readonly wire: string; readonly json: JsonObject };

/** A whole answer. */
export interface ChatResponse {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970, as the provider said it. */
  readonly createdS?: number;
  /** At least one; more only when `n` asked for them. */
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly serviceTier?: string;
  readonly bags?: Bags;
}

/** One of the answers. */
export interface Choice {
  readonly parts: readonly AssistantPart[];
  readonly finish: Finish;
}

/** Why the model stopped. */
export interface Finish {
  readonly reason: FinishReason;
  /** The provider's own word for it. */
  readonly raw?: string;
  /** The stop sequence that was met. */
  readonly stopSequence?: string;
  readonly bags?: Bags;
}

/**
 * `context-length`: the model's window is full. `pause`: the provider wants to be asked to go on.
 * `tool-calls` holds exactly when the answer has a tool call and was not cut short, whatever the provider wrote.
 */
export type FinishReason = "stop" | "stop-sequence" | "length" | "context-length" | "tool-calls" | "refusal" | "pause";

/** The value under a format's name, or undefined. */
export function bagOf(bags: Bags | undefined, wire: string): JsonObject | undefined {
  return bags !== undefined && Object.hasOwn(bags, wire) ? bags[wire] : undefined;
}

/** Makes a bag of what one format alone has; undefined when that is nothing. */
export function bag(wire: string, json: JsonObject | undefined): Bags | undefined {
  return json === undefined ? undefined : { [wire]: json };
}

/** The reason that fits the parts: see FinishReason. A refusal in words is one, though OpenAI calls its end an ordinary one. */
export function finishReasonFor(said: FinishReason, parts: readonly { readonly type: string }[]): FinishReason {
  if (said !== "stop" && said !== "tool-calls") return said;
  if (parts.some((part) => part.type === "tool-call")) return "tool-calls";
  return parts.some((part) => part.type === "refusal") ? "refusal" : "stop";
}
