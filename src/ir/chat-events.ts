import type { Bags, Citation, ForeignPart, Opaque, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from "./chat-parts.ts";
import type { Finish } from "./chat.ts";
import type { OmniError } from "./failure.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/** The part of a choice that an event is about. Parts are counted from 0 per choice, in the order in which they start, without gaps. */
interface OfPart {
  readonly choice: number;
  readonly part: number;
}

/** A part as it begins: what it is, without what is still to come. */
export type PartStart = Omit<TextPart, "citations" | "logprobs"> | RefusalPart | ReasoningPart | ToolCallPart | ForeignPart;

/**
 * A streamed answer: one `start`; then parts, each with one `part-start`, its deltas and one `part-end`, several open at a time if the provider
 * interleaves them; per choice one `finish` after its parts; then one `end`. A stream that fails has a `failure` instead, and nothing after it.
 */
export type ChatEvent =
  | {
      readonly type: "start";
      readonly id: string;
      readonly model: string;
      readonly createdS?: number;
      /** What is known before the answer; `usage` events replace it. */
      readonly usage?: Usage;
      readonly serviceTier?: string;
      readonly bags?: Bags;
    }
  | (OfPart & { readonly type: "part-start"; readonly content: PartStart })
  /** More of a text or a refusal. */
  | (OfPart & { readonly type: "text-delta"; readonly text: string; readonly logprobs?: readonly Json[] })
  /** More of the reasoning's `piece`-th text. */
  | (OfPart & { readonly type: "reasoning-delta"; readonly text: string; readonly piece: number; readonly form: "summary" | "raw" })
  | (OfPart & { readonly type: "arguments-delta"; readonly json: string })
  | (OfPart & { readonly type: "citation"; readonly citation: Citation })
  /** The opaque half of a reasoning or a tool call. The last one counts. `itemId`: the part's, where it becomes known only now. */
  | (OfPart & { readonly type: "opaque"; readonly opaque: Opaque; readonly itemId?: string })
  /** Something that happened to a foreign part, verbatim. */
  | (OfPart & { readonly type: "foreign-delta"; readonly json: JsonObject })
  /** `json`: the foreign part in its final form. */
  | (OfPart & { readonly type: "part-end"; readonly json?: JsonObject })
  | { readonly type: "finish"; readonly choice: number; readonly finish: Finish }
  /** What has been used so far; the last one counts. */
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "end"; readonly serviceTier?: string; readonly bags?: Bags }
  | { readonly type: "failure"; readonly error: OmniError };
