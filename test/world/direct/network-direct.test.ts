import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { createDirectNetwork, directNetwork } from "../../../src/world/direct/network-direct.ts";
import { NetworkError, type NetworkRequest, type Session } from "../../../src/world/network.ts";
import { fetchNetwork, networkErrorOf } from "../../../src/world/network-fetch.ts";
import { NEVER, type Script, Upstream } from "../../support/upstream.ts";

const idle = () => new AbortController().signal;

function post(session: Session, url: string, request: Partial<NetworkRequest> = {}) {
  return session.send({ method: "POST", url, headers: {}, body: Buffer.from("{}"), signal: idle(), ...request });
}

async function read(session: Session, url: string, request: Partial<NetworkRequest> = {}): Promise<string> {
  return Buffer.from(await (await post(session, url, request)).bytes()).toString("latin1");
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It should have failed.");
}

async function piecesOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  let text = "";
  for await (const piece of body!) text += Buffer.from(piece).toString("latin1");
  return text;
}

describe("a pool", () => {
  test("uses the connection that was used last, and never one that is busy", async () => {
    const holds = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    using upstream = new Upstream();
    upstream.script(...(holds.map(({ promise }) => ({ before: { until: promise }, body: "x" })) as unknown as [Script]));
    const session = directNetwork.open();
    const three = holds.map(() => read(session, upstream.url));
    await upstream.until(({ requests }) => requests.length === 3);
    expect(new Set(upstream.requests.map(({ connection }) => connection)).size).toBe(3);
    for (const [index, { resolve }] of holds.entries()) {
      resolve();
      await three[index];
    }
    upstream.answering = { body: "x" };
    for (let turn = 0; turn < 3; turn++) await read(session, upstream.url);
    const last = upstream.requests[2]!.connection;
    expect(upstream.requests.slice(3).map(({ connection }) => connection)).toEqual([last, last, last]);
  });

  test("forgets an idle connection that the server closes, so that the next request does not fail", async () => {
    using upstream = new Upstream({ body: "x" });
    const session = directNetwork.open();
    await read(session, upstream.url);
    upstream.answering = { raw: "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", after: "fin" };
    await read(session, upstream.url);
    await upstream.until(({ openConnections }) => openConnections === 0);
    await Bun.sleep(5);
    expect(await read(session, upstream.url)).toBe("x");
    expect(upstream.connections).toBe(2);
  });

  test.each([
    { claim: "after connection: close", script: { headers: { connection: "close" }, body: "x" } },
    { claim: "after HTTP/1.0", script: { raw: "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx" } },
    { claim: "with something behind the answer", script: { raw: "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n" } },
    { claim: "with a second answer", script: { raw: "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx".repeat(2) } },
    {
      claim: "with a second answer that comes later",
      script: { raw: ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", { pauseMs: 5 }, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\ny"] },
    },
  ] as readonly { claim: string; script: Script }[])("does not keep a connection $claim", async ({ script }) => {
    using upstream = new Upstream(script);
    const session = directNetwork.open();
    expect(await read(session, upstream.url)).toBe("x");
    await upstream.until(({ openConnections }) => openConnections === 0);
    expect(await read(session, upstream.url)).toBe("x");
    expect(upstream.connections).toBe(2);
  });

  test("closes what has been idle for too long, and what the server would close soon", async () => {
    using upstream = new Upstream({ body: "x" });
    const network = createDirectNetwork({ sweepMs: 10 });
    await read(network.open({ idleMsMax: 20 }), upstream.url);
    await upstream.until(({ openConnections }) => openConnections === 0);
    upstream.answering = { headers: { "keep-alive": "timeout=1" }, body: "x" };
    await read(network.open({ idleMsMax: 60_000 }), upstream.url);
    await upstream.until(({ openConnections }) => openConnections === 0);
    upstream.answering = { headers: { "keep-alive": "timeout=60" }, body: "x" };
    const session = network.open({ idleMsMax: 60_000 });
    await read(session, upstream.url);
    await Bun.sleep(60);
    expect(upstream.openConnections).toBe(1);
    session.close();
  });

  test("of a session that was closed keeps nothing, and the session goes on with another", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using upstream = new Upstream();
    upstream.script({ before: { until: promise }, body: "x" }, { body: "y" });
    const session = directNetwork.open();
    const busy = read(session, upstream.url);
    await upstream.request(0);
    session.close();
    resolve();
    expect(await busy).toBe("x");
    await upstream.until(({ openConnections }) => openConnections === 0);
    for (let turn = 0; turn < 2; turn++) expect(await read(session, upstream.url)).toBe("y");
    expect(upstream.connections).toBe(2);
  });

  test("does not keep the process alive, but a request under way does", async () => {
    using upstream = new Upstream({ before: { pauseMs: 50 }, body: "hello" });
    const code = `
      const { directNetwork } = await import(${JSON.stringify(require.resolve("../../../src/world/direct/network-direct.ts"))});
      const session = directNetwork.open();
      const read = () => session.send({ method: "GET", url: ${JSON.stringify(upstream.url)}, headers: {}, signal: new AbortController().signal })
        .then((response) => response.bytes()).then((bytes) => console.log(Buffer.from(bytes).toString()));
      read().then(read);`;
    const child = Bun.spawn([process.execPath, "-e", code], { stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe("hello\nhello\n");
    expect(await child.exited).toBe(0);
  });

  test("mixes up nothing with many at a time", async () => {
    using upstream = new Upstream(async ({ body }) => {
      const text = Buffer.from(body).toString();
      return Number(text) % 3 === 0 ? { body: [text, { pauseMs: Number(text) % 7 }, "!"] } : { body: `${text}!` };
    });
    const session = directNetwork.open();
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, index) => read(session, upstream.url, { body: Buffer.from(`${index}`) })),
    );
    expect(answers).toEqual(Array.from({ length: 400 }, (_, index) => `${index}!`));
    const again = await Promise.all(
      Array.from({ length: 400 }, (_, index) => read(session, upstream.url, { body: Buffer.from(`${index}`) })),
    );
    expect(again).toEqual(answers);
    expect(upstream.connections).toBe(400);
    session.close();
  });
});

