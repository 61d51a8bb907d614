import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { OmniError } from "../../../src/ir/failure.ts";
import { WIRES } from "../../../src/wire/index.ts";
import { decodeRequest, encodeResult } from "../../../src/wire/web-fetch/client.ts";
import { exchangesOf, recordings } from "../../support/recordings.ts";
import { hostileUrls } from "../../world/guarded/hostile-urls.ts";
import { performed } from "../task-context.ts";

const readers = WIRES.filter(({ operation }) => operation === "webFetch");
const named = (name: string) => readers.find((wire) => wire.name === name)!;
const URL_ASKED = "https://site.example/page";

const asked = (format = "markdown") => decodeRequest(Buffer.from(JSON.stringify({ model: "m", url: URL_ASKED, format })));

const LISTS = { links: ["https://a.example/", "https://b.example/"], images: ["https://a.example/i.png"] };

/** For each reader: what it is sent, what it answers, and what is made of that. */
const ROWS = [
  {
    name: "web-fetch",
    sent: { path: "/web/fetch", body: { model: "m", url: URL_ASKED, format: "markdown" } },
    answer: { url: `${URL_ASKED}/`, title: "T", markdown: "# T", ...LISTS },
    result: { url: `${URL_ASKED}/`, title: "T", content: "# T", format: "markdown", ...LISTS },
    usage: { webSearches: 1 },
    lacks: [],
  },
  {
    name: "jina-reader",
    sent: { path: "/", body: { url: URL_ASKED, respondWith: "markdown", withLinksSummary: true, withImagesSummary: true } },
    answer: {
      code: 200,
      status: 20000,
      data: {
        title: "T",
        url: `${URL_ASKED}/`,
        content: "# T",
        links: { first: "https://a.example/", second: "https://b.example/", bad: "javascript:x" },
        images: { "Image 1": "https://a.example/i.png" },
        usage: { tokens: 12 },
      },
    },
    result: { url: `${URL_ASKED}/`, title: "T", content: "# T", format: "markdown", ...LISTS },
    usage: { outputTokens: 12 },
    lacks: [],
  },
  {
    name: "firecrawl-scrape",
    sent: { path: "/scrape", body: { url: URL_ASKED, formats: ["markdown", "links", "images"], onlyMainContent: true } },
    answer: {
      success: true,
      data: { markdown: "# T", ...LISTS, metadata: { title: "T", sourceURL: URL_ASKED, url: `${URL_ASKED}/`, statusCode: 200 } },
    },
    result: { url: `${URL_ASKED}/`, title: "T", content: "# T", format: "markdown", ...LISTS },
    usage: { webSearches: 1 },
    lacks: ["text"],
  },
  {
    name: "tavily-extract",
    sent: { path: "/extract", body: { urls: [URL_ASKED], format: "markdown", extract_depth: "basic", include_images: true } },
    answer: { results: [{ url: URL_ASKED, title: "T", raw_content: "# T", images: LISTS.images }], failed_results: [], response_time: 0.1 },
    result: { url: URL_ASKED, title: "T", content: "# T", format: "markdown", links: undefined, images: LISTS.images },
    usage: { webSearches: 1 },
    lacks: ["html"],
  },
] as const;

test("every reader has its row", () => {
  expect(ROWS.map(({ name }) => name as string).sort()).toEqual(readers.map(({ name }) => name).sort());
});

