import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { OmniError } from "../../../src/ir/failure.ts";
import type { WebSearchRequest } from "../../../src/ir/web-search.ts";
import { WIRES } from "../../../src/wire/index.ts";
import { decodeRequest } from "../../../src/wire/web-search/client.ts";
import { exchangesOf, recordings } from "../../support/recordings.ts";
import { performed } from "../task-context.ts";

const engines = WIRES.filter(({ operation }) => operation === "webSearch");
const named = (name: string) => engines.find((wire) => wire.name === name)!;

/** What a client's body asks for. */
function asked(body: object): WebSearchRequest {
  return decodeRequest(Buffer.from(JSON.stringify({ model: "m", query: "what is a gateway", ...body })));
}

/** Everything that can be wished for. */
const WISHES = {
  max_results: 3,
  include_answer: true,
  search_depth: "advanced",
  topic: "news",
  time_range: "week",
  country: "DE",
  include_domains: ["a.example", "b.example"],
  exclude_domains: ["c.example"],
};

/** For each engine: what it is sent of a plain question and of one with every wish, what it answers, and what is lost. */
const ROWS = [
  {
    name: "web-search",
    plain: {
      method: "POST",
      path: "/web/search",
      body: { model: "m", query: "what is a gateway", max_results: 5, include_answer: false, search_depth: "basic", topic: "general" },
    },
    full: {
      method: "POST",
      path: "/web/search",
      body: { model: "m", query: "what is a gateway", ...WISHES, country: "de" },
    },
    answer: { answer: "It is.", results: [{ url: "https://a.example/1", title: "One", content: "First.", score: 0.9 }] },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: 0.9 },
    said: "It is.",
    losses: [],
    billed: 1,
  },
  {
    name: "tavily-search",
    plain: {
      method: "POST",
      path: "/search",
      body: { query: "what is a gateway", max_results: 5, search_depth: "basic", topic: "general", include_answer: false },
    },
    full: {
      method: "POST",
      path: "/search",
      body: {
        query: "what is a gateway",
        max_results: 3,
        search_depth: "advanced",
        topic: "news",
        include_answer: true,
        time_range: "week",
        include_domains: ["a.example", "b.example"],
        exclude_domains: ["c.example"],
      },
    },
    answer: { answer: "It is.", results: [{ url: "https://a.example/1", title: "One", content: "First.", score: 0.9, raw_content: null }] },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: 0.9 },
    said: "It is.",
    losses: ["country"],
    billed: 2,
  },
  {
    name: "exa-search",
    plain: {
      method: "POST",
      path: "/search",
      body: { query: "what is a gateway", numResults: 5, type: "auto", contents: { highlights: true, text: { maxCharacters: 2000 } } },
    },
    full: {
      method: "POST",
      path: "/search",
      body: {
        query: "what is a gateway",
        numResults: 3,
        type: "deep",
        contents: { highlights: true, text: { maxCharacters: 2000 } },
        category: "news",
        userLocation: "DE",
        includeDomains: ["a.example", "b.example"],
        excludeDomains: ["c.example"],
      },
    },
    answer: {
      requestId: "x",
      results: [{ id: "1", url: "https://a.example/1", title: null, highlights: ["First.", "Second."], text: "All of it.", score: 0.4 }],
    },
    hit: { url: "https://a.example/1", title: "", content: "First.\nSecond.", score: 0.4 },
    said: undefined,
    losses: ["include_answer", "time_range"],
    billed: 1,
  },
  {
    name: "brave-search",
    plain: { method: "GET", path: "/web/search?q=what+is+a+gateway&count=5&text_decorations=false" },
    full: {
      method: "GET",
      path: "/news/search?q=what+is+a+gateway+%28site%3Aa.example+OR+site%3Ab.example%29+-site%3Ac.example&count=3&country=DE&freshness=pw&text_decorations=false",
    },
    answer: { type: "news", results: [{ url: "https://a.example/1", title: "One", description: "First.", extra_snippets: ["More."] }] },
    hit: { url: "https://a.example/1", title: "One", content: "First.\nMore.", score: undefined },
    said: undefined,
    losses: ["include_answer", "search_depth"],
    billed: 1,
  },
  {
    name: "serper-search",
    plain: { method: "POST", path: "/search", body: { q: "what is a gateway", num: 5 } },
    full: {
      method: "POST",
      path: "/news",
      body: { q: "what is a gateway (site:a.example OR site:b.example) -site:c.example", num: 3, gl: "de", tbs: "qdr:w" },
    },
    answer: {
      answerBox: { snippet: "It is.", title: "A" },
      news: [{ link: "https://a.example/1", title: "One", snippet: "First.", position: 1 }],
    },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: undefined },
    said: "It is.",
    losses: ["search_depth"],
    billed: 1,
  },
  {
    name: "searxng-search",
    plain: { method: "GET", path: "/search?q=what+is+a+gateway&format=json&categories=general" },
    full: { method: "GET", path: "/search?q=what+is+a+gateway&format=json&categories=news&time_range=week" },
    answer: {
      answers: [{ answer: "It is.", url: null }],
      results: [{ url: "https://a.example/1", title: "One", content: "First.", score: 2.5 }],
    },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: 2.5 },
    said: "It is.",
    losses: ["search_depth", "country", "include_domains"],
    billed: 1,
  },
  {
    name: "perplexity-search",
    plain: { method: "POST", path: "/search", body: { query: "what is a gateway", max_results: 5 } },
    full: {
      method: "POST",
      path: "/search",
      body: {
        query: "what is a gateway",
        max_results: 3,
        search_recency_filter: "week",
        country: "DE",
        search_domain_filter: ["a.example", "b.example", "-c.example"],
      },
    },
    answer: { results: [{ url: "https://a.example/1", title: "One", snippet: "First.", date: "2026-01-01" }], id: "x" },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: undefined },
    said: undefined,
    losses: ["include_answer", "search_depth", "topic"],
    billed: 1,
  },
  {
    name: "you-search",
    plain: { method: "GET", path: "/search?query=what+is+a+gateway&count=5" },
    full: {
      method: "GET",
      path: "/search?query=what+is+a+gateway&count=3&freshness=week&country=DE&include_domains=a.example%2Cb.example&exclude_domains=c.example",
    },
    answer: { results: { web: [], news: [{ url: "https://a.example/1", title: "One", description: "First." }] }, metadata: {} },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: undefined },
    said: undefined,
    losses: ["include_answer", "search_depth"],
    billed: 1,
  },
  {
    name: "linkup-search",
    plain: {
      method: "POST",
      path: "/search",
      body: { q: "what is a gateway", depth: "standard", outputType: "searchResults", maxResults: 5 },
    },
    full: {
      method: "POST",
      path: "/search",
      body: {
        q: "what is a gateway",
        depth: "deep",
        outputType: "sourcedAnswer",
        maxResults: 3,
        includeDomains: ["a.example", "b.example"],
        excludeDomains: ["c.example"],
      },
    },
    answer: { answer: "It is.", sources: [{ url: "https://a.example/1", name: "One", snippet: "First." }] },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: undefined },
    said: "It is.",
    losses: ["topic", "time_range", "country"],
    billed: 10,
  },
  {
    name: "firecrawl-search",
    plain: { method: "POST", path: "/search", body: { query: "what is a gateway", limit: 5, sources: ["web"] } },
    full: {
      method: "POST",
      path: "/search",
      body: { query: "what is a gateway (site:a.example OR site:b.example) -site:c.example", limit: 3, sources: ["news"], tbs: "qdr:w" },
    },
    answer: { success: true, data: { news: [{ url: "https://a.example/1", title: "One", snippet: "First." }] } },
    hit: { url: "https://a.example/1", title: "One", content: "First.", score: undefined },
    said: undefined,
    losses: ["include_answer", "search_depth", "country"],
    billed: 1,
  },
] as const;

