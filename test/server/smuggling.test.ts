import { describe, expect, test } from "bun:test";
import { say } from "./raw.ts";
import { run } from "./running.ts";

const HIDDEN_BODY = '{"model":"smuggled"}';
const HIDDEN = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${HIDDEN_BODY.length}\r\n\r\n${HIDDEN_BODY}`;

const HEAD = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const CHUNK = "2\r\n{}\r\n0\r\n\r\n";

/** Requests that two readers would cut at different places, with a second one behind the place where one of them cuts. */
const CORPUS: readonly (readonly [claim: string, text: string])[] = [
  ["a length and chunks", `${HEAD}Content-Length: ${CHUNK.length + HIDDEN.length}\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNK}${HIDDEN}`],
  ["chunks and a length", `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${CHUNK}${HIDDEN}`],
  ["two lengths", `${HEAD}Content-Length: 2\r\nContent-Length: ${2 + HIDDEN.length}\r\n\r\n{}${HIDDEN}`],
  ["two lengths, the longer first", `${HEAD}Content-Length: ${2 + HIDDEN.length}\r\nContent-Length: 2\r\n\r\n{}${HIDDEN}`],
  ["a list of lengths", `${HEAD}Content-Length: 2, ${2 + HIDDEN.length}\r\n\r\n{}${HIDDEN}`],
  ...["+2", "-2", "0x2", "2 2", "2;", "2.0", "2e0", "", "٢", "18446744073709551618"].map(
    (length) => [`the length "${length}"`, `${HEAD}Content-Length: ${length}\r\n\r\n{}${HIDDEN}`] as const,
  ),
  ...[
    "xchunked",
    "chunked, identity",
    "identity, chunked",
    "chunked, chunked",
    "chun\tked",
    '"chunked"',
    "gzip, chunked",
    "chunked;q=1",
    "x",
  ].map((coding) => [`the coding "${coding}"`, `${HEAD}Content-Length: 2\r\nTransfer-Encoding: ${coding}\r\n\r\n{}${HIDDEN}`] as const),
  ...[
    "Transfer-Encoding :",
    "Transfer-Encoding\t:",
    " Transfer-Encoding:",
    "Transfer_Encoding:",
    "Transfer-Encoding\0:",
    "X: y\nTransfer-Encoding:",
    "X: y\rTransfer-Encoding:",
  ].map(
    (name) =>
      [
        `the name ${JSON.stringify(name)}`,
        `${HEAD}${name} chunked\r\nContent-Length: ${CHUNK.length + HIDDEN.length}\r\n\r\n${CHUNK}${HIDDEN}`,
      ] as const,
  ),
  [
    "a header that goes on in the next line",
    `${HEAD}X: y\r\n Content-Length: 2\r\nContent-Length: ${2 + HIDDEN.length}\r\n\r\n{}${HIDDEN}`,
  ],
  ["lines without their return", `${HEAD.replaceAll("\r\n", "\n")}Content-Length: ${2 + HIDDEN.length}\n\n{}${HIDDEN}`],
  ...["+2", "-2", "0x2", "2 ", " 2", "2\0", "g", "ffffffffffffffff2", ""].map(
    (size) =>
      [
        `a chunk of the size ${JSON.stringify(size)}`,
        `${HEAD}Transfer-Encoding: chunked\r\n\r\n${size}\r\n{}\r\n0\r\n\r\n${HIDDEN}`.replace(
          "0\r\n\r\nPOST",
          `${(HIDDEN.length + 7).toString(16)}\r\n0\r\n\r\nPOST`,
        ),
      ] as const,
  ),
  ["a chunk whose end is missing", `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n${HIDDEN}`],
  ["a chunk that is longer than it says", `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${HIDDEN}`],
  ["a last chunk without its end", `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX${HIDDEN}`],
  ["a second host", `${HEAD}Host: other\r\nContent-Length: ${2 + HIDDEN.length}\r\n\r\n{}${HIDDEN}`],
  [
    "chunks of HTTP/1.0",
    `${HEAD.replace("1.1", "1.0")}Transfer-Encoding: chunked\r\nContent-Length: ${CHUNK.length + HIDDEN.length}\r\n\r\n${CHUNK}${HIDDEN}`,
  ],
  [
    "an upgrade that nobody asked for",
    `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  ],
  ["a body of a GET", `GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
];

describe("what two readers would cut at different places", () => {
  test.each(CORPUS.map(([claim, text]) => [claim, text] as const))("holds no second request: %s", async (_, text) => {
    using running = run();
    await say(running.port, text, { limitMs: 300 });
    const hidden = running.received.filter(({ body }) => Buffer.from(body).toString() === HIDDEN_BODY);
    expect(hidden.length).toBe(0);
  });

  test("and what everybody cuts alike holds two, so that the above could have failed", async () => {
    using running = run();
    await say(running.port, `${HEAD}Content-Length: 2\r\n\r\n{}${HIDDEN}`, { limitMs: 300 });
    expect(running.received.map(({ body }) => Buffer.from(body).toString())).toEqual(["{}", HIDDEN_BODY]);
  });
});
