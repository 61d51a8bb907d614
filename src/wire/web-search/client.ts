import { OmniError } from "../../ir/failure.ts";
import type { WebHit, WebSearchRequest, WebSearchResult } from "../../ir/web-search.ts";
import { choiceIn } from "../choice.ts";
import { Fields } from "../fields.ts";
import { parseRequest } from "../read-json.ts";
import type { TaskAnswer } from "../task.ts";

/** What is taken where no model says less. Longer questions are for models, not for search engines. */
const QUERY_CHARACTERS_MAX = 2_000;
const RESULTS_DEFAULT = 5;
const RESULTS_MAX = 100;
const DOMAINS_MAX = 20;
/** With as many labels as it likes, and no address, path or scheme. */
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** @throws {OmniError} `invalid_request` or `query_too_long`, naming the field. */
export function decodeRequest(body: Uint8Array): WebSearchRequest {
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  return {
    query: readQuery(fields),
    count: readCount(fields),
    answer: fields.booleanMaybe("include_answer") ?? false,
    depth: choiceIn(fields, "search_depth", ["basic", "advanced"]) ?? "basic",
    topic: choiceIn(fields, "topic", ["general", "news"]) ?? "general",
    since: choiceIn(fields, "time_range", ["day", "week", "month", "year"]),
    country: readCountry(fields),
    includeDomains: readDomains(fields, "include_domains"),
    excludeDomains: readDomains(fields, "exclude_domains"),
  };
}

function readQuery(fields: Fields): string {
  const query = fields.string("query");
  if (query.trim() === "") throw fields.wrong("query", "a question to search for, and not empty");
  if (query.length > QUERY_CHARACTERS_MAX) throw queryTooLong(`${query.length} characters`, `${QUERY_CHARACTERS_MAX} characters`);
  return query;
}

/** The question is longer than who would answer it takes. */
export function queryTooLong(length: string, most: string): OmniError {
  return new OmniError("query_too_long", `Cannot search: \`query\` has ${length}, and at most ${most} are taken. Shorten it.`, {
    param: "query",
  });
}

function readCount(fields: Fields): number {
  const count = fields.numberMaybe("max_results") ?? RESULTS_DEFAULT;
  if (Number.isInteger(count) && count >= 1 && count <= RESULTS_MAX) return count;
  throw fields.wrong("max_results", `a whole number from 1 to ${RESULTS_MAX}`);
}

function readCountry(fields: Fields): string | undefined {
  const country = fields.stringMaybe("country")?.toLowerCase();
  if (country === undefined || /^[a-z]{2}$/.test(country)) return country;
  throw fields.wrong("country", 'two letters of ISO 3166, such as "de"');
}

function readDomains(fields: Fields, key: "include_domains" | "exclude_domains"): readonly string[] {
  const domains = fields.stringsMaybe(key)?.map((domain) => domain.toLowerCase()) ?? [];
  if (domains.length > DOMAINS_MAX || !domains.every((domain) => DOMAIN.test(domain)))
    throw fields.wrong(key, `a list of at most ${DOMAINS_MAX} names of sites, such as "example.com"`);
  return domains;
}

/** The results in the order that they came in; where an engine gives no scores, they are 1, 1/2, 1/3 and so on. */
export function encodeResult({ answer, hits }: WebSearchResult): TaskAnswer {
  const results = hits.map(({ url, title, content, score }: WebHit, place) => ({ url, title, content, score: score ?? 1 / (place + 1) }));
  return { contentType: "application/json", body: Buffer.from(JSON.stringify({ ...(answer !== undefined && { answer }), results })) };
}
