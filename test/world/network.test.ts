import { describe, expect, test } from "bun:test";
import { directNetwork } from "../../src/world/direct/network-direct.ts";
import { NetworkError, type NetworkRequest, type Session } from "../../src/world/network.ts";
import { fetchNetwork, networkErrorOf } from "../../src/world/network-fetch.ts";
import { NEVER, type Script, Upstream } from "../support/upstream.ts";

const idle = () => new AbortController().signal;

function post(session: Session, url: string, request: Partial<NetworkRequest> = {}) {
  return session.send({ method: "POST", url, headers: {}, body: Buffer.from("{}"), signal: idle(), ...request });
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It should have failed.");
}

describe.each([
  { transport: "fetchNetwork", network: fetchNetwork },
  { transport: "directNetwork", network: directNetwork },
])("$transport", ({ network }) => {
  test.each([
    { claim: "a reset before the head", script: { raw: "", after: "rst" }, fault: "reset" },
    { claim: "a goodbye before the head", script: { raw: "", after: "fin" }, fault: "reset" },
    { claim: "half a head", script: { raw: "HTTP/1.1 200 OK\r\ncontent-le", after: "fin" }, fault: "reset" },
    { claim: "a head that is none", script: { raw: "what is this\r\n\r\n" }, fault: "invalid-response" },
  ] as readonly { claim: string; script: Script; fault: string }[])(
    "$claim means that the request may have arrived",
    async ({ script, fault }) => {
      using upstream = new Upstream(script);
      const error = await errorOf(post(network.open(), upstream.url));
      expect(error).toBeInstanceOf(NetworkError);
      expect(error).toMatchObject({ fault, sent: true });
      expect(upstream.requests).toHaveLength(1);
    },
  );

  test.each([
    { claim: "a closed port", url: "http://127.0.0.1:1", fault: "refused" },
    { claim: "a name that is none", url: "http://nobody.invalid", fault: "name-not-found" },
    { claim: "an address that is none", url: "http://127.0.0.1:99999", fault: "other" },
  ])("$claim means that nothing arrived", async ({ url, fault }) => {
    const error = await errorOf(post(network.open(), url));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ fault, sent: false });
  });

  test("a server without TLS where TLS is asked for means that nothing arrived", async () => {
    using plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    const error = await errorOf(post(network.open(), `https://127.0.0.1:${plain.port}`));
    expect(error).toMatchObject({ fault: "tls", sent: false });
  });

  test.each([
    { claim: "a cut chunked body", script: { body: ["hello", "there"], cut: { after: 7, by: "fin" } }, fault: "reset" },
    {
      claim: "a reset in a chunked body",
      script: { body: ["hello", { pauseMs: 10 }, "there"], cut: { after: 5, by: "rst" } },
      fault: "reset",
    },
    { claim: "a body shorter than its length", script: { body: "hello", cut: { after: 2, by: "fin" } }, fault: "reset" },
    {
      claim: "nonsense between chunks",
      script: { raw: ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "5\r\nhello\r\nZZ\r\n"] },
      fault: "invalid-response",
    },
    {
      claim: "what is not gzip but says so",
      script: { headers: { "content-encoding": "gzip" }, body: "hello" },
      fault: "invalid-response",
    },
  ] as readonly { claim: string; script: Script; fault: string }[])("$claim shows when the body is read", async ({ script, fault }) => {
    using upstream = new Upstream(script);
    const response = await post(network.open(), upstream.url);
    expect(networkErrorOf(await errorOf(response.bytes()))).toMatchObject({ fault, sent: true });
  });

  test("the signal's own reason is thrown, before the head and in the body", async () => {
    using upstream = new Upstream();
    upstream.script(NEVER, { body: ["hello", { until: new Promise(() => {}) }] });
    const session = network.open();
    const reason = new Error("enough");

    const early = new AbortController();
    const head = post(session, upstream.url, { signal: early.signal });
    const first = await upstream.request(0);
    early.abort(reason);
    expect(await errorOf(head)).toBe(reason);
    expect(await first.closed).toBe("client");

    const late = new AbortController();
    const response = await post(session, upstream.url, { signal: late.signal });
    const body = response.bytes();
    late.abort(reason);
    expect(await errorOf(body)).toBe(reason);
    expect(await (await upstream.request(1)).closed).toBe("client");
  });

  test("a signal that was aborted before sends nothing", async () => {
    using upstream = new Upstream();
    expect(await errorOf(post(network.open(), upstream.url, { signal: AbortSignal.abort("no") }))).toBe("no");
    expect(upstream.requests).toHaveLength(0);
  });

  test("redirects are not followed", async () => {
    using elsewhere = new Upstream();
    using upstream = new Upstream({ status: 307, headers: { location: elsewhere.url } });
    const response = await post(network.open(), upstream.url, { headers: { authorization: "Bearer secret" } });
    expect(response.status).toBe(307);
    expect(elsewhere.connections).toBe(0);
  });

  test("no compression is asked for, and none is claimed where it was undone", async () => {
    using upstream = new Upstream({ body: "hello", gzip: true });
    const response = await post(network.open(), upstream.url);
    expect(upstream.requests[0]?.headers.get("accept-encoding")).toBe("identity");
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(response.headers.get("content-length")).toBeNull();
    expect(Buffer.from(await response.bytes()).toString()).toBe("hello");
  });

  test("headers are sent as given, and no others but those of the connection", async () => {
    using upstream = new Upstream();
    await post(network.open(), upstream.url, { headers: { "user-agent": "omni", "x-a": "1", accept: "text/event-stream" } });
    const names = upstream.requests[0]?.rawHeaders.map(([name]) => name.toLowerCase()).sort();
    expect(names).toEqual(["accept", "accept-encoding", "connection", "content-length", "host", "user-agent", "x-a"]);
    expect(upstream.requests[0]?.headers.get("user-agent")).toBe("omni");
  });

  test("a session keeps its connection, and shares it with no other", async () => {
    using upstream = new Upstream({ body: "hello" });
    const [one, other] = [network.open(), network.open()];
    for (const session of [one, one, one, other]) await (await post(session, upstream.url)).bytes();
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([0, 0, 0, 1]);
  });

  test("closing a session drops what is idle and leaves the rest alone", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using upstream = new Upstream();
    upstream.script({ body: ["hello", { until: promise }, " there"] });
    const session = network.open();
    const busy = await post(session, upstream.url);
    upstream.answering = { body: "x" };
    await (await post(session, upstream.url)).bytes();
    session.close();
    await upstream.until(({ openConnections }) => openConnections === 1);
    resolve();
    expect(Buffer.from(await busy.bytes()).toString()).toBe("hello there");
  });

  test("a request that broke is not sent again behind our back", async () => {
    using upstream = new Upstream();
    upstream.script({ body: "hello" }, { raw: "", after: "rst" });
    const session = network.open();
    await (await post(session, upstream.url)).bytes();
    await errorOf(post(session, upstream.url));
    expect(upstream.requests).toHaveLength(2);
  });
});
