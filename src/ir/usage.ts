/** What an answer used, as far as the provider said it. Tokens; each one is counted in exactly one field. */
export interface Usage {
  /** Input that was neither read from nor written to the provider's cache. */
  readonly inputTokens: number;
  /** Input that was read from the provider's cache. */
  readonly inputTokensCached: number;
  /** Output, reasoning excluded. */
  readonly outputTokens: number;
  /** Output spent on reasoning. */
  readonly reasoningTokens: number;
}