describe.each(ROWS.map((row) => [row.name, row] as const))("%s", (name, row) => {
  const wire = named(name);

  test("is asked for a page, and gives it", async () => {
    const { sent, result, usage, losses } = await performed(wire, asked(), row.answer);
    expect(sent).toEqual([{ method: "POST", ...row.sent }]);
    expect(result).toEqual(row.result);
    expect(usage).toMatchObject(row.usage);
    expect(losses).toEqual([]);
  });

  test.each(["html", "text"])("gives %s, or Markdown and says so", async (format) => {
    const lacks = (row.lacks as readonly string[]).includes(format);
    // Where the answer names the format, the test names it too.
    const text = JSON.stringify(row.answer).replaceAll('"markdown":', lacks ? '"markdown":' : `"${format}":`);
    const { sent, result, losses } = await performed(wire, asked(format), text);
    expect(JSON.stringify(sent[0]?.body)).toContain(lacks ? "markdown" : format);
    expect(result).toMatchObject({ content: "# T", format: lacks ? "markdown" : format });
    expect(losses).toEqual(lacks ? ["format"] : []);
  });

  test("takes whatever is sent instead of an answer for what it is", async () => {
    const hostile = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .dictionary(fc.constantFrom("data", "results", "failed_results", "success", "url", "markdown", "links"), fc.jsonValue())
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (answer) => {
        const { outcome } = await performed(wire, asked(), answer);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(OmniError);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a URL that leads inside", () => {
  const outside = readers.filter(({ name }) => name !== "web-fetch");

  test.each(outside.map(({ name }) => name))("is not told to %s either, however it is written", async (name) => {
    for (const { url, addresses, fault } of hostileUrls(80)) {
      // What a name resolves to is known to whoever resolves it, which is the provider.
      if (addresses !== undefined) continue;
      const request = { url, format: "markdown" };
      const { calls, outcome } = await performed(named(name), request, {});
      expect([url, (outcome as OmniError).kind]).toEqual([url, fault === "denied" ? "blocked" : "invalid_url"]);
      expect(calls).toEqual([]);
    }
  });
});

describe("a page that its site does not give", () => {
  test.each([
    {
      name: "jina-reader",
      answer: { data: { url: URL_ASKED, content: "", warning: "Target URL returned error 403: Forbidden" } },
      kind: "blocked",
      status: 403,
    },
    {
      name: "jina-reader",
      answer: { data: { url: URL_ASKED, content: "", warning: "Target URL returned error 404: Not Found" } },
      kind: "page_unavailable",
      status: 404,
    },
    {
      name: "firecrawl-scrape",
      answer: { success: true, data: { markdown: "no", metadata: { statusCode: 403 } } },
      kind: "blocked",
      status: 403,
    },
    {
      name: "firecrawl-scrape",
      answer: { success: true, data: { markdown: "no", metadata: { statusCode: 500 } } },
      kind: "page_unavailable",
      status: 502,
    },
    { name: "firecrawl-scrape", answer: { success: false, error: "The site blocked us" }, kind: "blocked", status: 403 },
    {
      name: "tavily-extract",
      answer: { results: [], failed_results: [{ url: URL_ASKED, error: "403 Client Error" }] },
      kind: "blocked",
      status: 403,
    },
    {
      name: "tavily-extract",
      answer: { results: [], failed_results: [{ url: URL_ASKED, error: "timed out" }] },
      kind: "page_unavailable",
      status: 502,
    },
    { name: "tavily-extract", answer: { results: [] }, kind: "upstream_invalid", status: 502 },
  ])("is told by $name as $kind, $status", async ({ name, answer, kind, status }) => {
    expect((await performed(named(name), asked(), answer)).outcome).toMatchObject({ kind, status });
  });

  test("is told by the gateway's own reader, and by another Omni, in the same words", () => {
    const { decodeRefusal } = named("web-fetch").upstream({});
    const refusal = (status: number, code: string) =>
      decodeRefusal(status, new Headers(), Buffer.from(JSON.stringify({ error: { message: "Why.", type: "x", code } })), 0);
    for (const [status, code] of [
      [400, "invalid_url"],
      [403, "blocked"],
      [404, "page_unavailable"],
      [422, "page_unreadable"],
    ] as const)
      expect(refusal(status, code)).toMatchObject({ kind: code, status, message: "Why." });
    expect(refusal(403, "other")).toMatchObject({ kind: "upstream_auth" });
    expect(refusal(503, "overloaded")).toMatchObject({ kind: "upstream_overloaded" });
  });
});

describe("what was recorded of Firecrawl's pages", () => {
  test("is read", async () => {
    let seen = 0;
    for (const row of recordings({ provider: "firecrawl", api: "v2-crawl" })) {
      for (const { response } of exchangesOf(row)) {
        for (const page of (
          response.body as { data?: { markdown: string; metadata: { title: string; sourceURL: string; url?: string } }[] }
        ).data ?? []) {
          const { result } = await performed(named("firecrawl-scrape"), asked(), { success: true, data: page });
          expect(result).toMatchObject({
            content: page.markdown,
            title: page.metadata.title,
            url: page.metadata.url ?? page.metadata.sourceURL,
          });
          seen++;
        }
      }
    }
    expect(seen).toBeGreaterThan(0);
  });
});

describe("the client's half", () => {
  const decode = (body: object) => {
    try {
      return decodeRequest(Buffer.from(JSON.stringify(body)));
    } catch (error) {
      return error as OmniError;
    }
  };

  test("asks for Markdown by default", () => {
    expect(decode({ url: URL_ASKED })).toEqual({ url: URL_ASKED, format: "markdown" });
  });

  test.each([
    { body: {}, kind: "invalid_request", param: "url", says: "a string" },
    { body: { url: 7 }, kind: "invalid_request", param: "url", says: "a string" },
    { body: { url: "site.example" }, kind: "invalid_url", param: "url", says: "absolute URL" },
    { body: { url: "ftp://site.example/" }, kind: "invalid_url", param: "url", says: '"http:" and "https:"' },
    { body: { url: "http://u:p@site.example/" }, kind: "invalid_url", param: "url", says: "password" },
    { body: { url: URL_ASKED, format: "pdf" }, kind: "invalid_request", param: "format", says: '"markdown", "html" or "text"' },
  ])("refuses $body as $kind, naming $param", ({ body, kind, param, says }) => {
    const error = decode(body);
    expect(error).toMatchObject({ kind, status: 400, param });
    expect((error as OmniError).message).toContain(says);
  });

  test("puts the content under the name of its format, and leaves out what is not known", () => {
    const result = { url: "u", title: "t", content: "c", format: "html", links: undefined, images: [] } as const;
    expect(JSON.parse(Buffer.from(encodeResult(result).body).toString())).toEqual({ url: "u", title: "t", html: "c", images: [] });
  });
});
