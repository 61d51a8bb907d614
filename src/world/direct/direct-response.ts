import type { NetworkResponse } from "../network.ts";
import type { Call } from "./call.ts";
import { decodedBytes, decodedStream } from "./content-coding.ts";
import type { ResponseHead } from "./response-head.ts";

/** What is kept of a body that nobody reads before the sender is made to wait, and what is left of it when it may go on. */
const HELD_BYTES_MAX = 256 * 1024;
const HELD_BYTES_LOW = 64 * 1024;
/** What a piece costs beside its bytes. */
const PIECE_BYTES = 256;

/** An answer whose head is there. The body is kept as it comes until it is read; a stream is made of it only if one is asked for. */
export class DirectResponse implements NetworkResponse {
  readonly status: number;
  readonly headers: ResponseHead;
  private call: Call | undefined;
  private pieces: Buffer[] = [];
  private heldBytes = 0;
  private isOver = false;
  private failure: { readonly reason: unknown } | undefined;
  private stream: ReadableStream<Uint8Array> | undefined;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** A read of the stream waits. */
  private isAwaited = false;
  private whole: { readonly resolve: (bytes: Buffer) => void; readonly reject: (reason: unknown) => void } | undefined;

  constructor(head: ResponseHead, call: Call) {
    this.status = head.status;
    this.headers = head;
    this.call = call;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.status === 204 || this.status === 205 || this.status === 304) return null;
    if (this.stream !== undefined) return this.stream;
    const { contentEncoding } = this.headers;
    const raw = this.openStream();
    this.stream = contentEncoding === undefined ? raw : decodedStream(raw, contentEncoding);
    return this.stream;
  }

  bytes(): Promise<Uint8Array> {
    const { contentEncoding } = this.headers;
    // Nothing was read yet, so that the raw bytes are all of them.
    return contentEncoding === undefined ? this.rawBytes() : this.rawBytes().then((bytes) => decodedBytes(bytes, contentEncoding));
  }

  /** Takes a piece of the body. */
  push(bytes: Buffer): void {
    if (this.isAwaited) {
      this.isAwaited = false;
      this.controller!.enqueue(bytes); // A read waits, so there is a stream.
      return;
    }
    this.pieces.push(bytes);
    this.heldBytes += bytes.length + PIECE_BYTES;
  }

  /** Whether the sender should wait. */
  get isFull(): boolean {
    return this.heldBytes > HELD_BYTES_MAX && this.whole === undefined;
  }

  /** There is nothing to come. */
  end(): void {
    this.isOver = true;
    this.call = undefined;
    this.whole?.resolve(this.taken());
    if (this.isAwaited) this.controller!.close(); // The same.
  }

  /** There is something to come, but it never will. */
  fail(reason: unknown): void {
    this.failure = { reason };
    this.call = undefined;
    this.whole?.reject(reason);
    if (this.isAwaited || this.pieces.length === 0) this.controller?.error(reason);
  }

  /** Forgets what was not read. */
  drop(): void {
    this.pieces = [];
    this.heldBytes = 0;
  }

  private rawBytes(): Promise<Buffer> {
    if (this.failure !== undefined) return Promise.reject(this.failure.reason);
    if (this.isOver) return Promise.resolve(this.taken());
    return new Promise((resolve, reject) => {
      this.whole = { resolve, reject };
      this.call?.connection?.resume();
    });
  }

  private taken(): Buffer {
    const { pieces } = this;
    this.drop();
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces); // The length was just looked at.
  }

  private openStream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: (controller) => this.pull(controller),
        cancel: () => {
          this.drop();
          this.isAwaited = false;
          this.isOver = true;
          this.call?.cancel();
          this.call = undefined;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Called when a read waits. It answers now, or `push` does later: the stream asks no second time for the same read. */
  private pull(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const piece = this.pieces.shift();
    if (piece === undefined) {
      if (this.failure !== undefined) controller.error(this.failure.reason);
      else if (this.isOver) controller.close();
      else this.isAwaited = true;
      return;
    }
    this.heldBytes -= piece.length + PIECE_BYTES;
    controller.enqueue(piece);
    if (this.heldBytes < HELD_BYTES_LOW) this.call?.connection?.resume();
  }
}
