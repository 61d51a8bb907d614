import { describe, expect, test } from "bun:test";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { systemClock } from "../../../src/world/clock.ts";
import { FetchError } from "../../../src/world/guarded/fetch-fault.ts";
import { type GuardedFetchOptions, guardedFetch } from "../../../src/world/guarded/guarded-fetch.ts";
import { simulatedWorld } from "../../../src/world/simulated.ts";
import { NEVER, type Script, Upstream } from "../../support/upstream.ts";
import { Internet } from "./internet.ts";

/** At the best quality, which is the default, a bomb takes half a minute to make. */
const quickBrotli = (bytes: string | Uint8Array): Buffer => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });

const SITE = "9.9.9.1";
const OTHER = "9.9.9.2";
const BYTES_MAX = 5 * 1024 * 1024;

/** The site `site.example`, as the script has it, and the page that comes of a URL. */
async function visit(script: Script | ((url: string) => Script), url = "http://site.example/", options: GuardedFetchOptions = {}) {
  using upstream = new Upstream(typeof script === "function" ? (request) => script(request.path) : script);
  const internet = new Internet(
    { "site.example": [[SITE]], "other.example": [[OTHER]], "inside.example": [["10.0.0.1"]] },
    { [SITE]: upstream.port, [OTHER]: upstream.port },
  );
  const page = await guardedFetch({ clock: systemClock, network: internet }, url, options).catch((error: unknown) => error);
  const text = page instanceof Error ? undefined : Buffer.from((page as { body: Uint8Array }).body).toString();
  return { page, text, internet, requests: [...upstream.requests], connections: upstream.connections };
}

describe("guardedFetch", () => {
  test("gives a page with its address, status, type and body", async () => {
    const { page, text } = await visit({ status: 404, headers: { "content-type": "text/html; charset=utf-8" }, body: "<p>None</p>" });
    expect(page).toMatchObject({ url: "http://site.example/", status: 404, contentType: "text/html; charset=utf-8" });
    expect(text).toBe("<p>None</p>");
  });

  test("sends nothing but what every caller sends", async () => {
    const { requests } = await visit({ headers: { "set-cookie": "a=b" }, body: "" }, "http://site.example/page?q=1#part", {
      accept: "text/html",
    });
    expect(requests.map(({ method, path, headers }) => ({ method, path, headers: Object.fromEntries(headers) }))).toEqual([
      {
        method: "GET",
        path: "/page?q=1",
        headers: {
          accept: "text/html",
          "accept-encoding": "gzip, deflate, br",
          "accept-language": "en, *;q=0.5",
          "user-agent": "Mozilla/5.0 (compatible; Omni/1.0)",
          host: "site.example",
          connection: "keep-alive",
        },
      },
    ]);
  });

  test("leaves no connection behind for the next caller", async () => {
    const { connections } = await visit((url) => (url === "/" ? { status: 302, headers: { location: "/next" } } : { body: "here" }));
    expect(connections).toBe(2);
  });

  test("goes to the address that was looked at, though the name service answers otherwise the next time", async () => {
    using upstream = new Upstream({ body: "outside" });
    const internet = new Internet({ "rebind.example": [[SITE], ["127.0.0.1"]] }, { [SITE]: upstream.port });
    const world = { clock: systemClock, network: internet };
    const page = await guardedFetch(world, "http://rebind.example/");
    expect(Buffer.from(page.body).toString()).toBe("outside");
    expect(internet.asked).toEqual(["rebind.example"]);
    expect(internet.visits).toEqual([{ address: SITE, url: "http://rebind.example/" }]);
    expect(await guardedFetch(world, "http://rebind.example/").catch((error) => error)).toMatchObject({ fault: "denied" });
    expect(internet.visits).toHaveLength(1);
  });

  test("asks anew at each redirect, and goes nowhere when the name has changed sides meanwhile", async () => {
    using upstream = new Upstream({ status: 302, headers: { location: "/again" } });
    const internet = new Internet({ "rebind.example": [[SITE], ["169.254.169.254"]] }, { [SITE]: upstream.port });
    const error = await guardedFetch({ clock: systemClock, network: internet }, "http://rebind.example/").catch((error) => error);
    expect(error).toMatchObject({ fault: "denied" });
    expect(internet.visits.map(({ address }) => address)).toEqual([SITE]);
  });

  test("tries the next address where the first can not be reached", async () => {
    using upstream = new Upstream({ body: "second" });
    const internet = new Internet({ "site.example": [["2620:fe::fe", SITE]] }, { [SITE]: upstream.port });
    const page = await guardedFetch({ clock: systemClock, network: internet }, "http://site.example/");
    expect(Buffer.from(page.body).toString()).toBe("second");
    expect(internet.visits.map(({ address }) => address)).toEqual(["2620:fe::fe", SITE]);
  });

  test("does not go to this machine by its own public address", async () => {
    const internet = new Internet({ "self.example": [["9.9.9.99"]] }, {});
    expect(await guardedFetch({ clock: systemClock, network: internet }, "http://self.example/").catch((error) => error)).toMatchObject({
      fault: "denied",
    });
    expect(internet.visits).toEqual([]);
  });

  test("goes inside where the operator has named the host, and only there", async () => {
    using upstream = new Upstream({ body: "wiki" });
    const internet = new Internet({ "wiki.internal": [["10.0.0.5"]], "db.internal": [["10.0.0.5"]] }, { "10.0.0.5": upstream.port });
    const world = { clock: systemClock, network: internet };
    const options = { privateHosts: ["wiki.internal"] };
    expect((await guardedFetch(world, "http://wiki.internal/", options)).status).toBe(200);
    expect(await guardedFetch(world, "http://db.internal/", options).catch((error) => error)).toMatchObject({ fault: "denied" });
  });

  test("takes a name that does not resolve for what it is", async () => {
    const { page } = await visit({}, "http://nowhere.example/");
    expect(page).toMatchObject({ fault: "name-not-found" });
  });
});

