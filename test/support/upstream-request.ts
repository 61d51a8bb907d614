/** A request as it came over the wire, and what became of its connection. */
export class SeenRequest {
  /** The number of the connection that it came over, from 0. */
  readonly connection: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  /** Names and values as they were written, in order. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** When its last byte was there, by `performance.now()`. */
  readonly atMs: number = performance.now();
  /** Bytes that the network has taken of the answer so far, head included. */
  bytesSent = 0;
  /** Whether all that the script says has been sent. */
  isAnswered = false;
  /** Whether nothing more will be sent, though the answer is not at its end. */
  isStalled = false;
  /** Set when the connection is closed. */
  closedBy: "client" | "upstream" | undefined;
  closedAtMs: number | undefined;
  /** Resolves when the connection is closed, and says by whom. */
  readonly closed: Promise<"client" | "upstream">;
  private readonly closing = Promise.withResolvers<"client" | "upstream">();

  constructor(connection: number, method: string, path: string, rawHeaders: readonly (readonly [string, string])[], body: Uint8Array) {
    this.connection = connection;
    this.method = method;
    this.path = path;
    this.rawHeaders = rawHeaders;
    this.headers = new Headers(rawHeaders.map(([name, value]) => [name, value]));
    this.body = body;
    this.closed = this.closing.promise;
  }

  get text(): string {
    return new TextDecoder().decode(this.body);
  }

  /** The body as JSON, for a test to look into. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it sent.
  get json(): any {
    return JSON.parse(this.text);
  }

  answered(): void {
    this.isAnswered = true;
  }

  connectionClosed(by: "client" | "upstream"): void {
    if (this.closedBy !== undefined) return;
    this.closedBy = by;
    this.closedAtMs = performance.now();
    this.closing.resolve(by);
  }
}

export interface RequestParser {
  push(bytes: Uint8Array): void;
}

/** Cuts the bytes of a connection into requests. Bodies are told by `content-length` or come in chunks. */
export function parseRequests(connection: number, take: (request: SeenRequest) => void): RequestParser {
  let rest = Buffer.alloc(0);
  return {
    push(bytes) {
      rest = Buffer.concat([rest, bytes]);
      for (;;) {
        const parsed = parseRequest(connection, rest);
        if (parsed === undefined) return;
        rest = rest.subarray(parsed.length);
        take(parsed.request);
      }
    },
  };
}

/** The first request in `bytes`, if it is whole. */
function parseRequest(connection: number, bytes: Buffer): { readonly request: SeenRequest; readonly length: number } | undefined {
  const headLength = bytes.indexOf("\r\n\r\n");
  if (headLength < 0) return undefined;
  const [requestLine = "", ...lines] = bytes.toString("latin1", 0, headLength).split("\r\n");
  const [method = "", path = ""] = requestLine.split(" ");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const headerOf = (name: string) => headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
  const bodyStart = headLength + 4;
  const body =
    headerOf("transfer-encoding") === "chunked" ? chunkedBody(bytes, bodyStart) : lengthBody(bytes, bodyStart, headerOf("content-length"));
  if (body === undefined) return undefined;
  return { request: new SeenRequest(connection, method, path, headers, body.bytes), length: body.end };
}

interface Body {
  readonly bytes: Uint8Array;
  /** Where the request ends. */
  readonly end: number;
}

function lengthBody(bytes: Buffer, start: number, length = "0"): Body | undefined {
  const end = start + Number(length);
  return bytes.length < end ? undefined : { bytes: Uint8Array.from(bytes.subarray(start, end)), end };
}

function chunkedBody(bytes: Buffer, start: number): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { bytes: Uint8Array.from(Buffer.concat(chunks)), end };
    chunks.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}
