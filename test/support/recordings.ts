import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Script } from "./upstream.ts";

const ROOT = join(import.meta.dir, "../../../shared/recordings");

/** A row of the recordings' index. */
export interface RecordingRow {
  /** `<provider>/<api>/<source>--<case>` */
  readonly id: string;
  readonly file: string;
  readonly provider: string;
  readonly api: string;
  readonly models: readonly string[];
  /** Whether any of its exchanges is a stream. */
  readonly stream: boolean;
  readonly interactions: number;
  /** Statuses that occur in it. */
  readonly status: readonly number[];
  /** What it exercises, derived by pattern: for choosing, not as truth. */
  readonly exercises: readonly string[];
}

/** One exchange with a real provider, as it was recorded. */
export interface RecordedExchange {
  readonly provider: string;
  readonly api: string;
  readonly request: {
    readonly method: string;
    readonly url_path: string | null;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly body_text?: string;
    readonly body_base64?: string;
  };
  readonly response: RecordedResponse;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly body_text?: string;
  readonly body_base64?: string;
  readonly sse?: string;
  readonly ndjson?: string;
  readonly events?: readonly unknown[];
  readonly framing?: "sse-event" | "sse-data" | "sse-data-done" | "aws-eventstream";
}

export interface RecordingQuery {
  readonly provider?: string;
  readonly api?: string;
  readonly stream?: boolean;
  /** A tag that has to be among those that the case exercises. */
  readonly exercises?: string;
}

let index: readonly RecordingRow[] | undefined;

/** Finds cases; without recordings at hand it fails, so that no suite passes for want of cases. */
export function recordings(query: RecordingQuery = {}): readonly RecordingRow[] {
  index ??= (JSON.parse(readFileSync(join(ROOT, "index.json"), "utf8")) as { cases: RecordingRow[] }).cases;
  const rows = index.filter(
    (row) =>
      (query.provider === undefined || row.provider === query.provider) &&
      (query.api === undefined || row.api === query.api) &&
      (query.stream === undefined || row.stream === query.stream) &&
      (query.exercises === undefined || row.exercises.includes(query.exercises)) &&
      existsSync(join(ROOT, row.file)),
  );
  if (rows.length === 0) throw new Error(`No recording matches ${JSON.stringify(query)}.`);
  return rows;
}

/** The exchanges of a case, in order. */
export function exchangesOf(row: { readonly file: string }): readonly RecordedExchange[] {
  return (JSON.parse(readFileSync(join(ROOT, row.file), "utf8")) as { interactions: RecordedExchange[] }).interactions;
}

/** The request's body as it would be sent; undefined where the source kept none. */
export function requestBytes({ request }: RecordedExchange): Uint8Array | undefined {
  if (request.body !== undefined) return Buffer.from(JSON.stringify(request.body));
  if (request.body_text !== undefined) return Buffer.from(request.body_text);
  return request.body_base64 === undefined ? undefined : Buffer.from(request.body_base64, "base64");
}

/** The answer's body as the provider sent it. */
export function responseBytes(response: RecordedResponse): Uint8Array {
  if (response.sse !== undefined) return Buffer.from(response.sse);
  if (response.ndjson !== undefined) return Buffer.from(response.ndjson);
  if (response.events !== undefined)
    return Buffer.concat(response.events.map((event) => frame(event, response.framing)).concat(endOf(response)));
  if (response.body_text !== undefined) return Buffer.from(response.body_text);
  if (response.body_base64 !== undefined) return Buffer.from(response.body_base64, "base64");
  return response.body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(response.body));
}

export function isStream(response: RecordedResponse): boolean {
  return response.sse !== undefined || response.ndjson !== undefined || response.events !== undefined;
}

/** Headers of the connection, which the upstream makes anew. */
const HOP_BY_HOP = ["connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"];

/**
 * The script that answers as the provider did: a stream event by event, anything else whole.
 * @param options.chunkBytes Cuts streams into pieces of so many bytes instead, wherever that may fall.
 */
export function replay(response: RecordedResponse, options: { readonly chunkBytes?: number } = {}): Script {
  const bytes = responseBytes(response);
  const headers = Object.fromEntries(Object.entries(response.headers ?? {}).filter(([name]) => !HOP_BY_HOP.includes(name.toLowerCase())));
  if (!isStream(response)) return { status: response.status, headers: { "content-type": "application/json", ...headers }, body: bytes };
  const type = response.framing === "aws-eventstream" ? "application/vnd.amazon.eventstream" : "text/event-stream; charset=utf-8";
  const body = options.chunkBytes === undefined ? cutAtEvents(bytes) : cutEvery(bytes, options.chunkBytes);
  return { status: response.status, headers: { "content-type": type, ...headers }, body, framing: "chunked" };
}

/** Pieces of `size` bytes, the last one shorter. */
export function cutEvery(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

/** Pieces that end where a blank line ends, with LF as with CRLF. */
function cutAtEvents(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes).toString("latin1");
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const { index: at, 0: blank } of text.matchAll(/\r?\n\r?\n/g)) {
    pieces.push(bytes.subarray(start, at + blank.length));
    start = at + blank.length;
  }
  if (start < bytes.length) pieces.push(bytes.subarray(start));
  return pieces;
}

function frame(event: unknown, framing: RecordedResponse["framing"]): Buffer {
  const json = JSON.stringify(event);
  switch (framing) {
    case "sse-event":
      return Buffer.from(`event: ${(event as { type: string }).type}\ndata: ${json}\n\n`);
    case "aws-eventstream":
      return awsMessage(event as Record<string, unknown>);
    case "sse-data":
    case "sse-data-done":
    case undefined:
      return Buffer.from(`data: ${json}\n\n`);
    default:
      return framing satisfies never;
  }
}

function endOf(response: RecordedResponse): Buffer {
  return Buffer.from(response.framing === "sse-data-done" ? "data: [DONE]\n\n" : "");
}

/** One message of an AWS event stream: lengths, their checksum, headers, payload, the checksum of all. */
function awsMessage(event: Record<string, unknown>): Buffer {
  const [type = "", value] = Object.entries(event)[0] ?? [];
  const headers = Buffer.concat(
    Object.entries({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }).map(([name, text]) => {
      const head = Buffer.from([name.length, ...Buffer.from(name), 7, 0, 0]); // 7: a string, with a length of two bytes.
      head.writeUInt16BE(Buffer.byteLength(text), head.length - 2);
      return Buffer.concat([head, Buffer.from(text)]);
    }),
  );
  const payload = Buffer.from(JSON.stringify(value));
  const message = Buffer.alloc(12 + headers.length + payload.length + 4);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(Bun.hash.crc32(message.subarray(0, 8)), 8);
  headers.copy(message, 12);
  payload.copy(message, 12 + headers.length);
  message.writeUInt32BE(Bun.hash.crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}