describe("a request", () => {
  test("is written as HTTP wants it", async () => {
    using upstream = new Upstream();
    await read(directNetwork.open(), `${upstream.url}/a/b?c=d#e`, { headers: { "X-A": "1" } });
    const { method, path, rawHeaders, body } = upstream.requests[0]!;
    expect([method, path, Buffer.from(body).toString()]).toEqual(["POST", "/a/b?c=d", "{}"]);
    expect(rawHeaders).toEqual([
      ["host", `127.0.0.1:${upstream.port}`],
      ["X-A", "1"],
      ["accept-encoding", "identity"],
      ["connection", "keep-alive"],
      ["content-length", "2"],
    ]);
  });

  test("says no length where there is no body, but for POST", async () => {
    using upstream = new Upstream();
    const session = directNetwork.open();
    const length = async (method: NetworkRequest["method"]) => {
      const response = await session.send({ method, url: upstream.url, headers: {}, signal: idle() });
      await response.bytes();
      return upstream.requests.at(-1)!.headers.get("content-length");
    };
    expect([await length("GET"), await length("DELETE"), await length("POST")]).toEqual([null, null, "0"]);
  });

  test("decides itself where it ends, whatever the headers say", async () => {
    using upstream = new Upstream();
    const headers = {
      "Content-Length": "7",
      "transfer-encoding": "chunked",
      connection: "upgrade",
      upgrade: "h2c",
      expect: "100-continue",
    };
    await read(directNetwork.open(), upstream.url, { headers });
    const sent = upstream.requests[0]!.rawHeaders.map(([name, value]) => `${name}: ${value}`).slice(1);
    expect(sent).toEqual(["accept-encoding: identity", "connection: keep-alive", "content-length: 2"]);
  });

  test.each([
    { claim: "a line's end in a value", headers: { a: "b\r\nc: d" } },
    { claim: "a line feed in a value", headers: { a: "b\nc" } },
    { claim: "a NUL in a value", headers: { a: "b\0" } },
    { claim: "a character beyond a byte", headers: { a: "€" } },
    { claim: "a line's end in a name", headers: { "a\r\nb": "c" } },
    { claim: "a colon in a name", headers: { "a:b": "c" } },
    { claim: "an empty name", headers: { "": "c" } },
  ])("is refused for $claim, and nothing is sent", async ({ headers }) => {
    using upstream = new Upstream();
    const error = await errorOf(post(directNetwork.open(), upstream.url, { headers: headers as Record<string, string> }));
    expect(error).toMatchObject({ fault: "other", sent: false });
    expect(upstream.connections).toBe(0);
  });

  test("with shared headers has its own path, host and body", async () => {
    using one = new Upstream();
    using other = new Upstream();
    const session = directNetwork.open();
    const headers = Object.freeze({ authorization: "Bearer x" });
    for (const [upstream, path] of [
      [one, "/a"],
      [other, "/a"],
      [one, "/b"],
      [one, "/a"],
      [other, "/b"],
      [one, "/b"],
    ] as const) {
      await read(session, upstream.url + path, { headers, body: Buffer.from(path) });
    }
    const seen = ({ requests }: Upstream) =>
      requests.map(({ path, headers, body }) => [path, headers.get("host"), Buffer.from(body).toString()]);
    expect(seen(one)).toEqual(["/a", "/b", "/a", "/b"].map((path) => [path, `127.0.0.1:${one.port}`, path]));
    expect(seen(other)).toEqual(["/a", "/b"].map((path) => [path, `127.0.0.1:${other.port}`, path]));
  });

  test("sees a header that was changed, if headers can be", async () => {
    using upstream = new Upstream();
    const session = directNetwork.open();
    const headers: Record<string, string> = { a: "1" };
    await read(session, upstream.url, { headers });
    headers["a"] = "2";
    await read(session, upstream.url, { headers });
    expect(upstream.requests.map(({ headers }) => headers.get("a"))).toEqual(["1", "2"]);
  });

  test.each([0, 1, 65_000, 65_536, 70_000, 2_000_000])("of %d bytes arrives whole", async (length) => {
    using upstream = new Upstream();
    const session = directNetwork.open();
    const body = Buffer.alloc(length, "0123456789abcdef-");
    for (let turn = 0; turn < 2; turn++) await read(session, upstream.url, { body });
    for (const request of upstream.requests) expect(Bun.SHA1.hash(request.body, "hex")).toBe(Bun.SHA1.hash(body, "hex"));
    expect(upstream.connections).toBe(1);
  });

  test("that is answered before it was sent whole gives up its connection", async () => {
    let connections = 0;
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          connections++;
          socket.pause();
          socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
        },
        data: () => {},
        error: () => {},
      },
    });
    const session = directNetwork.open();
    const url = `http://127.0.0.1:${server.port}`;
    for (let turn = 0; turn < 2; turn++) expect(await read(session, url, { body: new Uint8Array(32_000_000) })).toBe("no");
    expect(connections).toBe(2);
    server.stop(true);
  });

  test.each([
    { claim: "a proxy for http", environment: { HTTP_PROXY: "PROXY" }, isProxied: true },
    { claim: "a proxy in small letters", environment: { http_proxy: "PROXY" }, isProxied: true },
    { claim: "a proxy for https", environment: { HTTPS_PROXY: "PROXY" }, isProxied: false },
    { claim: "an exception from it", environment: { HTTP_PROXY: "PROXY", NO_PROXY: "a.example, 127.0.0.1" }, isProxied: false },
    { claim: "an exception from it that is another", environment: { HTTP_PROXY: "PROXY", NO_PROXY: "7.0.0.1" }, isProxied: true },
  ])("minds $claim", async ({ environment, isProxied }) => {
    using upstream = new Upstream({ body: "direct" });
    using proxy = new Upstream({ body: "by proxy" });
    const vars = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replace("PROXY", proxy.url)]));
    const code = `
      const { directNetwork } = await import(${JSON.stringify(require.resolve("../../../src/world/direct/network-direct.ts"))});
      const response = await directNetwork.open().send({ method: "GET", url: ${JSON.stringify(upstream.url)}, headers: {}, signal: new AbortController().signal });
      console.log(Buffer.from(await response.bytes()).toString());`;
    const env = { PATH: process.env["PATH"], ...vars };
    expect(await new Response(Bun.spawn([process.execPath, "-e", code], { env, stdout: "pipe" }).stdout).text()).toBe(
      isProxied ? "by proxy\n" : "direct\n",
    );
  });
});

