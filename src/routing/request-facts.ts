/** What a request can ask of a model, as bits. */
export const NEEDS = { tools: 1, images: 2, structuredOutput: 4, stream: 8 } as const;

/** What is known of a request when its targets are chosen. Made once per exchange; `decide` only reads it. */
export interface RequestFacts {
  /** Estimated. */
  readonly inputTokens: number;
  /** The most that the client wants to have; undefined if it does not say. */
  readonly outputTokensMax: number | undefined;
  /** Bits of `NEEDS`. */
  readonly needs: number;
  readonly headers: { get(name: string): string | null };
  /** Of the day, in UTC. */
  readonly minute: number;
  /** The same for all requests of one session or conversation. A whole number below 2^32. */
  readonly affinity: number;
  /** How many exchanges the route had before this one: whose turn it is. */
  readonly turn: number;
}

/** A request of which nothing is known, or nothing matters. */
export const NO_FACTS: RequestFacts = {
  inputTokens: 0,
  outputTokensMax: undefined,
  needs: 0,
  headers: { get: () => null },
  minute: 0,
  affinity: 0,
  turn: 0,
};
