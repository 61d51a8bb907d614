/** What an answer used, as far as the provider said it. Tokens; each one is counted in exactly one of the token fields. */
export interface Usage {
  /** Input that was neither read from nor written to the provider's cache. */
  readonly inputTokens: number;
  /** Input that was read from the provider's cache. */
  readonly inputTokensCached: number;
  /** Input that was written to the provider's cache for its usual time (Anthropic: five minutes). Absent: none, or not said. */
  readonly inputTokensCacheWritten?: number;
  /** Input that was written to the provider's cache for an hour, which costs more. Absent: none, or not said. */
  readonly inputTokensCacheWrittenLong?: number;
  /** Output, reasoning excluded. */
  readonly outputTokens: number;
  /** Output spent on reasoning. */
  readonly reasoningTokens: number;
  /** How many of the input tokens above were audio; not counted again. */
  readonly inputTokensOfAudio?: number;
  /** How many of the output tokens above were audio; not counted again. */
  readonly outputTokensOfAudio?: number;
  /** How many of the input tokens above were images; not counted again. */
  readonly inputTokensOfImages?: number;
  /** Searches of the web, pages of it, and reranked queries, that the provider bills by the piece. */
  readonly webSearches?: number;
  /** Images that were made. */
  readonly images?: number;
  /** Seconds of sound that were made or listened to. */
  readonly audioSeconds?: number;
  /** Characters that were spoken, where they are what is billed. */
  readonly characters?: number;
}

/** All input tokens, whatever became of them. */
export function inputTokensTotal(usage: Usage): number {
  return usage.inputTokens + usage.inputTokensCached + inputTokensWritten(usage);
}

/** Input tokens that were written to a cache. */
export function inputTokensWritten(usage: Usage): number {
  return (usage.inputTokensCacheWritten ?? 0) + (usage.inputTokensCacheWrittenLong ?? 0);
}

/** All output tokens, reasoning included. */
export function outputTokensTotal(usage: Usage): number {
  return usage.outputTokens + usage.reasoningTokens;
}
