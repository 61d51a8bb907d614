import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MalformedResponse } from "../../../src/world/direct/malformed-response.ts";
import type { ResponseHead } from "../../../src/world/direct/response-head.ts";
import { ResponseParser } from "../../../src/world/direct/response-parser.ts";

/** What a parser made of the bytes. */
interface Outcome {
  readonly status?: number;
  readonly body: string;
  readonly state: "whole" | "open" | "until the end" | "malformed";
  readonly hasMore: boolean;
}

function parse(pieces: readonly Uint8Array[]): Outcome & { readonly head?: ResponseHead; readonly pushes: number } {
  let head: ResponseHead | undefined;
  let [isEnded, hasMore, isMalformed, pushes] = [false, false, false, 0];
  const body: Buffer[] = [];
  const parser = new ResponseParser({
    onHead: (seen) => {
      expect(head).toBeUndefined();
      head = seen;
    },
    onBody: (bytes) => {
      expect(head).toBeDefined();
      expect(isEnded).toBe(false);
      expect(bytes.length).toBeGreaterThan(0);
      pushes++;
      body.push(Buffer.from(bytes));
    },
    onEnd: () => {
      expect(head).toBeDefined();
      expect(isEnded).toBe(false);
      isEnded = true;
    },
  });
  try {
    for (const piece of pieces) {
      hasMore ||= parser.push(Buffer.from(piece));
      if (isEnded && hasMore) break;
    }
  } catch (error) {
    if (!(error instanceof MalformedResponse)) throw error;
    isMalformed = true;
  }
  const state = isMalformed ? "malformed" : isEnded ? "whole" : parser.endsWithConnection ? "until the end" : "open";
  return { ...(head && { head, status: head.status }), body: Buffer.concat(body).toString("latin1"), state, hasMore, pushes };
}

const bytesOf = (text: string) => Buffer.from(text, "latin1");
const comparable = ({ status, body, state, hasMore }: Outcome) => ({ status, body, state, hasMore });
const cut = (bytes: Uint8Array, at: readonly number[]) => {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
};

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const ok = (headers: string, rest = "") => `HTTP/1.1 200 OK\r\n${headers}\r\n${rest}`;