describe("an answer", () => {
  test.each([
    { claim: "at once", body: "hello there" },
    { claim: "in pieces", body: ["hello", { pauseMs: 5 }, " ", "there"] },
    { claim: "with its end long after it", body: ["hello there", { pauseMs: 10 }] },
  ])("that comes $claim reads the same whole and as a stream", async ({ body }) => {
    using upstream = new Upstream({ body } as Script);
    const session = directNetwork.open();
    expect(await read(session, upstream.url)).toBe("hello there");
    expect(await piecesOf((await post(session, upstream.url)).body)).toBe("hello there");
    const late = await post(session, upstream.url);
    await Bun.sleep(20);
    expect(await piecesOf(late.body)).toBe("hello there");
    expect(upstream.connections).toBe(1);
  });

  test("that ends with the connection is whole if that ends politely, and broken if not", async () => {
    using upstream = new Upstream();
    upstream.script(
      { body: ["hello", { pauseMs: 5 }, " there"], framing: "close" },
      { body: ["hello", { pauseMs: 5 }, " there"], framing: "close", cut: { after: 11, by: "rst" } },
    );
    const session = directNetwork.open();
    expect(await read(session, upstream.url)).toBe("hello there");
    expect(await errorOf(read(session, upstream.url))).toMatchObject({ fault: "reset", sent: true });
  });

  test("gives all that came before it broke off", async () => {
    using upstream = new Upstream({ body: ["hello", { pauseMs: 20 }, "x"], cut: { after: 5, by: "rst" } });
    const response = await post(directNetwork.open(), upstream.url);
    const reader = response.body!.getReader();
    await upstream.until(({ openConnections }) => openConnections === 0);
    await Bun.sleep(10);
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("hello");
    expect(await errorOf(reader.read())).toMatchObject({ fault: "reset", sent: true });
  });

  test("that nobody reads makes the sender wait, and goes on when it is read", async () => {
    const piece = Buffer.alloc(100_000, "x");
    using upstream = new Upstream({ body: Array.from({ length: 400 }, () => piece) });
    const response = await post(directNetwork.open(), upstream.url);
    const reader = response.body!.getReader();
    await reader.read();
    const request = upstream.requests[0]!;
    let before = -1;
    while (before !== request.bytesSent) {
      before = request.bytesSent;
      await Bun.sleep(50);
    }
    // What the kernel holds on both sides is a few megabytes.
    expect(before).toBeLessThan(20_000_000);
    let length = 100_000 * 400;
    reader.releaseLock();
    for await (const bytes of response.body!) length -= bytes.length;
    expect(length).toBeLessThan(600_000);
    expect(length).toBeGreaterThan(0);
  });

  test("is read whole however long it is", async () => {
    using upstream = new Upstream({ body: Buffer.alloc(20_000_000, "abcdefg") });
    const session = directNetwork.open();
    const response = await post(session, upstream.url);
    await Bun.sleep(50);
    expect(Bun.SHA1.hash(await response.bytes(), "hex")).toBe(Bun.SHA1.hash(Buffer.alloc(20_000_000, "abcdefg"), "hex"));
    await read(session, upstream.url);
    expect(upstream.connections).toBe(1);
  });

  test("that is longer than what is held, and comes whole before it is read, leaves a connection that works", async () => {
    using upstream = new Upstream({ body: "x".repeat(280_000) });
    const session = directNetwork.open();
    for (let turn = 0; turn < 3; turn++) {
      const response = await post(session, upstream.url);
      await Bun.sleep(10);
      expect((await piecesOf(response.body)).length).toBe(280_000);
    }
    expect(upstream.connections).toBe(1);
  });

  test("that is not wanted any more closes its connection", async () => {
    using upstream = new Upstream({ body: ["hello", { until: new Promise(() => {}) }] });
    const response = await post(directNetwork.open(), upstream.url);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(await upstream.requests[0]!.closed).toBe("client");
    expect((await reader.read()).done).toBe(true);
  });

  test.each([
    { coding: "gzip", pack: (text: string) => Bun.gzipSync(text) },
    { coding: "x-gzip", pack: (text: string) => Bun.gzipSync(text) },
    { coding: "deflate", pack: (text: string) => deflateSync(text) },
    { coding: "br", pack: (text: string) => brotliCompressSync(text) },
    { coding: "zstd", pack: (text: string) => zstdCompressSync(text) },
    { coding: "GZip", pack: (text: string) => Bun.gzipSync(text) },
    { coding: "identity", pack: (text: string) => Buffer.from(text) },
  ])("that is packed as $coding is unpacked, whole and as a stream, and not when it was cut", async ({ coding, pack }) => {
    const text = "hello there. ".repeat(1000);
    const packed = pack(text);
    using upstream = new Upstream({
      headers: { "content-encoding": coding },
      body: [packed.subarray(0, 20), { pauseMs: 5 }, packed.subarray(20)],
    });
    const session = directNetwork.open();
    const response = await post(session, upstream.url);
    expect([response.headers.get("content-encoding"), response.headers.get("content-length")]).toEqual([null, null]);
    expect(Buffer.from(await response.bytes()).toString()).toBe(text);
    expect(await piecesOf((await post(session, upstream.url)).body)).toBe(text);
    if (coding === "identity") return;
    upstream.answering = { headers: { "content-encoding": coding }, body: packed.subarray(0, packed.length - 5) };
    expect(await errorOf(read(session, upstream.url))).toMatchObject({ fault: "invalid-response", sent: true });
    expect(await errorOf(piecesOf((await post(session, upstream.url)).body))).toMatchObject({ fault: "invalid-response", sent: true });
    upstream.answering = { headers: { "content-encoding": coding }, body: "" };
    expect(await read(session, upstream.url)).toBe("");
    expect(await piecesOf((await post(session, upstream.url)).body)).toBe("");
  });

  test("that is packed and breaks off says that it broke off", async () => {
    const packed = Bun.gzipSync("hello");
    using upstream = new Upstream({
      headers: { "content-encoding": "gzip" },
      body: [packed.subarray(0, 12), { pauseMs: 5 }, "x"],
      cut: { after: 12, by: "rst" },
    });
    const session = directNetwork.open();
    expect(await errorOf(read(session, upstream.url))).toMatchObject({ fault: "reset" });
    expect(await errorOf(piecesOf((await post(session, upstream.url)).body))).toMatchObject({ fault: "reset" });
  });

  test("that is packed and not wanted any more closes its connection", async () => {
    const packed = Bun.gzipSync(crypto.getRandomValues(new Uint8Array(50_000)));
    using upstream = new Upstream({
      headers: { "content-encoding": "gzip" },
      body: [packed.subarray(0, 40_000), { until: new Promise(() => {}) }],
    });
    const reader = (await post(directNetwork.open(), upstream.url)).body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(await upstream.requests[0]!.closed).toBe("client");
  });

  test("that is packed in a way that nobody knows is refused", async () => {
    using upstream = new Upstream({ headers: { "content-encoding": "compress" }, body: "x" });
    expect(await errorOf(post(directNetwork.open(), upstream.url))).toMatchObject({ fault: "invalid-response", sent: true });
  });

  test("does not become endless by being unpacked", async () => {
    using upstream = new Upstream({ headers: { "content-encoding": "gzip" }, body: Bun.gzipSync(new Uint8Array(160 * 1024 * 1024)) });
    expect(await errorOf(read(directNetwork.open(), upstream.url))).toMatchObject({ fault: "invalid-response", sent: true });
  });
});

