import { Losses } from "../../ir/loss.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { WebHit, WebSearchRequest } from "../../ir/web-search.ts";
import { Fields } from "../fields.ts";
import { readJson } from "../task-json.ts";
import type { Performed, TaskCall, TaskContext } from "../task.ts";
import { type TaskClientOptions, taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";
import { queryTooLong } from "./client.ts";

/** What only some engines can be told. What one can not is left out, and said to be lost. */
type Wish = "answer" | "depth" | "topic" | "since" | "country" | "domains";

/** A search engine, as data: what it can be told, how it is asked and how its answer is read. */
export interface Engine {
  /** Of the format, such as `tavily-search`. */
  readonly name: string;
  /** What it can be told besides the question. */
  readonly hears: readonly Wish[];
  /** The most results that it gives at once. */
  readonly resultsMax: number;
  /** How many words the question may have. Default: any number. */
  readonly wordsMax?: number;
  /** @param model As the engine calls it; most have but one. */
  ask(request: WebSearchRequest, model: string): TaskCall;
  /** @returns Results in their order, and an answer in words if there is one. */
  read(answer: Fields, request: WebSearchRequest): { readonly hits: readonly WebHit[]; readonly answer?: string | undefined };
  /** How many searches it bills one question as. Default: one. */
  billed?(request: WebSearchRequest): number;
}

/** What a loss is called: the client's field. */
const FIELDS: Readonly<Record<Wish, string>> = {
  answer: "include_answer",
  depth: "search_depth",
  topic: "topic",
  since: "time_range",
  country: "country",
  domains: "include_domains",
};

/** Makes a format of a search engine. @param client Its other half, where clients speak it too. */
export function engineWire(engine: Engine, client?: TaskClientOptions<"webSearch">): Wire {
  return taskWire<"webSearch">({
    name: engine.name,
    operation: "webSearch",
    ...(client !== undefined && { client }),
    provider: () => ({ codec: { perform: (request, context) => search(engine, request, context) } }),
  });
}

async function search(engine: Engine, request: WebSearchRequest, context: TaskContext): Promise<Performed<Tasks["webSearch"]>> {
  checkQuery(engine, request, context);
  const losses = new Losses();
  for (const wish of wishesIn(request)) {
    if (!engine.hears.includes(wish)) losses.add(FIELDS[wish], FIELDS[wish], `${engine.name} can not be told.`);
  }
  const count = Math.min(request.count, engine.resultsMax);
  if (count < request.count) losses.add("max_results", "max_results", `${engine.name} gives ${engine.resultsMax} at most.`);
  const asked = { ...request, count };
  const response = await context.call(engine.ask(asked, context.model));
  const { hits, answer } = engine.read(Fields.of(await readJson(response), "", "upstream_invalid"), asked);
  const usage = { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0, webSearches: engine.billed?.(asked) ?? 1 };
  return { type: "whole", result: { answer: request.answer ? answer : undefined, hits: hits.slice(0, count) }, usage, losses: losses.list };
}

function checkQuery({ wordsMax }: Engine, { query }: WebSearchRequest, { sheet: { inputCharactersMax } }: TaskContext): void {
  if (inputCharactersMax !== undefined && query.length > inputCharactersMax)
    throw queryTooLong(`${query.length} characters`, `${inputCharactersMax} characters`);
  const words = query.trim().split(/\s+/).length;
  if (wordsMax !== undefined && words > wordsMax) throw queryTooLong(`${words} words`, `${wordsMax} words`);
}

function wishesIn(request: WebSearchRequest): readonly Wish[] {
  const { answer, depth, topic, since, country, includeDomains, excludeDomains } = request;
  const wishes: readonly (readonly [Wish, boolean])[] = [
    ["answer", answer],
    ["depth", depth === "advanced"],
    ["topic", topic === "news"],
    ["since", since !== undefined],
    ["country", country !== undefined],
    ["domains", includeDomains.length + excludeDomains.length > 0],
  ];
  return wishes.filter(([, isThere]) => isThere).map(([wish]) => wish);
}

/** A path with what is asked behind it; what is undefined is left out. */
export function queryPath(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value));
  return `${path}?${query}`;
}

/** The question with sites in it, as engines understand that have no field for them. */
export function queryWithSites({ query, includeDomains, excludeDomains }: WebSearchRequest): string {
  const included = includeDomains.map((domain) => `site:${domain}`).join(" OR ");
  const parts = [query, includeDomains.length > 1 ? `(${included})` : included, ...excludeDomains.map((domain) => `-site:${domain}`)];
  return parts.filter((part) => part !== "").join(" ");
}

/** A list of results, with each field under its own name there. What has no address is no result. */
export function hitsIn(
  answer: Fields,
  key: string,
  names: { readonly url: string; readonly title: string; readonly content: string },
): WebHit[] {
  return (answer.objectsMaybe(key) ?? []).flatMap((hit): WebHit[] => {
    const url = hit.stringMaybe(names.url);
    if (url === undefined) return [];
    return [
      { url, title: hit.stringMaybe(names.title) ?? "", content: hit.stringMaybe(names.content) ?? "", score: hit.numberMaybe("score") },
    ];
  });
}
