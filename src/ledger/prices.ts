import { FREE, type Price } from "./price.ts";

/** What is known of a model's price, and how one knows. */
export interface PriceRow {
  /** Kind of provider and model, as in its catalog. */
  readonly kind: string;
  readonly model: string;
  readonly price: Price;
  /** The vendor's page that prints it. */
  readonly source: string;
  /**
   * The day or month of the newest publication, other than the vendor's own page, that input and output were held against. `undated`: that one bore no date.
   * `recalled`: written down from knowledge of the vendor's page and compared with nothing since; worth a look before money depends on it.
   */
  readonly checked: string;
}

const OPENAI = "https://platform.openai.com/docs/pricing";

const ANTHROPIC = "https://docs.claude.com/en/docs/about-claude/pricing";
const GEMINI = "https://ai.google.dev/gemini-api/docs/pricing";
const XAI = "https://docs.x.ai/docs/models";
const DEEPSEEK = "https://api-docs.deepseek.com/quick_start/pricing";

const openai = (model: string, checked: string, price: Price): PriceRow => ({ kind: "openai", model, price, source: OPENAI, checked });

/** One price, input, cached input and output, in US dollars per million tokens. */
const tokens = (input: number, inputCached: number, output: number): Price => ({ input, inputCached, output });

/** From GPT-5.6 on, OpenAI bills what is written to its cache at a quarter more than other input. */
const tokensWritten = (input: number, inputCached: number, output: number): Price => ({
  ...tokens(input, inputCached, output),
  inputCacheWritten: input * 1.25,
});

/** Anthropic's prices are all made the same way of one: a read is a tenth of it, a write a quarter more, one for an hour twice as much. */
const claude = (model: string, checked: string, input: number, output: number): PriceRow => ({
  kind: "anthropic",
  model,
  price: {
    input,
    inputCached: input / 10,
    inputCacheWritten: input * 1.25,
    inputCacheWrittenLong: input * 2,
    output,
    thousandSearches: 10,
  },
  source: ANTHROPIC,
  checked,
});

const gemini = (model: string, checked: string, price: Price): PriceRow => ({ kind: "gemini", model, price, source: GEMINI, checked });
const xai = (model: string, checked: string, price: Price): PriceRow => ({ kind: "xai", model, price, source: XAI, checked });

/** Searches and pages that are billed by the piece, in US dollars per thousand. */
const searches = (kind: string, model: string, thousandSearches: number, source: string): PriceRow => ({
  kind,
  model,
  price: { input: 0, output: 0, thousandSearches },
  source,
  checked: "recalled",
});

/** From this many input tokens on, Gemini's larger models bill the whole exchange higher. */
const LONG = 200_000;

/**
 * List prices of the catalogs' models. A model that is not here has no known price: what its attempts cost stays unknown and is shown as unknown.
 *
 * Written down by hand from what was published of the vendors' pages, not read from the pages by a program: `checked` is the day of the latest
 * publication that a row was compared with. What could not be compared is left out: an unknown price shows, a wrong one does not.
 * Discounts, batches, data zones and service tiers are not in it; the operator's own prices go first.
 */
