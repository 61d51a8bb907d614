/** An answer as it came over a bare socket. */
export interface RawAnswer {
  readonly status: number;
  /** The body, unchunked. What came of it, if the connection broke. */
  readonly text: string;
}

/** Posts JSON over a connection of its own, with no limit to how many there are at a time. Resolves when the gateway closes the connection. */
export async function rawPost(url: string, path: string, body: unknown): Promise<RawAnswer> {
  const json = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n`;
  const bytes = await rawExchange(url, head + json);
  const text = bytes.toString();
  const headEnd = text.indexOf("\r\n\r\n");
  const isChunked = /^transfer-encoding: chunked$/im.test(text.slice(0, headEnd));
  return { status: Number(text.slice(9, 12)), text: isChunked ? unchunk(bytes.subarray(headEnd + 4)) : text.slice(headEnd + 4) };
}

/** Sends these bytes and gives all that comes back until the connection is closed. */
export async function rawExchange(url: string, request: string | Uint8Array): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  const chunks: Uint8Array[] = [];
  const over = Promise.withResolvers<void>();
  await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: (socket) => void socket.write(request),
      data: (_, chunk) => void chunks.push(Uint8Array.from(chunk)),
      close: () => over.resolve(),
      error: () => over.resolve(),
    },
  });
  await over.promise;
  return Buffer.concat(chunks);
}

function unchunk(bytes: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) break;
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(pieces).toString();
}
