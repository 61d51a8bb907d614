import { sentences } from "./prose.ts";

/** A page of the simulator's own web. */
export interface SimulatedPage {
  readonly url: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
}

const SITE = "https://docs.simulator.example";

/** The whole of that web: what a gateway is about, in a few pages that lead to each other. */
const LIBRARY: readonly SimulatedPage[] = [
  page("gateways", "What a gateway is", [
    "A gateway stands between clients and providers of models and carries requests from the ones to the others.",
    "It speaks the formats of both sides, keeps the keys, and takes down what everything costs.",
  ]),
  page("fail-over", "How a gateway fails over", [
    "When a provider fails before anything was sent to the client, the gateway asks the next target of the combo.",
    "After the first content has been sent there is no fail over: a client is never given the pieces of two answers.",
  ]),
  page("circuit-breakers", "Circuit breakers", [
    "A circuit breaker keeps requests away from a target that has failed again and again, and tries it again after a while.",
    "The last target of a route is never taken out.",
  ]),
  page("combos", "Combos and strategies", [
    "A combo is one name for several targets: in order, by weight, by cost, by latency or in turn.",
    "Search engines and readers of pages can be put into a combo as models can.",
  ]),
  page("streams", "Streams and tokens", [
    "An answer may come as a stream of events, a few tokens in each, as the model makes them.",
    "A stream that breaks off without its end is a failure, and is told as one.",
  ]),
  page("budgets", "Budgets, limits and the ledger", [
    "A budget is a sum of money that may be spent in a day, a week or a month; a limit counts requests or tokens.",
    "The ledger has one row for every attempt, written before it is sent.",
  ]),
  page("embeddings", "Embeddings and search", [
    "An embedding is a list of numbers that stands for a text; texts that mean the same are near each other.",
    "A search of the web gives pages with their titles, addresses and a few sentences.",
  ]),
  page("pages", "Reading pages of the web", [
    "A reader fetches a page, looks for its main content and writes it down as Markdown, HTML or text.",
    "It never goes to an address inside, whatever name or redirect leads there.",
  ]),
];

function page(path: string, title: string, paragraphs: readonly string[]): SimulatedPage {
  return { url: `${SITE}/${path}`, title, paragraphs };
}

/** The page at an address: one of the library, or else one that is made of the address, always the same. */
export function pageAt(url: string): SimulatedPage {
  const known = LIBRARY.find((each) => each.url === url);
  if (known !== undefined) return known;
  const written = sentences(url);
  const next = (count: number): string => Array.from({ length: count }, () => written.next().value).join(" ");
  return { url, title: `A simulated page of ${new URL(url).hostname}`, paragraphs: [next(3), next(4)] };
}

/** Where a page leads: to the pages beside it in the library. */
export function neighboursOf({ url }: SimulatedPage): readonly SimulatedPage[] {
  const at = LIBRARY.findIndex((each) => each.url === url);
  return [1, 2].map((step) => LIBRARY[(at + step) % LIBRARY.length]!); // Within the list.
}

/** Pages of the library that share words with a question, best first, with a score from 0 to 1; where none does, all of them, with 0. */
export function searchLibrary(query: string): readonly { readonly page: SimulatedPage; readonly score: number }[] {
  const wanted = wordsOf(query);
  const scored = LIBRARY.map((each) => {
    const words = wordsOf(`${each.title} ${each.paragraphs.join(" ")}`);
    const shared = [...wanted].filter((word) => words.has(word)).length;
    return { page: each, score: wanted.size === 0 ? 0 : shared / wanted.size };
  });
  const found = scored.filter(({ score }) => score > 0);
  return (found.length > 0 ? found : scored).toSorted((a, b) => b.score - a.score);
}

/** Without what is in every question; one and many are the same word. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
  return new Set(words.filter((word) => !COMMON.has(word)).map((word) => word.replace(/s$/, "")));
}

const COMMON: ReadonlySet<string> = new Set("the and for are what how who why does that this with from when where which its".split(" "));
