import type { Json, JsonObject } from "./json.ts";

/** What one format alone has, under the format's name; only that format's codec looks inside. */
export interface Bags {
  readonly [wire: string]: JsonObject;
}

/** A client's wish that the prompt be cached up to and including this place. */
export interface CacheMark {
  /** How long, such as `5m` or `1h`. Absent: the provider's usual time. */
  readonly ttl?: string;
}

/**
 * Something that only its issuer can read, such as the signature of a reasoning block. It goes back to its issuer byte for byte,
 * travels through clients of other formats under a seal (wire/opaque.ts), and is never shown to another provider as if it were its own.
 */
export interface Opaque {
  /** The wire that it was issued on, or a vendor's own name for its form. */
  readonly issuer: string;
  /** `signature`: vouches for a text beside it. `encrypted`: holds the reasoning itself. `redacted`: the same, withheld for safety. */
  readonly kind: "signature" | "encrypted" | "redacted";
  readonly value: string;
}

/** Where the bytes of an image or a file are. */
export type MediaSource =
  | { readonly type: "base64"; readonly mediaType: string; readonly data: string }
  | { readonly type: "url"; readonly url: string }
  /** Plain text, as documents may be. */
  | { readonly type: "text"; readonly mediaType: string; readonly text: string }
  /** A file that was uploaded; means nothing to another vendor. */
  | { readonly type: "file"; readonly id: string; readonly issuer: string };

/** A source that supports a text. */
export interface Citation {
  readonly url?: string;
  readonly title?: string;
  /** The words of the source. */
  readonly citedText?: string;
  /** Where the supported words begin in the text of all text parts of the answer, in characters. Absent: the citation is about its whole part. */
  readonly start?: number;
  /** Where they end (exclusive). */
  readonly end?: number;
  /** The citation as its own format wrote it, for the way back there. */
  readonly native?: { readonly wire: string; readonly json: JsonObject };
}

interface PartBase {
  readonly cache?: CacheMark;
  readonly bags?: Bags;
}

/** Words. */
export interface TextPart extends PartBase {
  readonly type: "text";
  readonly text: string;
  readonly citations?: readonly Citation[];
  /** Tokens with their probabilities, as OpenAI's formats write them. */
  readonly logprobs?: readonly Json[];
  /** The name that the Responses format gave the message which this is part of. Neighbours of one name were one message. */
  readonly itemId?: string;
}

/** A picture. */
export interface ImagePart extends PartBase {
  readonly type: "image";
  readonly source: MediaSource;
  /** How closely to look, in OpenAI's words. */
  readonly detail?: string;
}

/** A document. */
export interface FilePart extends PartBase {
  readonly type: "file";
  readonly source: MediaSource;
  readonly name?: string;
}

/** Sound, as base64. */
export interface AudioPart extends PartBase {
  readonly type: "audio";
  readonly data: string;
  /** Such as `wav` or `mp3`. */
  readonly format: string;
}

/** What a tool answered, joined to its call by `id` and by nothing else. */
export interface ToolResultPart extends PartBase {
  readonly type: "tool-result";
  readonly id: string;
  readonly parts: readonly ToolOutputPart[];
  readonly isError?: boolean;
  /** `custom`: answers a call whose input is free text. */
  readonly kind?: "custom";
}

/** What the model wants a tool of the client to do. */
export interface ToolCallPart extends PartBase {
  readonly type: "tool-call";
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them: usually an object in JSON, but maybe empty, or cut off. With `custom` it is free text. */
  readonly argumentsJson: string;
  readonly kind?: "custom";
  readonly opaque?: Opaque;
  /** The name that the Responses format gave the item; never the same as `id`. */
  readonly itemId?: string;
}

/** A piece of reasoning. `summary`: written to be shown. `raw`: the model's own thoughts, as some open models give them. */
export interface ReasoningText {
  readonly form: "summary" | "raw";
  readonly text: string;
}

/** How the model came to what follows. */
export interface ReasoningPart extends PartBase {
  readonly type: "reasoning";
  /** None when the provider only gives the opaque form. */
  readonly texts: readonly ReasoningText[];
  readonly opaque?: Opaque;
  readonly itemId?: string;
}

/** The model's words for not answering. */
export interface RefusalPart extends PartBase {
  readonly type: "refusal";
  readonly text: string;
  readonly itemId?: string;
}

/** What only one format knows (a search that the vendor ran, say), verbatim and in its place. */
export interface ForeignPart {
  readonly type: "foreign";
  readonly wire: string;
  readonly json: JsonObject;
  /** A note to the vendor itself, which nobody else misses: to leave it out is no loss. */
  readonly isNote?: true;
}

/** What a tool may answer with. */
export type ToolOutputPart = TextPart | ImagePart | FilePart | ForeignPart;
/** What a user may say. */
export type UserPart = TextPart | ImagePart | FilePart | AudioPart | ToolResultPart | ForeignPart;
/** What a model may say, in the order in which it said it. */
export type AssistantPart = TextPart | RefusalPart | ReasoningPart | ToolCallPart | ForeignPart;
