import type { Socket } from "bun";

/** What happens on a connection, told to whoever runs the load. */
export interface LoadListener {
  /** The first byte of an answer's body came. */
  began(connection: LoadConnection): void;
  /** Something of a body came. */
  received(bytes: Buffer): void;
  /**
   * The answer is complete.
   * @param good Whether it was a 200 with its end where it belongs; a stream's end is `[DONE]`.
   */
  ended(connection: LoadConnection, good: boolean): void;
  /** The connection broke while an answer was due. */
  broke(connection: LoadConnection): void;
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const HTTP_END = "0\r\n\r\n";
const TAIL_BYTES = 32;

/** One keep-alive connection of the load generator. It reads just enough of HTTP/1.1 to know when an answer is complete. */
export class LoadConnection {
  /** When the request was due, by the load's own clock: latency is counted from here, also if it was sent later. */
  dueMs = 0;
  private readonly listener: LoadListener;
  private socket: Socket<undefined> | undefined;
  private unsent: Uint8Array | undefined;
  private waiting = false;
  private inBody = false;
  /** Bytes of the body that are to come; -1 if it is chunked. */
  private missing = 0;
  private tail = "";
  private head = "";
  private good = false;
  private begun = false;

  constructor(listener: LoadListener) {
    this.listener = listener;
  }

  /** @throws If nobody listens there. */
  async open(port: number): Promise<void> {
    this.socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_, bytes) => this.take(bytes),
        drain: () => this.sendRest(),
        close: () => this.lost(),
        error: () => this.lost(),
      },
    });
    this.socket.setNoDelay(true);
  }

  /** Asks; the answer to the last question must have ended. */
  send(request: Uint8Array, dueMs: number): void {
    this.dueMs = dueMs;
    this.waiting = true;
    this.inBody = false;
    this.begun = false;
    this.unsent = request;
    this.sendRest();
  }

  close(): void {
    this.waiting = false;
    this.socket?.terminate();
  }

  private sendRest(): void {
    const { unsent, socket } = this;
    if (unsent === undefined || socket === undefined) return;
    const sent = Math.max(socket.write(unsent), 0);
    this.unsent = sent < unsent.length ? unsent.subarray(sent) : undefined;
  }

  private take(bytes: Buffer): void {
    if (!this.waiting) return;
    const body = this.inBody ? bytes : this.takeHead(bytes);
    if (body.length === 0 && this.missing !== 0) return;
    if (!this.begun) {
      this.begun = true;
      this.listener.began(this);
    }
    if (this.missing < 0) this.takeChunked(body);
    else this.takeCounted(body);
  }

  private takeHead(bytes: Buffer): Buffer {
    // A head may come in pieces; it is small, so it is put together as text.
    const text = this.head + bytes.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    this.missing = -1;
    if (end < 0) {
      this.head = text;
      return bytes.subarray(bytes.length);
    }
    const head = text.slice(0, end);
    const length = LENGTH.exec(head)?.[1];
    this.missing = length === undefined ? -1 : Number(length);
    this.good = head.startsWith("HTTP/1.1 200");
    this.tail = "";
    this.inBody = true;
    const start = end + 4 - this.head.length;
    this.head = "";
    return bytes.subarray(start);
  }

  private takeCounted(body: Buffer): void {
    this.missing -= body.length;
    this.takeTail(body);
    if (this.missing <= 0) this.end(this.good && this.missing === 0);
  }

  private takeChunked(body: Buffer): void {
    this.takeTail(body);
    // Nobody pipelines, so the last chunk of HTTP can only be at the very end; no payload of ours has a carriage return in it.
    if (this.tail.endsWith(`\r\n${HTTP_END}`)) this.end(this.good);
  }

  private takeTail(body: Buffer): void {
    this.listener.received(body);
    const piece = body.toString("latin1", Math.max(0, body.length - TAIL_BYTES));
    this.tail = piece.length === TAIL_BYTES ? piece : (this.tail + piece).slice(-TAIL_BYTES);
  }

  private end(good: boolean): void {
    this.waiting = false;
    this.listener.ended(this, good);
  }

  /** Whether the end of what came has the end of a stream in it. Asked when an answer has ended. */
  get sawDone(): boolean {
    return this.tail.includes("[DONE]");
  }

  private lost(): void {
    if (!this.waiting) return;
    this.waiting = false;
    this.listener.broke(this);
  }
}