test("every engine has its row", () => {
  expect(ROWS.map(({ name }) => name as string).sort()).toEqual(engines.map(({ name }) => name).sort());
});

describe.each(ROWS.map((row) => [row.name, row] as const))("%s", (name, row) => {
  const wire = named(name);

  test("is asked a plain question, and one with every wish", async () => {
    expect((await performed(wire, asked({}), "{}")).sent).toEqual([row.plain]);
    expect((await performed(wire, asked(WISHES), row.answer)).sent).toEqual([row.full]);
  });

  test("gives results, an answer if it has one, what it bills, and what it could not be told", async () => {
    const { result, usage, losses } = await performed(wire, asked(WISHES), row.answer);
    expect(result).toEqual({ hits: [row.hit], answer: row.said });
    expect(usage).toMatchObject({ webSearches: row.billed });
    expect(losses).toEqual([...row.losses]);
  });

  test("gives no more than was asked for, whatever comes", async () => {
    const text = JSON.stringify(row.answer);
    // The list of results is the one whose first thing has an address.
    const many = JSON.parse(text, (_, value) =>
      Array.isArray(value) && (value[0]?.url || value[0]?.link) ? Array(20).fill(value[0]) : value,
    );
    expect((await performed(wire, asked(WISHES), many)).result.hits).toHaveLength(3);
  });

  test("says nothing that is not so of a plain question", async () => {
    const empty = { results: name === "you-search" ? {} : [], data: {} };
    const { result, losses } = await performed(wire, asked({}), empty);
    expect(result).toEqual({ hits: [], answer: undefined });
    expect(losses).toEqual([]);
  });

  test("takes whatever is sent instead of an answer for what it is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .dictionary(fc.constantFrom("results", "web", "news", "organic", "data", "answer", "sources"), fc.jsonValue())
            .map((value) => JSON.stringify(value)),
        ),
        async (answer) => {
          const { outcome } = await performed(wire, asked({}), answer);
          if (outcome instanceof Error) {
            expect(outcome).toBeInstanceOf(OmniError);
            expect((outcome as OmniError).kind).toBe("upstream_invalid");
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("a question", () => {
  test("of more characters than the model takes is refused before anybody is asked", async () => {
    const sheet = { inputCharactersMax: 400 };
    const { calls, outcome } = await performed(named("tavily-search"), asked({ query: "a".repeat(401) }), {}, { sheet });
    expect(outcome).toMatchObject({ kind: "query_too_long", status: 400, param: "query" });
    expect(calls).toEqual([]);
    expect((await performed(named("tavily-search"), asked({ query: "a".repeat(400) }), { results: [] }, { sheet })).calls).toHaveLength(1);
  });

  test("of more words than an engine takes is refused as well", async () => {
    const { calls, outcome } = await performed(named("brave-search"), asked({ query: "a ".repeat(51) }), {});
    expect(outcome).toMatchObject({ kind: "query_too_long" });
    expect(calls).toEqual([]);
  });

  test("for more results than an engine gives is asked for as many as it gives, and that is said", async () => {
    const { sent, losses } = await performed(named("perplexity-search"), asked({ max_results: 50 }), { results: [] });
    expect(sent[0]?.body).toMatchObject({ max_results: 20 });
    expect(losses).toEqual(["max_results"]);
  });
});

describe("what was recorded", () => {
  const tavily = recordings({ provider: "tavily", api: "search" });

  test.each(tavily.map((row) => [row.id, row] as const))("%s is asked and read as it was", async (_, row) => {
    const [{ request, response }] = exchangesOf(row) as [ReturnType<typeof exchangesOf>[number]];
    const recorded = request.body as Record<string, unknown>;
    const { sent, result } = await performed(named("tavily-search"), asked(recorded), response.body);
    expect(sent[0]).toMatchObject({ method: request.method, path: request.url_path!, body: recorded });
    const { results } = response.body as { results: { url: string; title: string; content: string; score: number }[] };
    expect(results.length).toBeGreaterThan(0);
    expect(result.hits).toEqual(results.map(({ url, title, content, score }) => ({ url, title, content, score })));
  });

  test("of Firecrawl's search is read", async () => {
    for (const row of recordings({ provider: "firecrawl", api: "v2-search" })) {
      const [{ request, response }] = exchangesOf(row) as [ReturnType<typeof exchangesOf>[number]];
      const { query, limit } = request.body as { query: string; limit: number };
      const { sent, result } = await performed(named("firecrawl-search"), asked({ query, max_results: limit }), response.body);
      expect(sent[0]?.body).toMatchObject({ query, limit });
      const { web } = (response.body as { data: { web: { url: string; title: string; description: string }[] } }).data;
      expect(result.hits.map(({ url, title, content }: { url: string; title: string; content: string }) => [url, title, content])).toEqual(
        web.map(({ url, title, description }) => [url, title, description]),
      );
    }
  });

  test("of Perplexity's results, which its answers carry as its search does, is read", async () => {
    let seen = 0;
    for (const row of recordings({ provider: "perplexity", api: "chat", stream: false })) {
      for (const { response } of exchangesOf(row)) {
        const results = (response.body as { search_results?: { url: string; title: string; snippet?: string }[] } | undefined)
          ?.search_results;
        if (results === undefined || results.length === 0) continue;
        const { result } = await performed(named("perplexity-search"), asked({ max_results: 20 }), { results });
        expect(result.hits.map(({ url, title }: { url: string; title: string }) => [url, title])).toEqual(
          results.slice(0, 20).map(({ url, title }) => [url, title]),
        );
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(0);
  });
});
