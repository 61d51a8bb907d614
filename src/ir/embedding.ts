import type { JsonObject } from "./json.ts";

/** Texts to be turned into vectors. */
export interface EmbeddingRequest {
  /** At least one: texts, or lists of tokens in the model's own numbering. */
  readonly inputs: readonly (string | readonly number[])[];
  /** How long the vectors shall be. Default: as the model makes them. */
  readonly dimensions: number | undefined;
  /** How the client wants its numbers. `base64`: of 32-bit floats, lowest byte first. */
  readonly encoding: "float" | "base64";
  /** What the vectors are for, in Cohere's words (`search_query`, `search_document`, `classification`, `clustering`); some models make others for each. */
  readonly purpose: string | undefined;
  /** Fields that only the client's format knows, to be sent on where the provider speaks the same. */
  readonly rest: JsonObject | undefined;
}

/** The vectors, in the order of the inputs. */
export interface EmbeddingResult {
  readonly vectors: readonly Vector[];
}

/** One vector, as its provider wrote it: turned into the other form only if the client wants that. `base64`: of 32-bit floats, lowest byte first. */
export type Vector = readonly number[] | { readonly base64: string };

/** Vectors are never streamed. */
export type EmbeddingEvent = never;
