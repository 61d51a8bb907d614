/** A question to a search engine. */
export interface WebSearchRequest {
  readonly query: string;
  /** At most so many results. */
  readonly count: number;
  /** Whether an answer in words is wanted besides the results. */
  readonly answer: boolean;
  /** `advanced` takes longer, finds more, and often costs more. */
  readonly depth: "basic" | "advanced";
  readonly topic: "general" | "news";
  /** How old results may be at most. Default: as old as they are. */
  readonly since: "day" | "week" | "month" | "year" | undefined;
  /** Two letters of ISO 3166, in lower case: where results shall be from, or for. */
  readonly country: string | undefined;
  /** Where results may be from alone. Default: anywhere. */
  readonly includeDomains: readonly string[];
  readonly excludeDomains: readonly string[];
}

/** What was found, best first. */
export interface WebSearchResult {
  /** In words, if one was asked for and given. */
  readonly answer: string | undefined;
  readonly hits: readonly WebHit[];
}

/** One page that was found. */
export interface WebHit {
  readonly url: string;
  readonly title: string;
  /** What is told of it: a snippet, or more. */
  readonly content: string;
  /** How well it fits, in the engine's own measure; undefined if it gives none. */
  readonly score: number | undefined;
}

/** Results are never streamed. */
export type WebSearchEvent = never;
