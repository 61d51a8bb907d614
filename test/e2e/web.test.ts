import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { Upstream } from "../support/upstream.ts";

let site: Upstream;
let firecrawl: Upstream;
let tavily: Upstream;
let gateway: GatewayProcess;

const PAGE = `<!doctype html><title>A page</title><nav><a href="/home">Home</a></nav>
<article><h1>A page</h1><p>${"It says what it says. ".repeat(20)}</p><ul><li>one</li><li>two</li></ul><p><a href="/next">next</a> <img src="i.png" alt="i"></p></article>`;

beforeAll(async () => {
  const html = { headers: { "content-type": "text/html; charset=utf-8" } };
  site = new Upstream(({ path }) => {
    if (path === "/page") return { ...html, gzip: true, body: PAGE };
    if (path === "/shut") return { status: 403, body: "no" };
    if (path === "/gone") return { status: 404, body: "none" };
    if (path === "/broken") return { status: 500, body: "none" };
    if (path === "/inside") return { status: 302, headers: { location: "http://169.254.169.254/latest/meta-data/" } };
    if (path === "/paper") return { headers: { "content-type": "application/pdf" }, body: "%PDF" };
    return { headers: { "content-type": "text/plain" }, body: `plain ${path}` };
  });
  firecrawl = new Upstream({
    body: JSON.stringify({ success: true, data: { markdown: "by firecrawl", metadata: { title: "F", statusCode: 200 } } }),
  });
  tavily = new Upstream({
    body: JSON.stringify({ answer: "It is.", results: [{ url: "https://a.example/", title: "A", content: "a", score: 0.7 }] }),
  });
  const sitePort = new URL(site.url).port;
  gateway = await startGateway(
    `import { defineConfig, provider, secret } from "omni";
    export default defineConfig({
      providers: {
        sim: provider.simulator({ settings: { pace: "0ms", firstTokenDelay: "0ms" } }),
        local: provider.local({ settings: { ports: [${sitePort}], privateHosts: ["127.0.0.1"] } }),
        firecrawl: provider.firecrawl({ apiKey: secret.env("FAKE_KEY"), baseUrl: "${firecrawl.url}" }),
        tavily: provider.tavily({ apiKey: secret.env("FAKE_KEY"), baseUrl: "${tavily.url}" }),
      },
      combos: {
        find: { webSearch: ["sim/fail-503", "tavily/search"] },
        read: { webFetch: ["local/reader", "sim/fetch"] },
      },
      prices: { "tavily/search": { input: 0, output: 0, thousandSearches: 8 } },
    });`,
    { env: { FAKE_KEY: "tvly-secret" } },
  );
});

afterAll(async () => {
  await gateway.stop();
  for (const upstream of [site, firecrawl, tavily]) upstream[Symbol.dispose]();
});

async function post(path: string, body: object) {
  const answer = await gateway.post(path, body);
  // biome-ignore lint/suspicious/noExplicitAny: what comes is looked into here and there.
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as any };
}

const fetchPage = (path: string, more: object = {}) => post("/v1/web/fetch", { model: "local/reader", url: `${site.url}${path}`, ...more });

describe("a search", () => {
  test("goes on to the next engine of a combo, is billed by the piece, and keeps the key to its own origin", async () => {
    const { status, headers, json } = await post("/v1/web/search", {
      model: "find",
      query: "what is it",
      include_answer: true,
      search_depth: "advanced",
    });
    expect([status, json]).toEqual([
      200,
      { answer: "It is.", results: [{ url: "https://a.example/", title: "A", content: "a", score: 0.7 }] },
    ]);
    expect(headers.get("x-omni-target")).toBe("tavily/search");
    expect(headers.get("x-omni-attempts")).toBe("2");
    expect(headers.get("x-omni-cost-usd")).toBe("0.016");
    const request = tavily.requests.at(-1)!;
    expect(request.path).toBe("/search");
    expect(request.headers.get("authorization")).toBe("Bearer tvly-secret");
  });

  test.each(["/v1/web/search", "/api/v1/web/search"])("of the simulator's web finds the same pages each time, at %s", async (path) => {
    const ask = { model: "sim/search", query: "How does a circuit breaker work?", max_results: 2 };
    const first = await post(path, ask);
    expect(first.status).toBe(200);
    expect(first.json.results[0]).toMatchObject({ url: "https://docs.simulator.example/circuit-breakers", title: "Circuit breakers" });
    expect(first.json.results.length).toBeLessThanOrEqual(2);
    expect("answer" in first.json).toBe(false);
    expect((await post(path, ask)).json).toEqual(first.json);
    const narrow = await post(path, { ...ask, include_domains: ["elsewhere.example"] });
    expect(narrow.json.results).toEqual([]);
  });

  test("by one provider takes the model's own name", async () => {
    const { status, json } = await post("/v1/providers/sim/web/search", { model: "search", query: "streams", include_answer: true });
    expect(status).toBe(200);
    expect(json.answer).toBeString();
  });

  test.each([
    [{ query: "a".repeat(401), model: "tavily/search" }, "query_too_long", "query"],
    [{ query: "a".repeat(2_001) }, "query_too_long", "query"],
    [{ query: "" }, "invalid_request", "query"],
    [{ search_depth: "deepest" }, "invalid_request", "search_depth"],
    [{ max_results: 1_000 }, "invalid_request", "max_results"],
    [{ model: "sim/writer" }, "invalid_model", "model"],
  ])("with %j is refused as %s before anybody is asked", async (wrong, code, param) => {
    const before = tavily.requests.length;
    const { status, json } = await post("/v1/web/search", { model: "find", query: "x", ...wrong });
    expect([status, json.error.code, json.error.param]).toEqual([400, code, param]);
    expect(tavily.requests.length).toBe(before);
  });

  test("says what an engine could not be told", async () => {
    const { headers } = await post("/v1/web/search", { model: "tavily/search", query: "x", country: "de" });
    expect(headers.get("x-omni-loss")).toContain("country");
  });

  test("that nobody can answer now is a 503", async () => {
    expect((await post("/v1/web/search", { model: "sim/fail-503", query: "x" })).status).toBe(503);
  });
});