describe("a redirect", () => {
  const to =
    (location: string, status = 302) =>
    (url: string): Script =>
      url === "/" ? { status, headers: { location } } : { body: `at ${url}` };

  test.each([301, 302, 303, 307, 308])("with %i is followed by a GET", async (status) => {
    const { page, text, requests } = await visit(to("/next?a=b", status));
    expect(text).toBe("at /next?a=b");
    expect(page).toMatchObject({ url: "http://site.example/next?a=b" });
    expect(requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });

  test("to another public host is followed there", async () => {
    const { page, internet } = await visit(to("http://other.example/page"));
    expect(page).toMatchObject({ url: "http://other.example/page", status: 200 });
    expect(internet.visits.map(({ address }) => address)).toEqual([SITE, OTHER]);
  });

  test.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://[::1]/",
    "http://[::ffff:7f00:1]/",
    "http://169.254.169.254/latest/meta-data/",
    "//169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://localhost/",
    "http://inside.example/",
    "http://10.0.0.1/",
    "http://192.168.0.1/",
    "http://[fd00:ec2::254]/",
  ])("to %s is not followed", async (location) => {
    const { page, internet } = await visit(to(location));
    expect(page).toMatchObject({ fault: "denied" });
    expect(internet.visits).toHaveLength(1);
  });

  test.each([
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "http://user:password@other.example/",
    "http://other.example:6379/",
    "data:text/html,x",
  ])("to %s is not followed", async (location) => {
    const { page, internet } = await visit(to(location));
    expect(page).toMatchObject({ fault: "denied" });
    expect(internet.visits).toHaveLength(1);
  });

  test("is followed three times and no more", async () => {
    const chain =
      (length: number) =>
      (url: string): Script => {
        const at = Number(url.slice(1) || 0);
        return at < length ? { status: 302, headers: { location: `/${at + 1}` } } : { body: "arrived" };
      };
    expect((await visit(chain(3))).text).toBe("arrived");
    const { page, requests } = await visit(chain(4));
    expect(page).toMatchObject({ fault: "too-many-redirects" });
    expect(requests).toHaveLength(4);
    expect((await visit(chain(1), "http://site.example/", { redirectsMax: 0 })).page).toMatchObject({ fault: "too-many-redirects" });
  });

  test("without a place to go is a page like any other", async () => {
    expect((await visit({ status: 302, body: "moved" })).text).toBe("moved");
    expect((await visit({ status: 304 })).page).toMatchObject({ status: 304 });
  });

  test("to what is no URL is an answer that is no good", async () => {
    expect((await visit({ status: 302, headers: { location: "http://[" } })).page).toMatchObject({ fault: "invalid-response" });
  });
});