describe("a response", () => {
  test.each([
    { claim: "with a length ends after it", text: ok("content-length: 5\r\n", "hello"), body: "hello" },
    { claim: "of no length is whole with its head", text: ok("content-length: 0\r\n"), body: "" },
    { claim: "may say its length twice, if it says the same", text: ok("content-length: 2\r\nContent-Length: 2\r\n", "hi"), body: "hi" },
    { claim: "in chunks is put together", text: `${CHUNKED}5\r\nhello\r\n6;a=b;c="d"\r\n there\r\n0\r\n\r\n`, body: "hello there" },
    { claim: "may have zeros before a chunk's size", text: `${CHUNKED}0005\r\nhello\r\n000\r\n\r\n`, body: "hello" },
    { claim: "may have trailers", text: `${CHUNKED}1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n`, body: "x" },
    {
      claim: "may write coding and size in any case",
      text: ok("TRANSFER-ENCODING: Chunked\r\n", "A\r\n0123456789\r\n0\r\n\r\n"),
      body: "0123456789",
    },
    { claim: "that is 204 has no body, whatever it says", text: "HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\n", body: "" },
    { claim: "that is 304 has no body, whatever it says", text: "HTTP/1.1 304 No\r\ntransfer-encoding: chunked\r\n\r\n", body: "" },
    { claim: "may need no reason", text: "HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx", body: "x" },
    {
      claim: "comes after those that are none yet",
      text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n${ok("content-length: 1\r\n", "x")}`,
      body: "x",
    },
  ])("$claim, wherever it is cut", ({ text, body }) => {
    const bytes = bytesOf(text);
    for (let at = 0; at <= bytes.length; at++) {
      expect(comparable(parse([bytes.subarray(0, at), bytes.subarray(at)]))).toMatchObject({ state: "whole", body, hasMore: false });
    }
    expect(parse([...bytes].map((byte) => Buffer.of(byte)))).toMatchObject({ state: "whole", body, hasMore: false });
    for (let at = 0; at < bytes.length; at++) expect(parse([bytes.subarray(0, at)]).state).toBe("open");
    expect(parse([bytesOf(`${text}H`)])).toMatchObject({ state: "whole", body, hasMore: true });
  });

  test("without either goes on until the connection ends", () => {
    expect(parse([bytesOf(ok("", "hel")), bytesOf("lo")])).toMatchObject({ state: "until the end", body: "hello", hasMore: false });
  });

  test("hands on the events of one read in one piece", () => {
    const events = Array.from({ length: 50 }, (_, index) => `data: ${index}\n\n`);
    const text = CHUNKED + events.map((event) => `${event.length.toString(16)}\r\n${event}\r\n`).join("");
    expect(parse([bytesOf(text)])).toMatchObject({ body: events.join(""), pushes: 1 });
  });

  test("hands on what came before the nonsense", () => {
    expect(parse([bytesOf(`${CHUNKED}5\r\nhello\r\nZZ\r\n`)])).toMatchObject({ state: "malformed", body: "hello" });
  });

  test.each([
    { claim: "another protocol", text: "HTTP/2 200 OK\r\n\r\n" },
    { claim: "a version that is none", text: "HTTP/1.2 200 OK\r\n\r\n" },
    { claim: "no HTTP", text: "220 mail.example ESMTP\r\n" },
    { claim: "no HTTP, before it ends a line", text: "SSH-2.0" },
    { claim: "a status that is no number", text: "HTTP/1.1 2x0 OK\r\n\r\n" },
    { claim: "a status below 100", text: "HTTP/1.1 099 OK\r\n\r\n" },
    { claim: "a status of four digits", text: "HTTP/1.1 2000 OK\r\n\r\n" },
    { claim: "another protocol that nobody asked for", text: "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n" },
    { claim: "an end to the waiting that never comes", text: "HTTP/1.1 100 Continue\r\n\r\n".repeat(17) },
    { claim: "a NUL in the reason", text: "HTTP/1.1 200 O\0K\r\n\r\n" },
    { claim: "a value that goes on in the next line", text: ok("a: b\r\n c\r\n") },
    { claim: "a header without a name", text: ok(": b\r\n") },
    { claim: "a header without a colon", text: ok("abc\r\n") },
    { claim: "a blank before the colon", text: ok("content-length : 5\r\n", "hello") },
    { claim: "a name with a blank in it", text: ok("a b: c\r\n") },
    { claim: "a name that is not ASCII", text: ok("\xe4: c\r\n") },
    { claim: "a value with a NUL", text: ok("a: b\0c\r\n") },
    { claim: "a value with a bare CR", text: ok("a: b\rc\r\n") },
    { claim: "a line that ends without a CR", text: "HTTP/1.1 200 OK\ncontent-length: 5\n\nhello" },
    { claim: "one such line among others", text: ok("a: b\ncontent-length: 5\r\n", "hello") },
    { claim: "two lengths that differ", text: ok("content-length: 5\r\ncontent-length: 6\r\n", "hello!") },
    { claim: "two lengths in one", text: ok("content-length: 5, 5\r\n", "hello") },
    { claim: "a length with a sign", text: ok("content-length: +5\r\n", "hello") },
    { claim: "a length below nothing", text: ok("content-length: -1\r\n") },
    { claim: "a length that is none", text: ok("content-length: \r\n") },
    { claim: "a length in another base", text: ok("content-length: 0x5\r\n", "hello") },
    { claim: "a length beyond counting", text: ok("content-length: 9999999999999999\r\n") },
    { claim: "both a length and chunks", text: ok("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n") },
    { claim: "two codings", text: ok("transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n") },
    { claim: "chunks said twice", text: ok("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n") },
    { claim: "a coding that is none", text: ok("transfer-encoding: identity\r\n") },
    { claim: "a chunk without a size", text: `${CHUNKED}\r\nhello` },
    { claim: "a chunk's size with a sign", text: `${CHUNKED}+5\r\nhello\r\n` },
    { claim: "a chunk's size in the way of programs", text: `${CHUNKED}0x5\r\nhello\r\n` },
    { claim: "a chunk's size with a blank", text: `${CHUNKED}5 \r\nhello\r\n` },
    { claim: "a chunk's size beyond counting", text: `${CHUNKED}11111111111111\r\n` },
    { claim: "a chunk's size that ends without a CR", text: `${CHUNKED}5\nhello\r\n` },
    { claim: "a chunk's size that ends without an LF", text: `${CHUNKED}5\rhello\r\n` },
    { claim: "a chunk that is longer than it says", text: `${CHUNKED}4\r\nhello\r\n` },
    { claim: "an extension with a line's end", text: `${CHUNKED}5;a\nb\r\nhello\r\n` },
    { claim: "an extension without end", text: `${CHUNKED}5;${"x".repeat(5000)}` },
    { claim: "a trailer that ends without a CR", text: `${CHUNKED}0\r\na: b\n\r\n` },
    { claim: "trailers without end", text: `${CHUNKED}0\r\n${"a: b\r\n".repeat(5000)}` },
    { claim: "a head without end", text: ok("a: b\r\n".repeat(12000)) },
    { claim: "a head of one endless line", text: `HTTP/1.1 200 ${"x".repeat(70000)}` },
  ])("is refused for $claim, wherever it is cut", ({ text }) => {
    const bytes = bytesOf(text);
    expect(parse([bytes]).state).toBe("malformed");
    expect(parse(text.length > 500 ? cut(bytes, [1, 9, 300, 5000, 66000]) : [...bytes].map((byte) => Buffer.of(byte))).state).toBe(
      "malformed",
    );
  });

  const random = fc.array(fc.nat(400), { maxLength: 12 });

  test("means the same wherever it is cut", () => {
    const chunk = fc
      .tuple(fc.string({ minLength: 1, maxLength: 30, unit: "binary-ascii" }), fc.constantFrom("", ";a", ";b=c"))
      .map(([text, extension]) => `${text.length.toString(16)}${extension}\r\n${text}\r\n`);
    const chunked = fc.array(chunk, { maxLength: 6 }).map((chunks) => `${CHUNKED}${chunks.join("")}0\r\n\r\n`);
    const sized = fc.string({ maxLength: 60, unit: "binary-ascii" }).map((text) => ok(`content-length: ${text.length}\r\n`, text));
    fc.assert(
      fc.property(fc.oneof(chunked, sized), random, (text, places) => {
        const bytes = bytesOf(text);
        const whole = comparable(parse([bytes]));
        expect(whole.state).toBe("whole");
        expect(comparable(parse(cut(bytes, places)))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test("that was damaged means the same wherever it is cut, and never throws anything else", () => {
    const seeds = [
      `${CHUNKED}5\r\nhello\r\n6;a=b\r\n there\r\n0\r\nA: b\r\n\r\n`,
      ok("content-length: 5\r\nx: y\r\nconnection: keep-alive\r\n", "hello"),
      `HTTP/1.1 100 Continue\r\n\r\n${ok("content-type: text/event-stream\r\n", "data: 1\n\n")}`,
    ].map(bytesOf);
    const damage = fc.record({
      at: fc.nat(200),
      with: fc.constantFrom(..."\r\n\0 :;,0aFgx\x7f\xff".split(""), "\r\n", "\r\n\r\n", "content-length: 3\r\n"),
      removed: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(damage, { minLength: 1, maxLength: 3 }), random, (seed, damages, places) => {
        let text = seed.toString("latin1");
        for (const { at, with: put, removed } of damages) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + put + text.slice(place + removed);
        }
        const bytes = bytesOf(text);
        const whole = comparable(parse([bytes]));
        const pieces = comparable(parse(cut(bytes, places)));
        expect(pieces).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("ResponseHead", () => {
  const headOf = (headers: string, version = "1.1") => parse([bytesOf(`HTTP/${version} 200 OK\r\n${headers}\r\n`)]).head!;

  test("finds a header in any case, without the blanks around it, and joins several", () => {
    const head = headOf("Content-Type:\t text/plain; a=b \r\nX-A: 1\r\nx-a:2\r\nx-a-b: 3\r\nempty:\r\nlatin: \xa0\xe4\xa0\r\n");
    expect(head.get("content-type")).toBe("text/plain; a=b");
    expect(head.get("CONTENT-TYPE")).toBe("text/plain; a=b");
    expect(head.get("x-a")).toBe("1, 2");
    expect(head.get("empty")).toBe("");
    expect(head.get("latin")).toBe("\xa0\xe4\xa0");
    for (const absent of ["a", "type", "content", "", "x", "http/1.1 200 ok", "text/plain"]) expect(head.get(absent)).toBeNull();
  });

  test("takes no value for a name", () => {
    expect(headOf("a: b: c\r\nd: x-e: f\r\n").get("x-e")).toBeNull();
    expect(headOf("a: b: c\r\n").get("b")).toBeNull();
  });

  test("keeps to itself how the body was packed, once it is unpacked", () => {
    const head = headOf("Content-Encoding: GZIP\r\ncontent-length: 5\r\n");
    expect(head).toMatchObject({ contentEncoding: "gzip", length: 5 });
    expect([head.get("Content-Encoding"), head.get("content-length")]).toEqual([null, null]);
    expect(headOf("content-length: 5\r\n").get("content-length")).toBe("5");
  });

  test.each([
    { headers: "", keepsAlive: true },
    { headers: "connection: close\r\n", keepsAlive: false },
    { headers: "Connection: x, Close\r\n", keepsAlive: false },
    { headers: "connection: keep-alive\r\nconnection: close\r\n", keepsAlive: false },
    { headers: "connection: closed\r\n", keepsAlive: true },
    { headers: "", version: "1.0", keepsAlive: false },
    { headers: "connection: keep-alive\r\n", version: "1.0", keepsAlive: true },
    { headers: "connection: keep-alive\r\ntransfer-encoding: chunked\r\n", version: "1.0", keepsAlive: false },
    { headers: "keep-alive: timeout=5, max=100\r\n", keepsAlive: true, keepAliveS: 5 },
    { headers: "keep-alive: max=100\r\n", keepsAlive: true, keepAliveS: undefined },
  ])("whether the connection is kept, and for how long: %j", ({ headers, version, ...expected }) => {
    expect(headOf(headers, version)).toMatchObject(expected);
  });
});
