import { costNanoUsdMax, type Rates } from "./price.ts";

/**
 * How many bytes of a request make a token at least. Of prose and code four or three do, of Chinese and Japanese three; so two leaves room. Only text that
 * no one writes has less, and its true cost is taken down all the same.
 */
const BYTES_PER_TOKEN_MIN = 2;

/** Typical: for limits of tokens, where too high an estimate would hold up who has done nothing. */
const BYTES_PER_TOKEN = 4;

/** What an answer is thought to take where the request names no end. More than nearly all answers, reasoning included. */
export const OUTPUT_TOKENS_MAX = 32_768;

/** The same for limits of tokens. */
const OUTPUT_TOKENS = 1_000;

/** What is known of a request before it is sent. */
export interface RequestSize {
  readonly bodyBytes: number;
  /** `max_tokens` and its like; undefined if the request names none. */
  readonly outputTokensMax: number | undefined;
}

/** Roughly how many tokens a request will take, input and output. Whole. */
export function estimateTokens({ bodyBytes, outputTokensMax }: RequestSize): number {
  return Math.ceil(bodyBytes / BYTES_PER_TOKEN) + Math.min(outputTokensMax ?? OUTPUT_TOKENS, OUTPUT_TOKENS);
}

/**
 * What to set aside for one attempt.
 * @param rates undefined if nobody knows the price.
 * @returns Billionths of a US dollar; undefined if nobody knows.
 */
export function reserveNanoUsd({ bodyBytes, outputTokensMax }: RequestSize, rates: Rates | undefined): number | undefined {
  if (rates === undefined) return undefined;
  return costNanoUsdMax(Math.ceil(bodyBytes / BYTES_PER_TOKEN_MIN), outputTokensMax ?? OUTPUT_TOKENS_MAX, rates);
}

/**
 * What to set aside for an exchange that may go to any of some targets: the dearest of them. Undefined as soon as one price is not known, since it may go
 * there. If several attempts are billed, their true sum takes the place of this one.
 */
export function reserveForAny(size: RequestSize, rates: readonly (Rates | undefined)[]): number | undefined {
  let most = 0;
  for (const each of rates) {
    const nanoUsd = reserveNanoUsd(size, each);
    if (nanoUsd === undefined) return undefined;
    if (nanoUsd > most) most = nanoUsd;
  }
  return most;
}