describe("an abort", () => {
  test("while it connects ends the waiting, and the connection when there is one", async () => {
    using upstream = new Upstream();
    const controller = new AbortController();
    const sent = post(directNetwork.open(), upstream.url, { signal: controller.signal });
    controller.abort("enough");
    expect(await errorOf(sent)).toBe("enough");
    await upstream.until(({ connections, openConnections }) => connections === 1 && openConnections === 0);
    expect(upstream.requests).toHaveLength(0);
  });

  test("while a stream is read drops what was not read, with its reason", async () => {
    using upstream = new Upstream({ body: ["hello", { until: new Promise(() => {}) }] });
    const controller = new AbortController();
    const reason = new Error("enough");
    const response = await post(directNetwork.open(), upstream.url, { signal: controller.signal });
    const reader = response.body!.getReader();
    await Bun.sleep(5);
    controller.abort(reason);
    expect(await errorOf(reader.read())).toBe(reason);
    expect(await errorOf(post(directNetwork.open(), upstream.url, { signal: controller.signal }))).toBe(reason);
    expect(await upstream.requests[0]!.closed).toBe("client");
  });

  test("after the answer is there takes nothing away, and leaves the connection alone", async () => {
    using upstream = new Upstream({ body: "hello" });
    const session = directNetwork.open();
    const controller = new AbortController();
    const response = await post(session, upstream.url, { signal: controller.signal });
    await Bun.sleep(5);
    controller.abort();
    expect(Buffer.from(await response.bytes()).toString()).toBe("hello");
    await read(session, upstream.url);
    expect(upstream.connections).toBe(1);
  });

  test("leaves no listener behind for each request", async () => {
    using upstream = new Upstream({ body: "x" });
    const session = directNetwork.open();
    const listeners = new Set<unknown>();
    const counting = Object.assign(Object.create(null) as object, {
      aborted: false,
      addEventListener: (_: string, listener: unknown) => void listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => void listeners.delete(listener),
    });
    const signal = counting as unknown as AbortSignal;
    for (let turn = 0; turn < 20; turn++) await read(session, upstream.url, { signal });
    upstream.answering = { raw: "", after: "rst" };
    await errorOf(post(session, upstream.url, { signal }));
    await errorOf(post(session, "http://127.0.0.1:1", { signal }));
    upstream.answering = { body: ["hello", { until: new Promise(() => {}) }] };
    const response = await post(session, upstream.url, { signal });
    expect(listeners.size).toBe(1);
    await response.body!.cancel();
    expect(listeners.size).toBe(0);
  });
});

