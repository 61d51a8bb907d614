import { NEVER, type Piece, type Script } from "../support/upstream.ts";
import type { Phase } from "./contract.ts";
import { type ProviderFormat, WORDS } from "./provider-formats.ts";

/** What a provider may do to the gateway: one row of the catalogue of failures. */
export interface UpstreamFault {
  readonly name: string;
  /** Kinds of answers that it makes sense for. */
  readonly on: "stream" | "whole" | "both";
  readonly phase: Phase;
  /** The gateway's name for it; undefined only where it is no failure. */
  readonly kind?: string | ((format: ProviderFormat) => string);
  /** The client's status, where it is the provider's own. */
  readonly status?: number | ((format: ProviderFormat) => number);
  /** What the client is told to wait. Seconds; undefined for nothing. */
  readonly retryAfterS?: number;
  /** The words of the answer that the client must have got before the break. */
  readonly words?: (format: ProviderFormat) => number;
  /** Whether a client of the provider's own format gets the provider's own words. */
  readonly ownWords?: boolean;
  /** Formats that it makes sense for. Default: all. */
  readonly applies?: (format: ProviderFormat, isVerbatim: boolean) => boolean;
  /** Whether the gateway has to lose patience, so that it gets little of it. */
  readonly slow?: "first" | "silence";
  /** Where the provider lives, if it is not at the suite's upstream. */
  readonly place?: "nowhere" | "no-name" | "self-signed" | "no-tls" | "tls-stall";
  /** What is answered before the fault, to a request like any other. */
  readonly warm?: (format: ProviderFormat, stream: boolean) => Script;
  script?(format: ProviderFormat, stream: boolean, rig: FaultRig): Script;
}

/** What scripts may need to know. */
export interface FaultRig {
  /** An address that must never be called. */
  readonly canaryUrl: string;
  /** The provider's credential, for those that repeat it. */
  readonly secret: string;
}

const JSON_TYPE = { "content-type": "application/json" };

/** A good answer, in the form that was asked for. */
export function good(format: ProviderFormat, stream: boolean): Script {
  return stream ? events(format, format.events) : { headers: JSON_TYPE, body: format.whole };
}

function events(format: ProviderFormat, body: readonly Piece[], more: Script = {}): Script {
  return { headers: { "content-type": format.streamType }, body, ...more };
}

const before = (format: ProviderFormat): readonly string[] => format.events.slice(0, format.first);
/** Up to so many words. */
const upTo = (format: ProviderFormat, words: number): readonly string[] => format.events.slice(0, format.first + words);
/** All but the format's own end. */
const unended = (format: ProviderFormat): readonly string[] => format.events.slice(0, format.end);

const refusal =
  (status: number, headers: Record<string, string> = {}, message = "no", name?: string) =>
  (format: ProviderFormat): Script => ({ status, headers: { ...JSON_TYPE, ...headers }, body: format.errorBody(status, message, name) });

const limited = (name: string, headers: Record<string, string>, retryAfterS: number): UpstreamFault => ({
  name: `429, ${name}`,
  on: "both",
  phase: "key",
  kind: "rate_limited",
  retryAfterS,
  script: refusal(429, headers, "slow down", "rate_limit_exceeded"),
});

