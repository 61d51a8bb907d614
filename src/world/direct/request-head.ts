import type { NetworkRequest } from "../network.ts";

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Nothing of this may stand in a value: with a line's end in it, one request would become two. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** What the connection says of itself and of where the body ends. It is never taken from anybody else. */
const OURS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The lines of one headers object, for as long as that lives. Only of those that are frozen, which are the shared ones. */
const LINES = new WeakMap<object, HeaderLines>();

interface HeaderLines {
  readonly host: string;
  readonly text: string;
  /** The last head that was made with them. */
  method: string;
  path: string;
  head: string;
}

/**
 * The head of a request, without `content-length` and the empty line. On the hot path: for headers that are frozen it is made once, and not per request.
 * @param host Of the URL; gives way to a `host` among the headers.
 * @throws {TypeError} If a header's name or value could be read as something else.
 */
export function requestHeadOf({ method, headers }: NetworkRequest, host: string, path: string): string {
  const known = LINES.get(headers);
  if (known === undefined || known.host !== host) {
    const text = linesOf(headers, host);
    const head = `${method} ${path} HTTP/1.1\r\n${text}`;
    if (Object.isFrozen(headers)) LINES.set(headers, { host, text, method, path, head });
    return head;
  }
  if (known.path !== path || known.method !== method) {
    // Formats that have the model in the path share their headers among models.
    known.head = `${method} ${path} HTTP/1.1\r\n${known.text}`;
    known.method = method;
    known.path = path;
  }
  return known.head;
}

function linesOf(headers: Readonly<Record<string, string>>, host: string): string {
  let lines = "";
  let [sawHost, sawEncoding] = [false, false];
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name)) throw new TypeError(`Cannot send the header ${JSON.stringify(name)}: that is no name for one.`);
    // The value may be a secret.
    if (NO_VALUE.test(value)) throw new TypeError(`Cannot send the header ${name}: its value has characters that none may have.`);
    const lowerCase = name.toLowerCase();
    if (OURS.has(lowerCase)) continue;
    sawHost ||= lowerCase === "host";
    sawEncoding ||= lowerCase === "accept-encoding";
    lines += `${name}: ${value}\r\n`;
  }
  if (!sawHost) lines = `host: ${host}\r\n${lines}`;
  // Compression saves little on a fast line, costs CPU, and holds events back; whoever wants it has to ask for it.
  if (!sawEncoding) lines += "accept-encoding: identity\r\n";
  return `${lines}connection: keep-alive\r\n`;
}
