import type { ClientFormat } from "./client-formats.ts";

/** What a client sends, in pieces, and what it does then. */
export interface ClientScript {
  readonly pieces: readonly (string | Uint8Array | { readonly pauseMs: number })[];
  /** When the client breaks the connection, or closes its half; it reads to the end if it does neither. */
  readonly leaves?: { readonly when: "sent" | "asked" | "answering"; readonly by: "reset" | "half-close" };
}

/** What a client may do to the gateway. */
export interface ClientFault {
  readonly name: string;
  /** Status and names of the refusal; `answer` if it is served; `nothing` if nobody is there to be told. */
  readonly expects: { readonly status: number; readonly kinds: readonly string[] } | "answer" | "nothing";
  /** Whether the gateway refuses it before it looks at formats, in bare HTTP. */
  readonly bare?: boolean;
  /** What the provider does: it gives a good answer, never begins one, or says a word and no more. Default: good. */
  readonly provider?: "good" | "silent" | "first-word";
  /** Whether the provider is asked at all. Default: only where there is an answer. */
  readonly asked?: boolean;
  readonly applies?: (client: ClientFormat, stream: boolean) => boolean;
  script(request: ClientRequest): ClientScript;
}

/** A good request, to be spoilt. */
export interface ClientRequest {
  readonly path: string;
  readonly json: string;
  readonly client: ClientFormat;
}