describe("a body", () => {
  test("of the greatest length is taken whole, and of one byte more not", async () => {
    expect((await visit({ body: Buffer.alloc(BYTES_MAX, 97) })).text).toHaveLength(BYTES_MAX);
    expect((await visit({ body: Buffer.alloc(BYTES_MAX + 1, 97) })).page).toMatchObject({ fault: "too-long" });
    expect((await visit({ body: [Buffer.alloc(BYTES_MAX), "a"] })).page).toMatchObject({ fault: "too-long" });
    expect((await visit({ body: "abcdef" }, undefined, { bodyBytesMax: 5 })).page).toMatchObject({ fault: "too-long" });
  });

  test.each([
    { coding: "gzip", compress: gzipSync },
    { coding: "deflate", compress: deflateSync },
    { coding: "br", compress: quickBrotli },
  ])("that is $coding is decompressed, and cut off where it becomes too long", async ({ coding, compress }) => {
    const headers = { "content-encoding": coding };
    expect((await visit({ headers, body: compress("small") })).text).toBe("small");
    const bomb = compress(Buffer.alloc(128 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(BYTES_MAX);
    Bun.gc(true);
    const before = process.memoryUsage().rss;
    const { page } = await visit({ headers, body: bomb });
    expect(page).toMatchObject({ fault: "too-long" });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    expect((await visit({ headers, body: "not compressed at all" })).page).toMatchObject({ fault: "invalid-response" });
  });

  test("in a coding that nobody asked for is refused, and so is one in several", async () => {
    for (const coding of ["gzip, gzip", "compress", "gzip, br"]) {
      expect((await visit({ headers: { "content-encoding": coding }, body: "x" })).page).toMatchObject({ fault: "invalid-response" });
    }
  });

  test("that breaks off is no page", async () => {
    expect((await visit({ body: "0123456789", cut: { after: 5, by: "fin" } })).page).toMatchObject({ fault: "unreachable" });
  });

  test("behind a head that never ends is not waited for", async () => {
    expect((await visit({ headers: { "x-long": "a".repeat(70_000) }, body: "x" })).page).toMatchObject({ fault: "invalid-response" });
  });
});

describe("time", () => {
  test.each([
    { claim: "a site that says nothing", script: NEVER },
    { claim: "a body that does not end", script: { body: ["begun", { pauseMs: 60_000 }] } },
  ])("ends $claim", async ({ script }) => {
    const { page } = await visit(script, undefined, { timeMsMax: 60 });
    expect(page).toMatchObject({ fault: "timed-out" });
  });

  test("is ten seconds for everything together, a slow name service and each redirect among it", async () => {
    const { clock, network } = simulatedWorld(async () => {
      await new Promise<void>((resolve) => clock.startTimer(4_000, resolve));
      return new Response(null, { status: 302, headers: { location: "http://site.example/next" } });
    });
    const resolve = async (): Promise<string[]> => {
      await new Promise<void>((done) => clock.startTimer(1_500, done));
      return [SITE];
    };
    let outcome: unknown;
    void guardedFetch({ clock, network: { ...network, resolve } }, "http://site.example/").catch((error) => {
      outcome = error;
    });
    await clock.advance(9_999);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    expect(outcome).toBeInstanceOf(FetchError);
    expect(outcome).toMatchObject({ fault: "timed-out" });
    expect(clock.pending).toBe(1);
  });

  test("ends for a caller that leaves, with the caller's own reason, and leaves no timer", async () => {
    const leaving = new AbortController();
    const { clock, network } = simulatedWorld(() => new Promise(() => {}));
    const reason = new Error("gone");
    const fetched = guardedFetch({ clock, network: { ...network, resolve: async () => [SITE] } }, "http://site.example/", {
      signal: leaving.signal,
    }).catch((error) => error);
    await clock.advance(1);
    leaving.abort(reason);
    expect(await fetched).toBe(reason);
    expect(clock.pending).toBe(0);
  });
});
