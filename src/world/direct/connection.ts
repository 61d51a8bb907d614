import type { Socket, SocketHandler } from "bun";
import { NetworkError } from "../network.ts";
import { networkErrorOf } from "../network-fetch.ts";
import type { Call } from "./call.ts";
import { checkCoding } from "./content-coding.ts";
import type { DirectResponse } from "./direct-response.ts";
import { MalformedResponse } from "./malformed-response.ts";
import type { ResponseHead } from "./response-head.ts";
import { ResponseParser, type ResponseSink } from "./response-parser.ts";

/** Requests up to here are put together and written at once, which saves a packet; what is longer is written as it lies. */
const JOINED_BYTES_MAX = 64 * 1024;
/** Where they are put together. Writing takes a copy, so that one will do for all. */
const JOINED: Buffer = Buffer.allocUnsafeSlow(JOINED_BYTES_MAX);

/** A peer that has vanished is noticed, also while a model thinks. */
const PROBE_AFTER_MS = 60_000;

const GOODBYE_S = 4;

/** Where a connection goes, and whom it tells when it is free or gone. */
export interface Origin {
  readonly hostname: string;
  readonly port: number;
  /** Undefined without TLS. */
  readonly tls: Bun.TLSOptions | undefined;
  readonly connectMsMax: number;
  /** The connection has nothing to do and is in good health. */
  onIdle(connection: Connection): void;
  /** An idle connection is gone. */
  onGone(connection: Connection): void;
}

/** One connection, to which requests are given one after the other, each when the answer before it is complete. */
export class Connection implements ResponseSink {
  /** How long the server keeps it when it is idle, in seconds; undefined if it did not say. */
  keepAliveS: number | undefined;
  /** The sweep at which it became idle. */
  idleSince = 0;

  private readonly origin: Origin;
  private readonly parser = new ResponseParser(this);
  private state: "connecting" | "busy" | "idle" | "closed" = "connecting";
  private socket: Socket<Connection> | undefined;
  private call: Call | undefined;
  private response: DirectResponse | undefined;
  private keepsAlive = false;
  private isEnded = false;
  private isPaused = false;
  /** The other side has said politely that nothing more will come. */
  private hasEnd = false;
  /** What the socket has not taken yet. */
  private readonly unsent: Uint8Array[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Connects, and sends the call as soon as that is done. */
  constructor(origin: Origin, call: Call) {
    this.origin = origin;
    this.call = call;
    call.connection = this;
    this.timer = setTimeout(() => this.failConnecting(new NetworkError("timed-out", false)), origin.connectMsMax);
    const { hostname, port, tls } = origin;
    Bun.connect<Connection>({ hostname, port, socket: SOCKET, data: this, ...(tls !== undefined && { tls }) }).catch((cause) => {
      this.failConnecting(new NetworkError(networkErrorOf(cause).fault, false, { cause }));
    });
  }

  /**
   * Sends a call over an idle connection.
   * @returns False if the connection turns out to be dead; then nothing was sent.
   */
  start(call: Call): boolean {
    const socket = this.socket!; // Idle connections have one.
    this.state = "busy";
    this.parser.reset();
    this.call = call;
    call.connection = this;
    if (this.write(socket, call)) {
      socket.ref();
      return true;
    }
    this.call = undefined;
    call.connection = undefined;
    this.destroy();
    return false;
  }

  /** Breaks the connection off, whatever it does. Tells nobody. */
  destroy(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.call = undefined;
    clearTimeout(this.timer);
    this.socket?.terminate();
  }

  /** Closes a connection that has nothing to do, politely. */
  close(): void {
    this.state = "closed";
    this.socket?.end();
    // With TLS the other side may have a last word, and may never say it.
    this.socket?.timeout(GOODBYE_S);
  }

  /** Goes on reading. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.socket?.resume();
  }

  onHead(head: ResponseHead): void {
    const { contentEncoding } = head;
    if (contentEncoding !== undefined) checkCoding(contentEncoding);
    this.keepsAlive = head.keepsAlive;
    this.keepAliveS = head.keepAliveS;
    this.response = this.call!.answer(head); // Bytes are parsed only while there is one.
  }

  onBody(bytes: Buffer): void {
    const response = this.response!; // The head comes first.
    response.push(bytes);
    if (!response.isFull || this.isPaused) return;
    this.isPaused = true;
    this.socket!.pause(); // The bytes came from it.
  }

  onEnd(): void {
    this.isEnded = true;
  }

  /** The socket is there, which with TLS does not mean much. */
  opened(socket: Socket<Connection>): void {
    if (this.state === "closed") {
      socket.terminate();
      return;
    }
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_AFTER_MS);
    if (this.origin.tls === undefined) this.ready(socket);
  }