const isoIn = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** §2.2: the connection and the head of the answer. */
const CONNECTION: readonly UpstreamFault[] = [
  { name: "connection refused", on: "both", phase: "untouched", kind: "upstream_unreachable", place: "nowhere" },
  { name: "no such name", on: "both", phase: "untouched", kind: "upstream_unreachable", place: "no-name" },
  { name: "certificate that nobody vouches for", on: "both", phase: "untouched", kind: "upstream_unreachable", place: "self-signed" },
  { name: "TLS where none is spoken", on: "both", phase: "untouched", kind: "upstream_unreachable", place: "no-tls" },
  { name: "TLS that never answers", on: "both", phase: "ambiguous", kind: "upstream_timeout", place: "tls-stall", slow: "first" },
  { name: "silence", on: "both", phase: "ambiguous", kind: "upstream_timeout", slow: "first", script: () => NEVER },
  {
    name: "a head, then silence",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_timeout",
    slow: "first",
    script: (format, stream) => ({
      headers: { "content-type": stream ? format.streamType : "application/json" },
      body: [],
      after: "stall",
    }),
  },
  {
    name: "pings and no content",
    on: "stream",
    phase: "ambiguous",
    kind: "upstream_timeout",
    slow: "first",
    script: (format) =>
      events(format, [...before(format), ...Array.from({ length: 40 }, (): Piece[] => [format.ping, { pauseMs: 25 }]).flat()], {
        after: "stall",
      }),
  },
  { name: "reset before the head", on: "both", phase: "reset", kind: "upstream_reset", script: () => ({ raw: "", after: "rst" }) },
  { name: "closed before the head", on: "both", phase: "reset", kind: "upstream_reset", script: () => ({ raw: "", after: "fin" }) },
  {
    name: "cut within the head",
    on: "both",
    phase: "reset",
    kind: "upstream_reset",
    script: () => ({ raw: "HTTP/1.1 200 OK\r\ncontent-ty", after: "rst" }),
  },
  {
    name: "a kept connection that breaks at its next use",
    on: "both",
    phase: "reset",
    kind: "upstream_reset",
    warm: good,
    script: () => ({ raw: "", after: "rst" }),
  },
  { name: "no HTTP", on: "both", phase: "ambiguous", kind: "upstream_invalid", script: () => ({ raw: "nonsense\r\n\r\n", after: "fin" }) },
  ...[500, 501, 502, 504, 520, 524, 599].map(
    (status): UpstreamFault => ({
      name: String(status),
      on: "both",
      phase: "ambiguous",
      kind: "upstream_failed",
      status,
      script: refusal(status),
    }),
  ),
  {
    name: "500 with a web page",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_failed",
    status: 500,
    script: () => ({ status: 500, headers: { "content-type": "text/html" }, body: "<html>Internal Server Error</html>" }),
  },
  {
    name: "500 whose body never ends",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_failed",
    status: 500,
    slow: "first",
    script: () => ({ status: 500, headers: JSON_TYPE, body: ['{"error":'], after: "stall" }),
  },
  { name: "503", on: "both", phase: "untouched", kind: "upstream_overloaded", script: refusal(503) },
  {
    name: "503 with a time",
    on: "both",
    phase: "untouched",
    kind: "upstream_overloaded",
    retryAfterS: 7,
    script: refusal(503, { "retry-after": "7" }),
  },
  { name: "529", on: "both", phase: "untouched", kind: "upstream_overloaded", script: refusal(529, {}, "Overloaded", "overloaded_error") },
  { name: "408", on: "both", phase: "ambiguous", kind: "upstream_timeout", script: refusal(408) },
  limited("seconds", { "retry-after": "30" }, 30),
  limited("milliseconds", { "retry-after-ms": "1500" }, 2),
  limited("both, of which the finer one counts", { "retry-after-ms": "4200", "retry-after": "60" }, 5),
  limited(
    "a date beside the provider's own",
    { date: "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "Thu, 01 Jan 2026 00:00:40 GMT" },
    40,
  ),
  limited("a time that has passed", { "retry-after": "-5" }, 0),
  limited("a year", { "retry-after": "31536000" }, 3600),
  limited("a word that is no time", { "retry-after": "soon" }, 1),
  limited("nothing", {}, 1),
  limited("OpenAI's durations", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s" }, 62),
  {
    ...limited("Anthropic's instants", {}, 45),
    script: (format) =>
      refusal(429, {
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": isoIn(45_000),
      })(format),
  },
  {
    ...limited("Google's words in the body", {}, 46),
    applies: ({ wire }) => wire === "gemini-generate",
    script: () => ({
      status: 429,
      headers: JSON_TYPE,
      body: JSON.stringify({
        error: {
          code: 429,
          message: "quota",
          status: "RESOURCE_EXHAUSTED",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "45.837906927s" }],
        },
      }),
    }),
  },
  {
    ...limited("told by a 403", {}, 1),
    applies: ({ wire }) => wire !== "ollama-chat",
    script: refusal(403, {}, "quota", "quota_exceeded"),
  },
  ...[401, 402, 403].map(
    (status): UpstreamFault => ({ name: String(status), on: "both", phase: "key", kind: "upstream_auth", script: refusal(status) }),
  ),
  {
    name: "401 that repeats the key",
    on: "both",
    phase: "key",
    kind: "upstream_auth",
    script: (format, _, { secret }) => refusal(401, {}, `Incorrect API key provided: ${secret}.`)(format),
  },
  {
    name: "400 that repeats the key",
    on: "both",
    phase: "request",
    kind: "upstream_rejected",
    status: 400,
    ownWords: true,
    script: (format, _, { secret }) => refusal(400, {}, `The header said ${secret}, and the request is bad.`, "bad_request")(format),
  },
  {
    name: "500 that repeats the key",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_failed",
    status: 500,
    script: (format, _, { secret }) => refusal(500, { "x-debug": secret, "x-request-id": secret }, `panic at ${secret}`)(format),
  },
  {
    name: "404 for the model",
    on: "both",
    phase: "model",
    kind: "upstream_model_unknown",
    script: refusal(404, {}, "The model `m` does not exist", "model_not_found"),
  },
  {
    name: "a question that is too long",
    on: "both",
    phase: "model",
    kind: "context_length_exceeded",
    status: 400,
    ownWords: true,
    script: refusal(400, {}, "This model's maximum context length is 10 tokens.", "context_length_exceeded"),
  },
  ...[400, 409, 413, 422].map(
    (status): UpstreamFault => ({
      name: String(status),
      on: "both",
      phase: "request",
      kind: "upstream_rejected",
      status,
      ownWords: true,
      script: refusal(status, {}, "the request is bad", "bad_request"),
    }),
  ),
  ...[301, 302, 307, 308].map(
    (status): UpstreamFault => ({
      name: `${status} to somewhere else`,
      on: "both",
      phase: "ambiguous",
      kind: "upstream_invalid",
      script: (_, __, { canaryUrl }) => ({ status, headers: { location: canaryUrl }, body: "" }),
    }),
  ),
  {
    name: "100 and 103 before the head",
    on: "both",
    phase: "fine",
    script: (format, stream) => {
      const body = stream ? format.events.join("") : format.whole;
      const type = stream ? format.streamType : "application/json";
      const hints = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
      return {
        raw: `${hints}HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      };
    },
  },
  {
    name: "headers that must not pass",
    on: "both",
    phase: "fine",
    script: (format, stream) => {
      const { headers, ...rest } = good(format, stream);
      return {
        ...rest,
        headers: {
          ...headers,
          "set-cookie": "canary=1",
          "clear-site-data": '"*"',
          "x-canary": "1",
          server: "canary",
          "x-omni-target": "canary",
        },
      };
    },
  },
  {
    name: "a head of 20 KB",
    on: "both",
    phase: "fine",
    script: (format, stream) => withHeader(good(format, stream), "x-long", "a".repeat(20_000)),
  },
];

function withHeader(script: Script, name: string, value: string): Script {
  return { ...script, headers: { ...script.headers, [name]: value } };
}

const truncatedAfter = (
  name: string,
  words: number,
  cut: (format: ProviderFormat) => { readonly pieces: readonly Piece[]; readonly after: Script["after"] },
  kinds: string,
): UpstreamFault => ({
  name,
  on: "stream",
  phase: words < 0 ? "ambiguous" : "committed",
  kind: kinds,
  ...(words >= 0 && { words: () => words }),
  // A format that has content in its first event has nothing before it.
  applies: ({ first }) => words >= 0 || first > 0,
  script: (format) => {
    const { pieces, after } = cut(format);
    return events(format, pieces, { ...(after !== undefined && { after }) });
  },
});

/** A pause in which what was sent before is read, so that a reset does not throw it away. */
const READ: Piece = { pauseMs: 150 };

/** §2.3: bodies and streams. */
const BODIES: readonly UpstreamFault[] = [
  ...(["fin", "rst"] as const).flatMap((after): UpstreamFault[] => {
    const how = after === "fin" ? "closed" : "reset";
    const kind = after === "fin" ? "upstream_reset|upstream_truncated" : "upstream_reset|upstream_truncated";
    return [
      {
        ...truncatedAfter(`${how} before the first word`, -1, (format) => ({ pieces: [...before(format), READ], after }), kind),
        phase: "reset",
      },
      truncatedAfter(`${how} after the first word`, 1, (format) => ({ pieces: [...upTo(format, 1), READ], after }), kind),
      truncatedAfter(`${how} after the second word`, 2, (format) => ({ pieces: [...upTo(format, 2), READ], after }), kind),
      truncatedAfter(
        `${how} before the end`,
        WORDS.length,
        (format) => ({ pieces: [...unended(format).slice(0, format.first + 3), READ], after }),
        kind,
      ),
      truncatedAfter(
        `${how} within an event`,
        1,
        (format) => ({ pieces: [...upTo(format, 1), (format.events[format.first + 1] ?? "").slice(0, 20), READ], after }),
        kind,
      ),
      {
        name: `${how} within a whole answer`,
        on: "whole",
        phase: "reset",
        kind,
        script: (format) => ({ headers: JSON_TYPE, body: format.whole, cut: { after: 20, by: after } }),
      },
      {
        name: `${how} within a whole answer in chunks`,
        on: "whole",
        phase: "reset",
        kind,
        script: (format) => ({ headers: JSON_TYPE, body: [format.whole.slice(0, 30), READ], after }),
      },
      {
        name: `${how} right after its end, the last chunk missing`,
        on: "stream",
        phase: "fine",
        applies: ({ endsItself }) => endsItself,
        script: (format) => events(format, [...format.events, READ], { after }),
      },
    ];
  }),
  {
    name: "ends politely without its end",
    on: "stream",
    phase: "committed",
    kind: "upstream_truncated",
    words: () => 2,
    script: (format) => events(format, upTo(format, 2)),
  },
  {
    name: "ends politely without a word",
    on: "stream",
    phase: "ambiguous",
    kind: "upstream_truncated",
    applies: ({ first }) => first > 0,
    script: (format) => events(format, before(format)),
  },
  { name: "nothing at all", on: "stream", phase: "ambiguous", kind: "upstream_truncated", script: (format) => events(format, []) },
  ...[1, 2, 3].map(
    (words): UpstreamFault => ({
      name: `silence after word ${words}`,
      on: "stream",
      phase: "committed",
      kind: "upstream_timeout",
      words: () => words,
      slow: "silence",
      script: (format) => events(format, upTo(format, words), { after: "stall" }),
    }),
  ),
  {
    name: "silence after its end",
    on: "stream",
    phase: "fine",
    slow: "silence",
    applies: ({ endsItself }) => endsItself,
    script: (format) => events(format, format.events, { after: "stall" }),
  },
  {
    name: "silence within a whole answer",
    on: "whole",
    phase: "ambiguous",
    kind: "upstream_timeout",
    slow: "first",
    script: (format) => ({ headers: JSON_TYPE, body: [format.whole.slice(0, 20)], after: "stall" }),
  },
  {
    name: "an answer that ends with the connection",
    on: "both",
    phase: "fine",
    script: (format, stream) => ({ ...good(format, stream), framing: "close" }),
  },
  {
    name: "an answer that ends with the connection, too early",
    on: "stream",
    phase: "committed",
    kind: "upstream_truncated",
    words: () => 2,
    script: (format) => events(format, upTo(format, 2), { framing: "close" }),
  },
  {
    name: "half a whole answer that ends with the connection",
    on: "whole",
    phase: "ambiguous",
    kind: "upstream_invalid|upstream_truncated",
    script: (format) => ({ headers: JSON_TYPE, body: format.whole.slice(0, 40), framing: "close" }),
  },
  ...(
    [
      ["line ends of one character", "\r"],
      ["line ends of two", "\r\n"],
      ["line ends of the other one", "\n"],
    ] as const
  ).map(
    ([name, end]): UpstreamFault => ({
      name,
      on: "stream",
      phase: "fine",
      applies: isSse,
      script: (format) =>
        events(
          format,
          format.events.map((event) => event.replaceAll(/\r?\n/g, end)),
        ),
    }),
  ),
  {
    name: "a byte order mark",
    on: "stream",
    phase: "fine",
    applies: isSse,
    script: (format) => events(format, ["\ufeff", ...format.events]),
  },
  {
    name: "no space behind the colon",
    on: "stream",
    phase: "fine",
    applies: isSse,
    script: (format) =>
      events(
        format,
        format.events.map((event) => event.replaceAll(/^(data|event): /gm, "$1:")),
      ),
  },
  {
    name: "fields and comments that nobody knows",
    on: "stream",
    phase: "fine",
    applies: isSse,
    script: (format) =>
      events(
        format,
        format.events.map((event) => `: a comment\nid: 7\nretry: 10\nfoo: bar\n${event}`),
      ),
  },
  {
    name: "one byte at a time",
    on: "stream",
    phase: "fine",
    script: (format) =>
      events(
        format,
        [...Buffer.from(format.events.join(""))].map((byte) => Uint8Array.of(byte)),
      ),
  },
  {
    name: "letters cut in two",
    on: "both",
    phase: "fine",
    script: (format, stream) => {
      const bytes = Buffer.from(stream ? format.events.join("") : format.whole);
      const cuts = [...bytes.keys()].filter((at) => (bytes[at]! & 0xc0) === 0x80); // Inside.
      const pieces = [0, ...cuts].map((at, index) => bytes.subarray(at, cuts[index] ?? bytes.length));
      return { ...good(format, stream), body: pieces };
    },
  },
  {
    name: "all in one piece",
    on: "stream",
    phase: "fine",
    script: (format) => ({ headers: { "content-type": format.streamType }, body: format.events.join("") }),
  },
  {
    name: "pings between all events",
    on: "stream",
    phase: "fine",
    script: (format) =>
      events(
        format,
        format.events.flatMap((event) => [format.ping, event]),
      ),
  },
  ...["before the first word", "after a word"].flatMap((place, words): UpstreamFault[] => {
    const committed = words > 0;
    const faultAt = (
      name: string,
      kind: UpstreamFault["kind"],
      piece: (format: ProviderFormat) => string,
      more: Partial<UpstreamFault> = {},
    ) => ({
      name: `${name} ${place}`,
      on: "stream" as const,
      phase: committed ? ("committed" as const) : ("ambiguous" as const),
      kind: kind!,
      ...(committed && { words: () => words }),
      script: (format: ProviderFormat) =>
        events(format, [...upTo(format, words), piece(format), ...format.events.slice(format.first + words)]),
      ...more,
    });
    return [
      faultAt("an event that is no JSON", "upstream_invalid", (format) => (isSse(format) ? 'data: {"id":"c1",\n\n' : '{"model":\n')),
      faultAt(
        "an event that is too long",
        "upstream_invalid",
        (format) => (isSse(format) ? `data: "${"a".repeat(4_300_000)}"\n\n` : `"${"a".repeat(4_300_000)}"\n`),
        {
          applies: ({ wire }) => wire === "openai-chat" || wire === "anthropic-messages",
        },
      ),
      faultAt("an error", "upstream_failed", (format) => format.errorEvent(500, "it broke"), {
        ownWords: true,
        status: ({ wire }) => (wire === "gemini-generate" ? 500 : 502),
      }),
      faultAt("a rate limit", "rate_limited", (format) => format.errorEvent(429, "slow down"), {
        ...(!committed && { phase: "key" as const, retryAfterS: 1 }),
        ownWords: true,
        applies: ({ wire }) => wire !== "ollama-chat",
      }),
      faultAt("an error that repeats the key", "upstream_failed", () => "", {
        ownWords: true,
        status: ({ wire }) => (wire === "gemini-generate" ? 500 : 502),
        script: (format, _, { secret }) => events(format, [...upTo(format, words), format.errorEvent(500, `it broke at ${secret}`)]),
      }),
    ];
  }),
  {
    name: "an error as a whole 200",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_failed",
    ownWords: true,
    status: ({ wire }) => (wire === "gemini-generate" ? 500 : 502),
    script: (format) => ({ headers: JSON_TYPE, body: format.errorBody(500, "it broke") }),
  },
  { name: "an empty body", on: "whole", phase: "ambiguous", kind: "upstream_invalid", script: () => ({ headers: JSON_TYPE, body: "" }) },
  {
    name: "a hollow answer",
    on: "whole",
    phase: "ambiguous",
    kind: "upstream_invalid",
    script: ({ hollow }) => ({ headers: JSON_TYPE, body: hollow }),
  },
  { name: "no JSON", on: "whole", phase: "ambiguous", kind: "upstream_invalid", script: () => ({ headers: JSON_TYPE, body: "{broken" }) },
  {
    name: "a web page",
    on: "both",
    phase: "ambiguous",
    kind: notItsFormat,
    script: () => ({ headers: { "content-type": "text/html" }, body: "<!doctype html><title>Please log in</title>" }),
  },
  {
    name: "a web page that says it is JSON",
    on: "both",
    phase: "ambiguous",
    kind: notItsFormat,
    script: () => ({ headers: JSON_TYPE, body: "<!doctype html><title>Please log in</title>" }),
  },
  {
    name: "a 204",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_invalid|upstream_truncated",
    script: () => ({ raw: "HTTP/1.1 204 No Content\r\n\r\n" }),
  },
  {
    name: "a type that says nothing",
    on: "both",
    phase: "fine",
    script: (format, stream) => withHeader(good(format, stream), "content-type", "application/octet-stream"),
  },
  {
    name: "a whole answer where a stream was asked for",
    on: "stream",
    phase: "ambiguous",
    kind: "upstream_invalid",
    applies: isSse,
    script: (format) => good(format, false),
  },
  {
    name: "a stream where a whole answer was asked for",
    on: "whole",
    phase: "ambiguous",
    kind: "upstream_invalid",
    script: (format) => good(format, true),
  },
  {
    name: "a megabyte of pings",
    on: "stream",
    phase: "ambiguous",
    kind: "upstream_invalid",
    // Where they are not handed on they are not held back either.
    applies: ({ wire }, isVerbatim) => isVerbatim && (wire === "openai-chat" || wire === "anthropic-messages"),
    script: (format) => events(format, [...before(format), format.ping.repeat(200_000), format.ping.repeat(200_000)], { after: "stall" }),
  },
  { name: "packed unasked", on: "both", phase: "fine", script: (format, stream) => ({ ...good(format, stream), gzip: true }) },
  {
    name: "packed, and cut",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_invalid|upstream_reset|upstream_truncated",
    script: (format, stream) => {
      const packed = Bun.gzipSync(Buffer.from(stream ? format.events.join("") : format.whole));
      return {
        headers: { "content-type": stream ? format.streamType : "application/json", "content-encoding": "gzip" },
        body: Uint8Array.from(packed.subarray(0, 15)),
      };
    },
  },
  {
    name: "a length of a chunk that is none",
    on: "both",
    phase: "ambiguous",
    kind: "upstream_invalid|upstream_reset",
    script: (format, stream) => ({
      raw: `HTTP/1.1 200 OK\r\ncontent-type: ${stream ? format.streamType : "application/json"}\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n`,
      after: "fin",
    }),
  },
  {
    name: "usage told twice",
    on: "stream",
    phase: "fine",
    applies: ({ wire }) => wire === "openai-chat",
    script: (format) => events(format, [...format.events.slice(0, -1), format.events.at(-2)!, format.events.at(-1)!]), // There are two.
  },
  {
    name: "usage after its end",
    on: "stream",
    phase: "fine",
    applies: ({ wire }) => wire === "openai-chat",
    script: (format) => events(format, [...format.events, format.events.at(-2)!]), // There are two.
  },
  {
    name: "no usage",
    on: "stream",
    phase: "fine",
    applies: ({ wire }) => wire === "openai-chat",
    script: (format) =>
      events(
        format,
        format.events.filter((event) => !event.includes("prompt_tokens")),
      ),
  },
];

/** Where a line is all that an event is, one without an end may as well have been cut off. */
function notItsFormat(format: ProviderFormat): string {
  return isSse(format) ? "upstream_invalid" : "upstream_invalid|upstream_truncated";
}

function isSse({ streamType }: ProviderFormat): boolean {
  return streamType === "text/event-stream";
}

/** All that a provider may do. */
export const UPSTREAM_FAULTS: readonly UpstreamFault[] = [...CONNECTION, ...BODIES];
