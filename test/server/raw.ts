import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything, for what the above leaves out. */
  readonly text: string;
}

export interface RawOptions {
  /** Sent again and again after the first text, every 20 ms. */
  readonly drip?: string;
  /** How long to wait for the server to close; then what came is what counts. */
  readonly limitMs?: number;
}

/** Says something to a port over a bare socket, and reads until the server closes. */
export function say(port: number, text: string, options: RawOptions = {}): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    const { drip } = options;
    const dripping = drip === undefined ? undefined : setInterval(() => socket.write(drip), 20);
    const limit = setTimeout(() => socket.destroy(), options.limitMs ?? 5_000);
    socket.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(dripping);
      clearTimeout(limit);
      resolve(parse(Buffer.concat(chunks).toString("utf8")));
    });
  });
}

/** The text of a request; the connection is to be closed after it. */
export function request(method: string, path: string, headers: readonly string[] = ["Host: localhost"], body = ""): string {
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`${method} ${path} HTTP/1.1`, ...headers, ...length, "Connection: close", "", body].join("\r\n");
}

function parse(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, Math.max(end, 0)).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const raw = text.slice(end + 4);
  return { status: Number(first.split(" ")[1] ?? 0), headers, body: headers["transfer-encoding"] === "chunked" ? unchunk(raw) : raw, text };
}

function unchunk(text: string): string {
  let rest = text;
  let body = "";
  for (;;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (end < 0 || !(size > 0)) return body;
    body += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}
