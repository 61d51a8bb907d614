import type { Socket, TCPSocketListener } from "bun";
import { type RequestParser, type SeenRequest, parseRequests } from "./upstream-request.ts";

/** A part of a body: bytes to send, a pause in milliseconds, or something to wait for. */
export type Piece = string | Uint8Array | { readonly pauseMs: number } | { readonly until: Promise<unknown> };

/** What the upstream does with one request. All fields are optional; `{}` is an empty 200. */
export interface Script {
  /** Default 200. Anything goes: nothing is checked. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Comes before the head: a pause, or something to wait for. */
  readonly before?: Piece;
  readonly body?: string | Uint8Array | readonly Piece[];
  /** How the body's end is told. Default `length` for a body in one piece, `chunked` for pieces; `close` ends it with the connection. */
  readonly framing?: "length" | "chunked" | "close";
  /** Compresses the body (which is then sent in one piece) and says so. */
  readonly gzip?: boolean;
  /** Breaks the connection after so many bytes of the body, framing not counted: politely (FIN) or not (RST). */
  readonly cut?: { readonly after: number; readonly by: "fin" | "rst" };
  /** Sent as it stands instead of head, body and framing. */
  readonly raw?: string | Uint8Array | readonly Piece[];
  /**
   * What becomes of the connection once all is sent. Default `keep`: another request may come.
   * `stall`: nothing more happens, the body's end is left out. `fin`, `rst`: closed, the body's end is left out.
   */
  readonly after?: "keep" | "stall" | "fin" | "rst";
}

/** Takes the request and says nothing, ever. */
export const NEVER: Script = { raw: "", after: "stall" };

/** Answers requests by script: always the same one, or one that is chosen for each request. */
export type Answering = Script | ((request: SeenRequest) => Script | Promise<Script>);

/**
 * A provider on loopback that does as it is told, also what no proper server would do, and that remembers everything it saw.
 * What it remembers is the truth for audits.
 */
export class Upstream implements Disposable {
  /** Every request ever seen, in order. Only ever grows. */
  readonly requests: readonly SeenRequest[];
  /** What is done with the requests to come. */
  answering: Answering;
  /** Connections ever accepted. */
  connections = 0;

  private readonly seen: SeenRequest[] = [];
  private readonly open = new Set<Connection>();
  private readonly watchers = new Set<() => void>();
  private readonly listener: TCPSocketListener<Connection>;

  constructor(answering: Answering = {}) {
    this.answering = answering;
    this.requests = this.seen;
    this.listener = Bun.listen<Connection>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          socket.data = new Connection(socket, this.connections++, (request) => this.take(request));
          this.open.add(socket.data);
          this.changed();
        },
        data: (socket, bytes) => socket.data.receive(bytes),
        drain: (socket) => socket.data.drained(),
        close: (socket) => {
          socket.data.closed();
          this.open.delete(socket.data);
          this.changed();
        },
        error: () => {},
      },
    });
  }

  get port(): number {
    return this.listener.port;
  }

  /** Without a trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A base URL as providers have them. */
  get baseUrl(): string {
    return `${this.url}/v1`;
  }

  /** Connections that are open now. */
  get openConnections(): number {
    return this.open.size;
  }

  /** Answers the next requests with these, in order, and those after them with the last one. */
  script(...scripts: readonly [Script, ...Script[]]): void {
    const left = [...scripts];
    this.answering = () => (left.length > 1 ? left.shift()! : left[0]!);
  }

  /** Resolves as soon as `condition` holds; it is looked at whenever a request arrives or a connection opens or closes. */
  async until(condition: (upstream: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        const watch = () => {
          this.watchers.delete(watch);
          resolve();
        };
        this.watchers.add(watch);
      });
    }
  }

  /** The request of that number, once it is there. */
  async request(index: number): Promise<SeenRequest> {
    await this.until(() => this.seen.length > index);
    return this.seen[index]!;
  }

  /** Accepts nothing more (connecting is refused) and breaks what is open. */
  stop(): void {
    this.listener.stop(true);
    for (const connection of this.open) connection.reset();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  private async take(request: SeenRequest): Promise<Script> {
    this.seen.push(request);
    this.changed();
    return typeof this.answering === "function" ? this.answering(request) : this.answering;
  }

  private changed(): void {
    for (const watch of [...this.watchers]) watch();
  }
}

/** One accepted connection: its requests are answered one after the other. */
class Connection {
  private readonly socket: Socket<Connection>;
  private readonly parser: RequestParser;
  private readonly take: (request: SeenRequest) => Promise<Script>;
  private readonly queue: SeenRequest[] = [];
  private answering = false;
  private over = false;
  private endedBy: "client" | "upstream" = "client";
  private wake = Promise.withResolvers<void>();
  private readonly requests: SeenRequest[] = [];