const head = (path: string, headers: readonly string[]): string => `POST ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
const HOST = "host: localhost";
const TYPE = "content-type: application/json";
const CLOSE = "connection: close";
const lengthOf = (body: string | Uint8Array): string => `content-length: ${Buffer.byteLength(body)}`;

/** The request with another body. */
const withBody = (make: (json: string) => string | Uint8Array) => {
  return ({ path, json }: ClientRequest): ClientScript => {
    const body = make(json);
    return { pieces: [head(path, [HOST, TYPE, CLOSE, lengthOf(body)]), body] };
  };
};

/** The request with other headers. */
const withHeaders = (...headers: readonly string[]) => {
  return ({ path, json }: ClientRequest): ClientScript => ({ pieces: [head(path, [...headers, lengthOf(json)]) + json] });
};

const BAD_JSON = { status: 400, kinds: ["malformed_json", "invalid_request"] };
const BARE = (status: number): ClientFault["expects"] => ({ status, kinds: [] });
const inBody = ({ wire }: ClientFormat): boolean => wire !== "gemini-generate";

/** Server-side limit of the suite's gateways. Bytes. */
export const BODY_BYTES_MAX = 1_000_000;

const whole = withBody((json) => json);
const leaving = (when: "asked" | "answering", by: "reset" | "half-close") => {
  return (request: ClientRequest): ClientScript => ({ ...whole(request), leaves: { when, by } });
};

/** §2.4: the client's side. */
export const CLIENT_FAULTS: readonly ClientFault[] = [
  { name: "no body", expects: BAD_JSON, script: withBody(() => "") },
  { name: "no JSON", expects: BAD_JSON, script: withBody(() => "hello") },
  { name: "half of its JSON", expects: BAD_JSON, script: withBody((json) => json.slice(0, -5)) },
  { name: "more behind its JSON", expects: BAD_JSON, script: withBody((json) => `${json} x`) },
  { name: "a list", expects: BAD_JSON, script: withBody((json) => `[${json}]`) },
  {
    name: "a hundred thousand brackets",
    expects: BAD_JSON,
    script: withBody((json) => `${json.slice(0, -1)},"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
  },
  {
    name: "bytes that are no letters",
    expects: BAD_JSON,
    script: withBody((json) => Buffer.from(json.replace('"hi"', '"\xff\xfe"'), "latin1")),
  },
  {
    name: "its model twice",
    expects: BAD_JSON,
    applies: inBody,
    script: withBody((json) => `${json.slice(0, -1)},"model":"another"}`),
  },
  {
    name: "no model",
    expects: { status: 400, kinds: ["invalid_model", "invalid_request"] },
    applies: inBody,
    script: withBody((json) => json.replace(/"model":"[^"]*",?/, "")),
  },
  {
    name: "a number for its model",
    expects: { status: 400, kinds: ["invalid_model", "invalid_request"] },
    applies: inBody,
    script: withBody((json) => json.replace(/"model":"[^"]*"/, '"model":7')),
  },
  {
    name: "a model that nobody has",
    expects: { status: 400, kinds: ["invalid_model"] },
    applies: inBody,
    script: withBody((json) => json.replace(/"model":"[^"]*"/, '"model":"nobody/has"')),
  },
  {
    name: "plain text by its type",
    expects: { status: 415, kinds: ["unsupported_media_type"] },
    script: withHeaders(HOST, CLOSE, "content-type: text/plain"),
  },
  {
    name: "a packed body",
    expects: { status: 415, kinds: ["unsupported_media_type"] },
    script: withHeaders(HOST, CLOSE, TYPE, "content-encoding: gzip"),
  },
  {
    name: "too long by its own word",
    expects: { status: 413, kinds: ["request_too_large"] },
    script: ({ path }) => ({ pieces: [head(path, [HOST, TYPE, CLOSE, `content-length: ${BODY_BYTES_MAX + 1}`])] }),
  },
  {
    name: "too long, chunk by chunk",
    expects: { status: 413, kinds: ["request_too_large"] },
    script: ({ path }) => ({
      pieces: [
        head(path, [HOST, TYPE, CLOSE, "transfer-encoding: chunked"]),
        `${(BODY_BYTES_MAX + 8).toString(16)}\r\n`,
        " ".repeat(BODY_BYTES_MAX + 8),
      ],
    }),
  },
  { name: "a host with a path", expects: BARE(400), bare: true, script: withHeaders("host: a/admin?x=", CLOSE, TYPE) },
  { name: "two hosts", expects: BARE(400), bare: true, script: withHeaders(HOST, "host: other", CLOSE, TYPE) },
  {
    name: "two lengths of its body",
    expects: BARE(400),
    bare: true,
    script: ({ path, json }) => ({ pieces: [head(path, [HOST, TYPE, CLOSE, lengthOf(json), "content-length: 3"]) + json] }),
  },
  {
    name: "a length and chunks",
    expects: BARE(400),
    bare: true,
    script: ({ path, json }) => ({
      pieces: [`${head(path, [HOST, TYPE, CLOSE, "content-length: 4", "transfer-encoding: chunked"])}0\r\n\r\n${json}`],
    }),
  },
  { name: "a header of 20 KB", expects: BARE(431), bare: true, script: withHeaders(HOST, CLOSE, TYPE, `x-long: ${"a".repeat(20_000)}`) },
  {
    name: "a GET",
    // Below the paths of Google\'s models single ones can be asked for.
    applies: inBody,
    expects: { status: 405, kinds: ["method_not_allowed"] },
    script: ({ path }) => ({ pieces: [`GET ${path} HTTP/1.1\r\n${HOST}\r\n${CLOSE}\r\n\r\n`] }),
  },
  { name: "a mark of the byte order", expects: BAD_JSON, script: withBody((json) => `\ufeff${json}`) },
  {
    name: "one piece after the other",
    expects: "answer",
    script: ({ path, json }) => ({
      pieces: [
        head(path, [HOST, TYPE, CLOSE, lengthOf(json)]),
        ...[...json].flatMap((letter, at) => (at % 20 === 0 ? [{ pauseMs: 5 }, letter] : [letter])),
      ],
    }),
  },
  {
    name: "chunks",
    expects: "answer",
    script: ({ path, json }) => ({
      pieces: [
        head(path, [HOST, TYPE, CLOSE, "transfer-encoding: chunked"]),
        ...[...Buffer.from(json)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`),
        "0\r\n\r\n",
      ],
    }),
  },
  { name: "expecting 100", expects: "answer", script: withHeaders(HOST, CLOSE, TYPE, "expect: 100-continue") },
  { name: "no type", expects: "answer", script: withHeaders(HOST, CLOSE) },
  {
    name: "headers that go nowhere",
    expects: "answer",
    script: withHeaders(
      HOST,
      CLOSE,
      TYPE,
      "cookie: client-canary-31b8",
      "x-forwarded-for: client-canary-31b8",
      "proxy-authorization: client-canary-31b8",
      "authorization: Bearer client-canary-31b8",
    ),
  },
  {
    name: "leaves within its body",
    expects: "nothing",
    script: ({ path, json }) => ({
      pieces: [head(path, [HOST, TYPE, lengthOf(json)]), json.slice(0, 10)],
      leaves: { when: "sent", by: "reset" },
    }),
  },
  { name: "leaves before the head", expects: "nothing", provider: "silent", asked: true, script: leaving("asked", "reset") },
  { name: "closes its half before the head", expects: "nothing", provider: "silent", asked: true, script: leaving("asked", "half-close") },
  {
    name: "leaves after the first word",
    expects: "nothing",
    provider: "first-word",
    asked: true,
    applies: (_, stream) => stream,
    script: leaving("answering", "reset"),
  },
  {
    name: "closes its half after the first word",
    expects: "nothing",
    provider: "first-word",
    asked: true,
    applies: (_, stream) => stream,
    script: leaving("answering", "half-close"),
  },
];
