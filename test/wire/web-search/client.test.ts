import { describe, expect, test } from "bun:test";
import type { OmniError } from "../../../src/ir/failure.ts";
import { decodeRequest, encodeResult } from "../../../src/wire/web-search/client.ts";

function decode(body: object) {
  try {
    return decodeRequest(Buffer.from(JSON.stringify({ model: "m", query: "q", ...body })));
  } catch (error) {
    return error as OmniError;
  }
}

describe("a search", () => {
  test("asks for five results and nothing else by default", () => {
    expect(decode({})).toEqual({
      query: "q",
      count: 5,
      answer: false,
      depth: "basic",
      topic: "general",
      since: undefined,
      country: undefined,
      includeDomains: [],
      excludeDomains: [],
    });
    expect(decode({ max_results: null, include_answer: null, search_depth: null, include_domains: null })).toMatchObject({ count: 5 });
  });

  test.each([
    { wrong: { query: undefined }, param: "query", says: "a string" },
    { wrong: { query: 7 }, param: "query", says: "a string" },
    { wrong: { query: " \n" }, param: "query", says: "not empty" },
    { wrong: { max_results: 0 }, param: "max_results", says: "from 1 to 100" },
    { wrong: { max_results: 101 }, param: "max_results", says: "from 1 to 100" },
    { wrong: { max_results: 1.5 }, param: "max_results", says: "a whole number" },
    { wrong: { max_results: "5" }, param: "max_results", says: "a number" },
    { wrong: { include_answer: "yes" }, param: "include_answer", says: "true or false" },
    { wrong: { search_depth: "deep" }, param: "search_depth", says: '"basic" or "advanced"' },
    { wrong: { topic: "finance" }, param: "topic", says: '"general" or "news"' },
    { wrong: { time_range: "hour" }, param: "time_range", says: '"day", "week", "month" or "year"' },
    { wrong: { country: "Germany" }, param: "country", says: "two letters" },
    { wrong: { include_domains: "a.example" }, param: "include_domains", says: "a list" },
    { wrong: { include_domains: ["https://a.example/x"] }, param: "include_domains", says: "names of sites" },
    { wrong: { exclude_domains: ["a b"] }, param: "exclude_domains", says: "names of sites" },
    { wrong: { exclude_domains: Array(21).fill("a.example") }, param: "exclude_domains", says: "at most 20" },
  ])("with $wrong is refused, naming $param and what it may be", ({ wrong, param, says }) => {
    const error = decode(wrong);
    expect(error).toMatchObject({ kind: "invalid_request", status: 400, param });
    expect((error as OmniError).message).toContain(says);
  });

  test("longer than anybody takes is refused as such", () => {
    expect(decode({ query: "a".repeat(2_001) })).toMatchObject({ kind: "query_too_long", status: 400, param: "query" });
  });
});

describe("the answer", () => {
  const read = (result: Parameters<typeof encodeResult>[0]) => JSON.parse(Buffer.from(encodeResult(result).body).toString());
  const hit = { url: "https://a.example/", title: "A", content: "a", score: undefined };

  test("has results as they came, and an answer only if there is one", () => {
    expect(read({ answer: undefined, hits: [{ ...hit, score: 0.5 }] })).toEqual({ results: [{ ...hit, score: 0.5 }] });
    expect(read({ answer: "It is.", hits: [] })).toEqual({ answer: "It is.", results: [] });
  });

  test("has a score for each, by its place where the engine gave none", () => {
    expect(read({ answer: undefined, hits: [hit, hit, hit] }).results.map(({ score }: { score: number }) => score)).toEqual([
      1,
      1 / 2,
      1 / 3,
    ]);
  });
});
