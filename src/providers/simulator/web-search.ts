import { neighboursOf, searchLibrary } from "./library.ts";
import { Refusal, type SimulatedOperation, type SimulatedWork } from "./operation.ts";

const RESULTS = 5;

/** Searches of the simulator's own web, in Omni's own format. The same question finds the same pages. */
export const webSearch: SimulatedOperation = {
  path: "/web/search",
  perform: (body) => answerSearch(body as Readonly<Record<string, unknown>>),
};

function answerSearch({
  query,
  max_results: count = RESULTS,
  include_answer: wantsAnswer,
  include_domains: include,
  exclude_domains: exclude,
}: Readonly<Record<string, unknown>>): SimulatedWork {
  if (typeof query !== "string" || query === "") throw new Refusal(400, "`query` is missing.", { param: "query" });
  if (typeof count !== "number") throw new Refusal(400, "`max_results` is no number.", { param: "max_results" });
  const isWithin = (url: string, domains: unknown): boolean =>
    Array.isArray(domains) && domains.some((domain) => `.${new URL(url).hostname}`.endsWith(`.${domain}`));
  const found = searchLibrary(query).filter(
    ({ page: { url } }) => (include === undefined || isWithin(url, include)) && !isWithin(url, exclude),
  );
  const results = found
    .slice(0, count)
    .map(({ page: { url, title, paragraphs }, score }) => ({ url, title, content: paragraphs[0], score }));
  const best = found[0]?.page;
  const answer =
    wantsAnswer === true && best !== undefined ? { answer: `${best.paragraphs[0]} See also: ${neighboursOf(best)[0]?.title}.` } : {};
  return {
    type: "whole",
    contentType: "application/json",
    body: JSON.stringify({ ...answer, results }),
    hollow: JSON.stringify({ results: null }),
    events: 1,
  };
}