  constructor(socket: Socket<Connection>, id: number, take: (request: SeenRequest) => Promise<Script>) {
    this.socket = socket;
    this.take = take;
    this.parser = parseRequests(id, (request) => {
      this.requests.push(request);
      this.queue.push(request);
      void this.answerAll();
    });
  }

  receive(bytes: Uint8Array): void {
    this.parser.push(bytes);
  }

  drained(): void {
    this.wake.resolve();
  }

  closed(): void {
    this.over = true;
    this.wake.resolve();
    for (const request of this.requests) request.connectionClosed(this.endedBy);
  }

  reset(): void {
    this.endedBy = "upstream";
    this.socket.terminate();
  }

  private async answerAll(): Promise<void> {
    if (this.answering) return;
    this.answering = true;
    for (let request = this.queue.shift(); request !== undefined && !this.over; request = this.queue.shift()) {
      const after = await this.play(request, await this.take(request));
      request.isStalled = after === "stall";
      request.answered();
      if (after === "stall") return;
      if (after === "keep") continue;
      this.endedBy = "upstream";
      if (after === "fin") this.socket.end();
      else this.socket.terminate();
      return;
    }
    this.answering = false;
  }

  /** Sends what the script says, and tells what should become of the connection. */
  private async play(request: SeenRequest, script: Script): Promise<NonNullable<Script["after"]>> {
    if (script.before !== undefined) await this.sendPiece(request, script.before);
    if (script.raw !== undefined) {
      for (const piece of piecesOf(script.raw)) await this.sendPiece(request, piece);
      return script.after ?? "keep";
    }
    const body = script.gzip ? [Bun.gzipSync(wholeOf(piecesOf(script.body)))] : piecesOf(script.body);
    const framing = script.framing ?? (Array.isArray(script.body) && !script.gzip ? "chunked" : "length");
    await this.send(request, headOf(script, framing, body));
    let left = script.cut?.after ?? Number.POSITIVE_INFINITY;
    for (const piece of body) {
      if (left <= 0) break;
      if (!isBytes(piece)) {
        await this.sendPiece(request, piece);
        continue;
      }
      const bytes = bytesOf(piece).subarray(0, left);
      left -= bytes.length;
      if (bytes.length > 0) await this.send(request, framing === "chunked" ? chunk(bytes) : bytes);
    }
    if (script.cut !== undefined) return script.cut.by;
    const after = script.after ?? (framing === "close" ? "fin" : "keep");
    if (framing === "chunked" && after === "keep") await this.send(request, "0\r\n\r\n");
    return after;
  }

  private async sendPiece(request: SeenRequest, piece: Piece): Promise<void> {
    if (isBytes(piece)) await this.send(request, piece);
    else if ("pauseMs" in piece) await Bun.sleep(piece.pauseMs);
    else await piece.until;
  }

  /** Sends all of it, waiting while the other side does not read. Once the connection is gone it does nothing. */
  private async send(request: SeenRequest, piece: string | Uint8Array): Promise<void> {
    let bytes = bytesOf(piece);
    while (bytes.length > 0 && !this.over) {
      this.wake = Promise.withResolvers();
      const taken = Math.max(this.socket.write(bytes), 0);
      request.bytesSent += taken;
      bytes = bytes.subarray(taken);
      if (bytes.length > 0) await this.wake.promise;
    }
  }
}

function headOf(script: Script, framing: NonNullable<Script["framing"]>, body: readonly Piece[]): string {
  const headers: Record<string, string> = { ...script.headers };
  if (script.gzip) headers["content-encoding"] = "gzip";
  if (framing === "chunked") headers["transfer-encoding"] = "chunked";
  else if (framing === "close") headers["connection"] = "close";
  else headers["content-length"] ??= String(wholeOf(body).length);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${script.status ?? 200} Scripted\r\n${lines.join("")}\r\n`;
}

function piecesOf(body: Script["body"]): readonly Piece[] {
  if (body === undefined) return [];
  return typeof body === "string" || body instanceof Uint8Array ? [body] : body;
}

function wholeOf(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  return Buffer.concat(pieces.filter(isBytes).map(bytesOf));
}

function isBytes(piece: Piece): piece is string | Uint8Array {
  return typeof piece === "string" || piece instanceof Uint8Array;
}

function bytesOf(piece: string | Uint8Array): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece) : piece;
}

function chunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}