describe("a connection that is not made", () => {
  test("in time is given up, and nothing was sent", async () => {
    // It accepts and then says nothing, so that the handshake never comes.
    using upstream = new Upstream(NEVER);
    const session = createDirectNetwork({ connectMsMax: 30 }).open();
    const error = await errorOf(post(session, upstream.url.replace("http:", "https:")));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ fault: "timed-out", sent: false });
    await upstream.until(({ openConnections }) => openConnections === 0);
  });

  test("since the other side hangs up in the handshake means that nothing was sent", async () => {
    const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: (socket) => void socket.end() } });
    expect(await errorOf(post(directNetwork.open(), `https://127.0.0.1:${server.port}`))).toMatchObject({ sent: false });
    server.stop(true);
  });
});

describe("what both transports understand", () => {
  test("they understand alike", async () => {
    const text = fc.string({ unit: "binary-ascii", maxLength: 200 });
    const name = fc.stringMatching(/^x-[a-z0-9-]{1,10}$/);
    const value = fc.stringMatching(/^[!-~]([ -~\xa1-\xff]{0,20}[!-~])?$/);
    const script = fc.record({
      status: fc.constantFrom(200, 201, 301, 400, 429, 500, 529),
      headers: fc.dictionary(name, value, { maxKeys: 4 }),
      body: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 6 })),
      framing: fc.constantFrom("length", "chunked", "close"),
    });
    using upstream = new Upstream();
    const sessions = [fetchNetwork.open(), directNetwork.open()];
    await fc.assert(
      fc.asyncProperty(script, async (seen) => {
        upstream.answering = seen as Script;
        const [expected, actual] = await Promise.all(
          sessions.map(async (session) => {
            const response = await post(session, upstream.url);
            const headers = Object.keys(seen.headers).map((header) => response.headers.get(header));
            return { status: response.status, headers, body: Buffer.from(await response.bytes()).toString("latin1") };
          }),
        );
        expect(actual).toEqual(expected!);
      }),
      { numRuns: 150 },
    );
  });

  test("whatever comes gives an answer or a clean error, and never another's bytes", async () => {
    const seed = "HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n3;x\r\nabc\r\n0\r\n\r\n";
    const damage = fc.record({
      at: fc.nat(seed.length),
      put: fc.constantFrom("\r", "\n", "\0", ":", "0", "f", "\r\n", " ", ""),
      removed: fc.nat(4),
    });
    using upstream = new Upstream();
    const session = directNetwork.open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(seed.length), { maxLength: 3 }),
        fc.constantFrom("fin", "rst"),
        async (damages, cuts, after) => {
          let text = seed;
          for (const { at, put, removed } of damages) text = text.slice(0, at) + put + text.slice(at + removed);
          const bytes = Buffer.from(text, "latin1");
          const places = [0, ...cuts.sort((a, b) => a - b)];
          upstream.script(
            { raw: places.map((place, index) => bytes.subarray(place, places[index + 1])), after: after as "fin" },
            { body: "next" },
          );
          const outcome = await read(session, upstream.url).catch((error) => {
            expect(networkErrorOf(error)).toBe(error);
            return undefined;
          });
          expect(typeof outcome === "string" || outcome === undefined).toBe(true);
          // A connection that was answered just before it was reset may still be taken for a good one.
          const next = await read(session, upstream.url).catch((error) => {
            expect(error).toMatchObject({ fault: "reset" });
            return "next";
          });
          expect(next).toBe("next");
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("a session for one address goes there whatever the name, and asks no proxy", async () => {
  using upstream = new Upstream({ body: "there" });
  using proxy = new Upstream({ body: "proxied" });
  const session = createDirectNetwork({ environment: { http_proxy: proxy.url } }).open({ address: "127.0.0.1" });
  const { signal } = new AbortController();
  const response = await session.send({ method: "GET", url: `http://site.example:${upstream.port}/x`, headers: {}, signal });
  expect(Buffer.from(await response.bytes()).toString()).toBe("there");
  expect(upstream.requests[0]?.headers.get("host")).toBe(`site.example:${upstream.port}`);
  expect(proxy.connections).toBe(0);
  const refused = session.send({ method: "GET", url: `http://user:password@site.example:${upstream.port}/x`, headers: {}, signal });
  expect(await refused.catch((error) => error)).toMatchObject({ fault: "other", sent: false });
  session.close();
});
