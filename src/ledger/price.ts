import type { Usage } from "../ir/usage.ts";

/** What one model costs: US dollars per million tokens, as vendors print them. What a vendor does not print is absent. */
export interface Price {
  readonly input: number;
  /** Input read from the provider's cache. Default: as `input`, which is never too little. */
  readonly inputCached?: number;
  /** Input written to the cache for its usual time. Default: as `input`. */
  readonly inputCacheWritten?: number;
  /** Input written to the cache for an hour. Default: as `inputCacheWritten`. */
  readonly inputCacheWrittenLong?: number;
  readonly output: number;
  /** Default: as `output`, which is how nearly all vendors bill it. */
  readonly reasoning?: number;
  /** Absent: what an answer to audio costs is unknown. */
  readonly inputAudio?: number;
  /** Absent: what an answer in audio costs is unknown. */
  readonly outputAudio?: number;
  /** US dollars per thousand searches of the web. Absent: what an answer with searches costs is unknown. */
  readonly thousandSearches?: number;
  /** From how many input tokens on the whole exchange is billed by other prices. */
  readonly long?: { readonly inputTokensAbove: number } & Omit<Price, "long" | "thousandSearches">;
}

/** No charge at all: a model on one's own machine. To be said by somebody; it is never assumed. */
export const FREE: Price = { input: 0, output: 0, inputAudio: 0, outputAudio: 0, thousandSearches: 0 };

/** A price in whole picodollars (a millionth of a millionth of a US dollar) per token: sums of them are exact. */
export interface Rates {
  readonly input: number;
  readonly inputCached: number;
  readonly inputCacheWritten: number;
  readonly inputCacheWrittenLong: number;
  readonly output: number;
  readonly reasoning: number;
  readonly inputAudio: number | undefined;
  readonly outputAudio: number | undefined;
  /** Per search. */
  readonly search: number | undefined;
  readonly long: { readonly inputTokensAbove: number; readonly rates: Rates } | undefined;
}

/** Compiles a price. */
export function ratesOf(price: Price): Rates {
  const { long } = price;
  const inputCacheWritten = price.inputCacheWritten ?? price.input;
  return {
    input: pico(price.input),
    inputCached: pico(price.inputCached ?? price.input),
    inputCacheWritten: pico(inputCacheWritten),
    inputCacheWrittenLong: pico(price.inputCacheWrittenLong ?? inputCacheWritten),
    output: pico(price.output),
    reasoning: pico(price.reasoning ?? price.output),
    inputAudio: optionalPico(price.inputAudio),
    outputAudio: optionalPico(price.outputAudio),
    // Per thousand, not per million.
    search: optionalPico(price.thousandSearches === undefined ? undefined : price.thousandSearches * 1000),
    long: long === undefined ? undefined : { inputTokensAbove: long.inputTokensAbove, rates: ratesOf({ ...long, ...searchesOf(price) }) },
  };
}

/**
 * What an exchange cost, in billionths of a US dollar: exact in whole numbers, rounded once at the end. Allocates nothing.
 * @returns undefined if the usage has something in it that the price does not know: an unknown cost is never taken for 0.
 * @throws {RangeError} If the usage can not be: counts below zero, more audio than tokens, or beyond nine thousand dollars.
 */
export function costNanoUsd(usage: Usage, rates: Rates): number | undefined {
  const written = usage.inputTokensCacheWritten ?? 0;
  const writtenLong = usage.inputTokensCacheWrittenLong ?? 0;
  // Providers have sent such numbers; a credit must not come of them.
  if (!(Math.min(usage.inputTokens, usage.inputTokensCached, written, writtenLong, usage.outputTokens, usage.reasoningTokens) >= 0))
    throw new RangeError("Cannot price a usage with a count below zero, or with one that is no number.");
  const { long } = rates;
  if (long !== undefined && usage.inputTokens + usage.inputTokensCached + written + writtenLong > long.inputTokensAbove)
    return costNanoUsd(usage, long.rates);
  const audioIn = usage.inputTokensOfAudio ?? 0;
  const audioOut = usage.outputTokensOfAudio ?? 0;
  const searches = usage.webSearches ?? 0;
  if (audioIn > 0 && rates.inputAudio === undefined) return undefined;
  if (audioOut > 0 && rates.outputAudio === undefined) return undefined;
  if (searches > 0 && rates.search === undefined) return undefined;
  // Cached audio is billed as cached where it is not said otherwise; so no more of the fresh input can be audio than there is.
  const freshAudio = Math.min(audioIn, usage.inputTokens);
  if (audioOut > usage.outputTokens) throw new RangeError(`Cannot price ${audioOut} tokens of audio in ${usage.outputTokens} of output.`);
  const picoUsd =
    (usage.inputTokens - freshAudio) * rates.input +
    freshAudio * (rates.inputAudio ?? 0) +
    usage.inputTokensCached * rates.inputCached +
    written * rates.inputCacheWritten +
    writtenLong * rates.inputCacheWrittenLong +
    (usage.outputTokens - audioOut) * rates.output +
    audioOut * (rates.outputAudio ?? 0) +
    usage.reasoningTokens * rates.reasoning +
    searches * (rates.search ?? 0);
  if (!(picoUsd >= 0 && picoUsd <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`Cannot price a usage that comes to ${picoUsd} picodollars.`);
  return Math.round(picoUsd / 1000);
}

/**
 * The most that an attempt can cost, to be set aside before it is sent: all input fresh or written to the dearest cache, all output reasoning or text.
 * @param inputTokens No fewer than there will be.
 * @param outputTokens What the request itself allows, or the most that the model gives.
 */
export function costNanoUsdMax(inputTokens: number, outputTokens: number, rates: Rates): number {
  const { long } = rates;
  const base = long !== undefined && inputTokens > long.inputTokensAbove ? long.rates : rates;
  const input = Math.max(base.input, base.inputCached, base.inputCacheWritten, base.inputCacheWrittenLong);
  return Math.ceil((inputTokens * input + outputTokens * Math.max(base.output, base.reasoning)) / 1000);
}

/** Nano-dollars as dollars for people and headers: `0.001234567`, never in scientific notation, no digit lost. */
export function formatUsd(nanoUsd: number): string {
  const sign = nanoUsd < 0 ? "-" : "";
  const whole = Math.floor(Math.abs(nanoUsd) / 1e9);
  const rest = String(Math.abs(nanoUsd) % 1e9).padStart(9, "0");
  return `${sign}${whole}.${rest.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** US dollars as the operator writes them, in nano-dollars. */
export function nanoUsdOf(usd: number): number {
  return Math.round(usd * 1e9);
}

function pico(usdPerMillion: number): number {
  return Math.round(usdPerMillion * 1e6);
}

function optionalPico(usdPerMillion: number | undefined): number | undefined {
  return usdPerMillion === undefined ? undefined : pico(usdPerMillion);
}

function searchesOf({ thousandSearches }: Price): { readonly thousandSearches?: number } {
  return thousandSearches === undefined ? {} : { thousandSearches };
}

/** Names a set of rates by what is in it, so that a row says for good what it was billed by. */
export function priceVersion(rates: Rates): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(rates)).digest("hex").slice(0, 12);
}
