import type { CancelSignal } from "../world/cancellation.ts";
import { clientClosed } from "./exchange.ts";
import type { Reply } from "./gateway.ts";

/** What is made of a reply that several wait for. */
export interface SharedReplyOptions {
  /** The longest body that is kept whole; nobody joins a longer one, and whoever is so far behind is cut off. */
  readonly bytesMax: number;
  /** All have left before it was over. Called once, and `over` is not called after it. */
  abandoned(): void;
  /** It came to its end, or failed. Called once. @param body All of it, if it came to its proper end and is not too long. */
  over(body: Uint8Array | undefined): void;
}

/** How one who joined got on. */
export type Parting = "ended" | "broken" | "left";

/** One who reads along. */
interface Reader {
  /** The number of the next piece. */
  next: number;
  parted: ((parting: Parting) => void) | undefined;
}

/**
 * One reply for several clients, each of whom may come while it is under way and leave when it likes. It is read as fast as the fastest of them reads; it
 * is given up when the last one has left.
 */
export class SharedReply {
  private readonly opening: Promise<Reply>;
  private readonly options: SharedReplyOptions;
  private readonly readers = new Set<Reader>();
  private source: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private reading: Promise<void> | undefined;
  private pieces: Uint8Array[] = [];
  /** The number of the first piece that is still here. */
  private first = 0;
  private length = 0;
  private waiting = 0;
  private state: "open" | "ended" | "broken" | "abandoned" = "open";
  private error: unknown;

  /** @param opening The reply; an error goes to all. */
  constructor(opening: Promise<Reply>, options: SharedReplyOptions) {
    this.opening = opening;
    this.options = options;
    opening.then(
      (reply) => this.opened(reply),
      () => this.end("broken"),
    );
  }

  /** Whether one who comes now would get all of it. */
  get isJoinable(): boolean {
    return this.state === "open" && this.first === 0;
  }

  /**
   * Waits for the reply.
   * @param signal Aborted when this client is gone.
   * @param parted Told once how it ended for this client, if the reply is a stream.
   * @throws {OmniError} What went wrong, or `client_closed`.
   */
  async join(signal: CancelSignal, parted?: (parting: Parting) => void): Promise<Reply> {
    this.waiting++;
    let reply: Reply;
    try {
      reply = await untilAborted(this.opening, signal);
    } finally {
      this.waiting--;
      if (signal.aborted) this.look();
    }
    return reply.body instanceof Uint8Array ? reply : { ...reply, body: this.read(signal, parted) };
  }

  private opened({ body }: Reply): void {
    if (body instanceof Uint8Array) {
      this.pieces = [body];
      this.length = body.length;
      this.end("ended");
    } else if (this.state === "open") this.source = body.getReader();
    else void body.cancel();
  }

  private read(signal: CancelSignal, parted: Reader["parted"]): ReadableStream<Uint8Array> {
    const reader: Reader = { next: 0, parted };
    this.readers.add(reader);
    const leave = (): void => this.part(reader, "left");
    signal.addEventListener("abort", leave);
    if (signal.aborted) leave();
    return new ReadableStream<Uint8Array>({ pull: (controller) => this.pull(reader, controller), cancel: leave }, { highWaterMark: 0 });
  }

  private async pull(reader: Reader, controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      if (reader.next < this.first) {
        this.part(reader, "broken");
        controller.error(new Error("The client read too slowly."));
        return;
      }
      const piece = this.pieces[reader.next - this.first];
      if (piece !== undefined) {
        reader.next++;
        this.dropPassed();
        controller.enqueue(piece);
        return;
      }
      if (this.state === "ended") {
        this.part(reader, "ended");
        controller.close();
        return;
      }
      if (this.state !== "open") {
        this.part(reader, "broken");
        controller.error(this.error ?? new Error("The stream broke off."));
        return;
      }
      this.reading ??= this.readOn();
      await this.reading;
    }
  }

  private async readOn(): Promise<void> {
    try {
      const { done, value } = await this.source!.read(); // Streams have one as soon as they are open.
      if (this.state !== "open") return;
      if (done) this.end("ended");
      else {
        // It may lie in a buffer that the next one is read into.
        this.pieces.push(value.slice());
        this.length += value.length;
      }
    } catch (error) {
      this.error = error;
      this.end("broken");
    } finally {
      this.reading = undefined;
    }
  }

  /** Once a body is too long to be kept, what all have read goes, and so does what only laggards have not. */
  private dropPassed(): void {
    if (this.length <= this.options.bytesMax) return;
    let least = this.first + this.pieces.length;
    for (const { next } of this.readers) least = Math.min(least, next);
    let behind = 0;
    for (let at = this.pieces.length - 1; at >= least - this.first; at--) {
      behind += this.pieces[at]!.length; // Within the list.
      if (behind <= this.options.bytesMax) continue;
      least = this.first + at + 1;
      break;
    }
    if (least <= this.first) return;
    this.pieces.splice(0, least - this.first);
    this.first = least;
  }

  private part(reader: Reader, parting: Parting): void {
    if (!this.readers.delete(reader)) return;
    reader.parted?.(parting);
    this.look();
  }

  /** Gives up what nobody waits for. */
  private look(): void {
    if (this.state !== "open" || this.waiting > 0 || this.readers.size > 0) return;
    this.state = "abandoned";
    this.source?.cancel().catch(() => {}); // It tells its own end elsewhere.
    this.options.abandoned();
  }

  private end(state: "ended" | "broken"): void {
    if (this.state !== "open") return;
    this.state = state;
    const isWhole = state === "ended" && this.first === 0 && this.length <= this.options.bytesMax;
    this.options.over(isWhole ? Buffer.concat(this.pieces, this.length) : undefined);
  }
}

/** The promise's outcome, or `client_closed` if the signal comes first. */
async function untilAborted<T>(promise: Promise<T>, signal: CancelSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(clientClosed());
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
