import type { JsonObject } from "./json.ts";

/** Documents to be put into the order in which they answer a question. */
export interface RerankRequest {
  readonly query: string;
  /** At least one. Objects are read for their fields; their `text` alone if they have one. */
  readonly documents: readonly (string | JsonObject)[];
  /** How many of them to give back. Default: all. */
  readonly top: number | undefined;
  /** Whether the documents themselves are wanted back. */
  readonly withDocuments: boolean;
  /** How much of each document is read. */
  readonly tokensPerDocumentMax: number | undefined;
}

/** The best first. */
export interface RerankResult {
  /** The provider's name for the answer; empty if it has none. */
  readonly id: string;
  readonly ranks: readonly Rank[];
}

/** One document's place. */
export interface Rank {
  /** Where it stood in the request. */
  readonly index: number;
  /** As the provider gave it; what scores mean differs from model to model. */
  readonly score: number;
}

/** Orders are never streamed. */
export type RerankEvent = never;