export const PRICES: readonly PriceRow[] = [
  { kind: "simulator", model: "*", price: FREE, source: "the gateway itself", checked: "2026-11-25" },
  { kind: "local", model: "*", price: FREE, source: "the gateway itself", checked: "2026-11-25" },
  // Basic searches are one credit, pages a fifth of one; what the first plan that is paid by use asks for a credit.
  searches("tavily", "search", 8, "https://docs.tavily.com/documentation/api-credits"),
  searches("tavily", "extract", 1.6, "https://docs.tavily.com/documentation/api-credits"),
  searches("exa", "search", 7, "https://exa.ai/pricing"),
  searches("brave", "search", 5, "https://api-dashboard.search.brave.com/app/plans"),
  searches("serper", "search", 1, "https://serper.dev"),
  searches("perplexity", "search", 5, "https://docs.perplexity.ai/getting-started/pricing"),
  searches("you", "search", 5, "https://you.com/pricing"),
  searches("linkup", "search", 5, "https://www.linkup.so/pricing"),
  openai("gpt-5.6-sol", "2026-06-28", tokensWritten(5, 0.5, 30)),
  openai("gpt-5.6-terra", "2026-06-28", tokensWritten(2.5, 0.25, 15)),
  openai("gpt-5.6-luna", "2026-06-28", tokensWritten(1, 0.1, 6)),
  openai("gpt-5.5", "2026-06-28", tokens(5, 0.5, 30)),
  openai("gpt-5.4", "2026-06-28", tokens(2.5, 0.25, 15)),
  openai("gpt-5.2", "recalled", tokens(1.75, 0.175, 14)),
  openai("gpt-5.1", "recalled", tokens(1.25, 0.125, 10)),
  openai("gpt-5", "2026-06-28", tokens(1.25, 0.125, 10)),
  openai("gpt-5-mini", "2026-06-28", tokens(0.25, 0.025, 2)),
  openai("gpt-5-nano", "recalled", tokens(0.05, 0.005, 0.4)),
  openai("gpt-4.1", "recalled", tokens(2, 0.5, 8)),
  openai("gpt-4.1-mini", "recalled", tokens(0.4, 0.1, 1.6)),
  openai("gpt-4.1-nano", "recalled", tokens(0.1, 0.025, 0.4)),
  openai("gpt-4o", "recalled", tokens(2.5, 1.25, 10)),
  openai("gpt-4o-mini", "recalled", tokens(0.15, 0.075, 0.6)),
  openai("gpt-4o-audio-preview", "recalled", { input: 2.5, output: 10, inputAudio: 40, outputAudio: 80 }),
  openai("gpt-4o-mini-search-preview", "recalled", { input: 0.15, output: 0.6 }),
  openai("o3", "recalled", tokens(2, 0.5, 8)),
  openai("o4-mini", "recalled", tokens(1.1, 0.275, 4.4)),
  openai("gpt-3.5-turbo", "recalled", { input: 0.5, output: 1.5 }),
  claude("claude-opus-4-8", "2026-05-29", 5, 25),
  claude("claude-opus-4-7", "recalled", 5, 25),
  claude("claude-opus-4-6", "2026-03-21", 5, 25),
  claude("claude-opus-4-5", "2026-03-21", 5, 25),
  claude("claude-sonnet-4-6", "2026-05-29", 3, 15),
  claude("claude-haiku-4-5", "2026-05-29", 1, 5),
  gemini("gemini-3.5-flash", "undated", { input: 1.5, output: 9 }),
  gemini("gemini-3.1-pro-preview", "2026-03", { input: 2, output: 12, long: { inputTokensAbove: LONG, input: 4, output: 18 } }),
  gemini("gemini-3-flash-preview", "2026-07-04", { ...tokens(0.5, 0.05, 3), inputAudio: 1 }),
  gemini("gemini-2.5-pro", "undated", { input: 1.25, output: 10, long: { inputTokensAbove: LONG, input: 2.5, output: 15 } }),
  gemini("gemini-2.5-flash", "2026-03", { input: 0.3, output: 2.5, inputAudio: 1 }),
  gemini("gemini-2.5-flash-lite", "2026-03", { input: 0.1, output: 0.4, inputAudio: 0.3 }),
  gemini("gemini-2.0-flash", "undated", { input: 0.1, output: 0.4, inputAudio: 0.7 }),
  xai("grok-4.3", "2026-05-12", tokens(1.25, 0.2, 2.5)),
  xai("grok-4-fast", "2026-01-19", tokens(0.2, 0.05, 0.5)),
  xai("grok-4-fast-reasoning", "2026-01-19", tokens(0.2, 0.05, 0.5)),
  xai("grok-4-fast-non-reasoning", "2026-01-19", tokens(0.2, 0.05, 0.5)),
  xai("grok-code-fast-1", "2026-01-19", tokens(0.2, 0.02, 1.5)),
  xai("grok-3-mini", "2025-07-12", tokens(0.3, 0.075, 0.5)),
  { kind: "deepseek", model: "deepseek-v4-flash", price: tokens(0.14, 0.0028, 0.28), source: DEEPSEEK, checked: "2026-05-12" },
];

const BY_NAME: ReadonlyMap<string, PriceRow> = new Map(PRICES.map((row) => [`${row.kind}/${row.model}`, row]));

/**
 * Finds a list price.
 * @param kind Of provider, such as `openai`.
 */
export function listPrice(kind: string, model: string): PriceRow | undefined {
  return BY_NAME.get(`${kind}/${model}`) ?? BY_NAME.get(`${kind}/*`);
}
