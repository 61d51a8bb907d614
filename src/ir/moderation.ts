import type { JsonObject } from "./json.ts";

/** Things that somebody wants to know of whether they do harm. */
export interface ModerationRequest {
  /** One verdict for each. */
  readonly inputs: readonly ModerationInput[];
  /** Fields that only the client's format knows. */
  readonly rest: JsonObject | undefined;
}

/** What is judged as one: a text, or texts and images together. */
export type ModerationInput = string | readonly ModerationPart[];

/** A piece of an input. `url`: an address or a `data:` URL. */
export type ModerationPart = { readonly type: "text"; readonly text: string } | { readonly type: "image"; readonly url: string };

/** The verdicts, in the order of the inputs. */
export interface ModerationResult {
  /** The provider's name for the answer; empty if it has none. */
  readonly id: string;
  readonly verdicts: readonly Verdict[];
}

/** What one input is found to be, by category: OpenAI's, and what else the provider knows. */
export interface Verdict {
  readonly flagged: boolean;
  readonly categories: Readonly<Record<string, boolean>>;
  /** From 0 to 1. */
  readonly scores: Readonly<Record<string, number>>;
  /** Which kinds of input (`text`, `image`) each category was looked for in, where the provider says so. */
  readonly appliedTo: JsonObject | undefined;
}

/** Verdicts are never streamed. */
export type ModerationEvent = never;

/** The categories that every verdict has, in OpenAI's words. https://platform.openai.com/docs/api-reference/moderations/object */
export const CATEGORIES = [
  "harassment",
  "harassment/threatening",
  "sexual",
  "hate",
  "hate/threatening",
  "illicit",
  "illicit/violent",
  "self-harm/intent",
  "self-harm/instructions",
  "self-harm",
  "sexual/minors",
  "violence",
  "violence/graphic",
] as const;