describe("a page", () => {
  test("is fetched and read by the gateway itself", async () => {
    const { status, headers, json } = await fetchPage("/page");
    expect(status).toBe(200);
    expect(json).toEqual({
      url: `${site.url}/page`,
      title: "A page",
      markdown: expect.stringContaining("- one\n- two"),
      links: [`${site.url}/home`, `${site.url}/next`],
      images: [`${site.url}/i.png`],
    });
    expect(json.markdown).not.toContain("Home");
    expect(headers.get("x-omni-target")).toBe("local/reader");
    expect(headers.get("x-omni-cost-usd")).toBe("0.00");
    const { headers: sent } = site.requests.at(-1)!;
    expect([sent.get("cookie"), sent.get("authorization"), sent.get("referer")]).toEqual([null, null, null]);
  });

  test.each(["html", "text"])("is written as %s, under that name", async (format) => {
    const { json } = await fetchPage("/page", { format });
    expect(json[format]).toContain("It says what it says.");
    expect("markdown" in json).toBe(false);
  });

  test.each([
    ["/shut", 403, "blocked"],
    ["/gone", 404, "page_unavailable"],
    ["/broken", 502, "page_unavailable"],
    ["/paper", 422, "page_unreadable"],
    ["/inside", 403, "blocked"],
  ])("at %s is a %i, %s, and nobody's health suffers from it", async (path, status, code) => {
    for (let time = 0; time < 8; time++) {
      const { json, ...answer } = await fetchPage(path);
      expect([answer.status, json.error.code, json.error.param]).toEqual([status, code, "url"]);
    }
    expect((await fetchPage("/page")).status).toBe(200);
  });

  test.each([
    ["http://10.0.0.1/", 403, "blocked"],
    ["http://169.254.169.254/latest/meta-data/", 403, "blocked"],
    ["http://[::1]/", 403, "blocked"],
    ["http://2130706434/", 403, "blocked"],
    ["http://localhost/", 403, "blocked"],
    ["ftp://site.example/", 400, "invalid_url"],
    ["http://u:p@site.example/", 400, "invalid_url"],
    ["http://site.example:6379/", 400, "invalid_url"],
    ["site.example", 400, "invalid_url"],
  ])("at %s is refused with %i %s by every model alike, and not told to anybody", async (url, status, code) => {
    const before = firecrawl.requests.length;
    for (const model of ["local/reader", "firecrawl/scrape", "sim/fetch"]) {
      const port = new URL(site.url).port;
      // The reader's own port is another one here.
      const asked = model === "local/reader" && status === 403 ? url.replace(/(?<=[^/])\/(?=[^/]*$|latest)/, `:${port}/`) : url;
      const { json, ...answer } = await post("/v1/web/fetch", { model, url: asked });
      expect([model, asked, answer.status, json.error.code]).toEqual([model, asked, status, code]);
    }
    expect(firecrawl.requests.length).toBe(before);
  });

  test("that one reader can not read is read by the next of a combo", async () => {
    const { status, headers, json } = await post("/v1/web/fetch", { model: "read", url: "https://nowhere.invalid/" });
    expect([status, json.error?.code, json.title]).toEqual([400, "invalid_url", undefined]);
    expect(headers.get("x-omni-attempts")).toBe("1");
  });

  test("by a provider comes in the same shape", async () => {
    const { status, json } = await post("/v1/web/fetch", { model: "firecrawl/scrape", url: "https://site.example/" });
    expect([status, json]).toEqual([200, { url: "https://site.example/", title: "F", markdown: "by firecrawl" }]);
  });

  test("of the simulator's is the same each time, whatever the address", async () => {
    const ask = { model: "sim/fetch", url: "https://anything.example/at/all", format: "text" };
    const first = await post("/v1/web/fetch", ask);
    expect(first.json).toMatchObject({ url: ask.url, title: "A simulated page of anything.example" });
    expect((await post("/v1/web/fetch", ask)).json).toEqual(first.json);
  });
});

test("the catalog tells which models search and which read", async () => {
  const { data } = (await (await fetch(`${gateway.url}/v1/models/web`)).json()) as { data: { id: string; kind: string }[] };
  const ids = (kind: string) => data.filter((model) => model.kind === kind).map(({ id }) => id);
  expect(ids("webSearch")).toEqual(expect.arrayContaining(["tavily/search", "sim/search", "find", "auto"]));
  expect(ids("webFetch")).toEqual(expect.arrayContaining(["local/reader", "firecrawl/scrape", "tavily/extract", "sim/fetch", "read"]));
});
