import { describe, expect, test } from "bun:test";
import { exchangesOf, recordings, replay, responseBytes } from "./recordings.ts";
import { NEVER, type Script, Upstream } from "./upstream.ts";

/** What a plain client sees: the bytes of the connection after the head, and whether it was reset. */
async function visit(upstream: Upstream, request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n"): Promise<{ text: string; end: "fin" | "reset" }> {
  const chunks: Uint8Array[] = [];
  const { promise, resolve } = Promise.withResolvers<"fin" | "reset">();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: upstream.port,
    socket: {
      data: (_, bytes) => void chunks.push(Uint8Array.from(bytes)),
      end: () => resolve("fin"),
      close: (_, error) => resolve(error === undefined || error === null ? "fin" : "reset"),
      error: () => resolve("reset"),
    },
  });
  socket.write(request);
  const end = await promise;
  return { text: Buffer.concat(chunks).toString(), end };
}

describe("Upstream", () => {
  test("remembers what it was asked, byte for byte", async () => {
    using upstream = new Upstream();
    await fetch(`${upstream.baseUrl}/chat?x=1`, { method: "POST", body: new Uint8Array([0, 255, 10]), headers: { "X-One": "1" } });
    const [seen] = upstream.requests;
    expect(seen).toMatchObject({ method: "POST", path: "/v1/chat?x=1", connection: 0, body: new Uint8Array([0, 255, 10]) });
    expect(seen?.headers.get("x-one")).toBe("1");
  });

  test("reads bodies that come in chunks", async () => {
    using upstream = new Upstream({ after: "fin" });
    await visit(upstream, "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    expect(upstream.requests[0]?.text).toBe("abcde");
  });

  test("reads requests that follow on one connection", async () => {
    using upstream = new Upstream();
    upstream.script({ body: "a" }, { body: "b", after: "fin" });
    const { text } = await visit(upstream, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
    expect(text).toMatch(/\r\n\r\na.*\r\n\r\nb$/s);
    expect(upstream.requests.map(({ path, connection }) => [path, connection])).toEqual([
      ["/1", 0],
      ["/2", 0],
    ]);
  });

  const body = ["one ", { pauseMs: 1 }, "two"] as const;
  test.each([
    { claim: "tells the length", script: { body: "hello" } },
    { claim: "sends chunks", script: { body: ["hel", "lo"] } },
    { claim: "ends a body with the connection", script: { body: ["hel", "lo"], framing: "close" } },
    { claim: "compresses", script: { body: ["hel", { pauseMs: 1 }, "lo"], gzip: true } },
    { claim: "waits", script: { before: { pauseMs: 5 }, body: ["hel", { until: Bun.sleep(5) }, "lo"] } },
  ] as readonly { claim: string; script: Script }[])("$claim", async ({ script }) => {
    using upstream = new Upstream(script);
    const response = await fetch(upstream.url);
    expect(await response.text()).toBe("hello");
  });

  test.each([
    { claim: "cuts a body politely", script: { body, cut: { after: 5, by: "fin" } }, end: "fin", tail: "4\r\none \r\n1\r\nt\r\n" },
    { claim: "cuts a body rudely", script: { body, cut: { after: 2, by: "rst" } }, end: "reset", tail: "2\r\non\r\n" },
    { claim: "cuts a body of known length", script: { body: "hello", cut: { after: 2, by: "fin" } }, end: "fin", tail: "he" },
    { claim: "cuts before the body", script: { body: "hello", cut: { after: 0, by: "fin" } }, end: "fin", tail: "\r\n\r\n" },
    { claim: "leaves without a word", script: { raw: "", after: "fin" }, end: "fin", tail: "" },
    { claim: "resets without a word", script: { raw: "", after: "rst" }, end: "reset", tail: "" },
    { claim: "talks nonsense", script: { raw: "nonsense", after: "fin" }, end: "fin", tail: "nonsense" },
  ] as readonly { claim: string; script: Script; end: string; tail: string }[])("$claim", async ({ script, end, tail }) => {
    using upstream = new Upstream(script);
    const seen = await visit(upstream);
    expect(seen.end as string).toBe(end);
    expect(seen.text.endsWith(tail)).toBe(true);
    expect(await upstream.requests[0]?.closed).toBe("upstream");
  });

  test("never answers, and knows that the client has left", async () => {
    using upstream = new Upstream(NEVER);
    const controller = new AbortController();
    // Listened to before it is aborted: a rejection that nobody awaits yet would fail the test by itself.
    const failure = fetch(upstream.url, { signal: controller.signal }).catch((error: Error) => error.name);
    const seen = await upstream.request(0);
    expect(upstream.openConnections).toBe(1);
    controller.abort();
    expect(await seen.closed).toBe("client");
    await upstream.until(({ openConnections }) => openConnections === 0);
    expect(await failure).toBe("AbortError");
  });

  test("stops sending when nobody reads, and says how far it came", async () => {
    const piece = new Uint8Array(1 << 20);
    using upstream = new Upstream({ body: Array.from({ length: 64 }, () => piece) });
    const socket = await Bun.connect({ hostname: "127.0.0.1", port: upstream.port, socket: { data: () => {} } });
    socket.pause();
    socket.write("GET / HTTP/1.1\r\n\r\n");
    const seen = await upstream.request(0);
    await Bun.sleep(50);
    expect(seen.isAnswered).toBe(false);
    expect(seen.bytesSent).toBeLessThan(32 << 20);
    socket.resume();
    while (!seen.isAnswered) await Bun.sleep(5);
    expect(seen.bytesSent).toBeGreaterThan(64 << 20);
    socket.end();
  });

  test("refuses connections once stopped", async () => {
    const upstream = new Upstream();
    upstream.stop();
    await expect(fetch(upstream.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("replay", () => {
  test.each(recordings({ provider: "openai", api: "chat" }).slice(0, 20))("sends what was recorded: $id", async (row) => {
    for (const { response } of exchangesOf(row)) {
      for (const options of [{}, { chunkBytes: 7 }]) {
        using upstream = new Upstream(replay(response, options));
        const answer = await fetch(upstream.url);
        expect(answer.status).toBe(response.status);
        expect(Buffer.from(await answer.bytes()).equals(responseBytes(response))).toBe(true);
      }
    }
  });

  test("frames AWS event streams with true checksums", () => {
    const message = Buffer.from(
      responseBytes({ status: 200, framing: "aws-eventstream", events: [{ messageStart: { role: "assistant" } }] }),
    );
    expect(message.readUInt32BE(0)).toBe(message.length);
    expect(message.readUInt32BE(8)).toBe(Bun.hash.crc32(message.subarray(0, 8)));
    expect(message.readUInt32BE(message.length - 4)).toBe(Bun.hash.crc32(message.subarray(0, -4)));
    expect(message.toString("latin1")).toContain(":event-type\x07\x00\x0cmessageStart");
  });

  test("a query that finds nothing is an error", () => {
    expect(() => recordings({ provider: "nobody" })).toThrow("No recording matches");
  });
});