  /** The server has shown its certificate. Before that nothing is sent. */
  shookHands(socket: Socket<Connection>, isTrusted: boolean, error: Error | null): void {
    if (this.state !== "connecting") return;
    if (isTrusted && error === null) this.ready(socket);
    else this.failConnecting(new NetworkError("tls", false, { cause: error }));
  }

  received(bytes: Buffer): void {
    const { call } = this;
    if (this.state !== "busy" || call === undefined) {
      // Nobody asked: a goodbye, or an answer too many. In neither case is it of use any more.
      if (this.state === "idle") this.origin.onGone(this);
      this.destroy();
      return;
    }
    this.isEnded = false;
    let hasMore: boolean;
    try {
      hasMore = this.parser.push(bytes);
    } catch (cause) {
      call.fail(cause instanceof MalformedResponse ? new NetworkError("invalid-response", true, { cause }) : cause);
      this.destroy();
      return;
    }
    if (this.isEnded) this.complete(call, hasMore);
  }

  drained(socket: Socket<Connection>): void {
    if (this.unsent.length > 0) this.flush(socket);
  }

  /** The other side sends no more. */
  ended(): void {
    this.hasEnd = true;
    if (this.state !== "idle") return;
    this.origin.onGone(this);
    this.destroy();
  }

  /** The socket has failed, and need not say more. */
  failed(error: Error): void {
    this.closed(error);
    this.socket?.terminate();
  }

  closed(error: Error | undefined): void {
    const { call, state } = this;
    this.state = "closed";
    this.call = undefined;
    clearTimeout(this.timer);
    if (state === "idle") this.origin.onGone(this);
    if (call === undefined) return;
    if (state === "connecting")
      call.fail(new NetworkError(error === undefined ? "reset" : networkErrorOf(error).fault, false, { cause: error }));
    else if (this.parser.endsWithConnection && this.hasEnd && error === undefined) call.end();
    else call.fail(new NetworkError("reset", true, { cause: error }));
  }

  private ready(socket: Socket<Connection>): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const call = this.call!; // Who gives up destroys the connection with it.
    this.state = "busy";
    if (!this.write(socket, call)) this.failConnecting(new NetworkError("reset", false));
  }

  private failConnecting(error: NetworkError): void {
    const { call } = this;
    this.destroy();
    call?.fail(error);
  }

  /** Head and body in one write. False if the socket is dead. Allocates the line with the length. */
  private write(socket: Socket<Connection>, { head, request: { body, method } }: Call): boolean {
    const bodyBytes = body === undefined ? 0 : body.length;
    const text = bodyBytes > 0 || method === "POST" ? `${head}content-length: ${bodyBytes}\r\n\r\n` : `${head}\r\n`;
    const length = text.length + bodyBytes;
    if (length > JOINED_BYTES_MAX) {
      this.unsent.push(Buffer.from(text, "latin1"));
      if (body !== undefined) this.unsent.push(body);
      return this.flush(socket);
    }
    JOINED.write(text, 0, text.length, "latin1");
    if (body !== undefined) JOINED.set(body, text.length);
    const taken = socket.write(JOINED, 0, length);
    if (taken >= 0 && taken < length) this.unsent.push(Buffer.from(JOINED.subarray(taken, length)));
    return taken >= 0;
  }

  private flush(socket: Socket<Connection>): boolean {
    while (this.unsent.length > 0) {
      const next = this.unsent[0]!; // The length was just looked at.
      const taken = socket.write(next);
      if (taken < 0) return false;
      if (taken < next.length) {
        this.unsent[0] = next.subarray(taken);
        return true;
      }
      this.unsent.shift();
    }
    return true;
  }

  private complete(call: Call, hasMore: boolean): void {
    this.call = undefined;
    this.response = undefined;
    this.resume();
    call.end();
    // What follows an answer belongs to nobody; and an answer that came before the whole request was sent was given without it.
    if (hasMore || this.unsent.length > 0) {
      this.destroy();
      return;
    }
    if (!this.keepsAlive) {
      this.close();
      return;
    }
    this.state = "idle";
    this.socket!.unref(); // The bytes came from it.
    this.origin.onIdle(this);
  }
}

/** One set for all sockets; what belongs to one is its connection. */
const SOCKET: SocketHandler<Connection> = {
  open: (socket) => socket.data.opened(socket),
  handshake: (socket, isTrusted, error) => socket.data.shookHands(socket, isTrusted, error),
  data: (socket, bytes) => socket.data.received(bytes),
  drain: (socket) => socket.data.drained(socket),
  end: (socket) => socket.data.ended(),
  timeout: (socket) => socket.terminate(),
  error: (socket, error) => socket.data.failed(error),
  close: (socket, error) => socket.data.closed(error),
};
