import { OmniError } from "../ir/failure.ts";
import type { StreamReader } from "../wire/wire.ts";
import type { NetworkResponse } from "../world/network.ts";
import type { Attempt } from "./attempt.ts";
import type { Exchange } from "./exchange.ts";

/** How long a provider has to close a stream that has come to its end. */
const LAST_WORDS_MS = 2_000;
/** What may be held back while a stream has not come to its content. */
const HELD_BYTES_MAX = 1024 * 1024;

/** A provider's stream that is read piece by piece, each a number of whole events. */
export class StreamAnswer {
  readonly type = "stream";
  readonly attempt: Attempt;
  readonly response: NetworkResponse;
  readonly reader: StreamReader;
  private readonly source: ReadableStreamDefaultReader<Uint8Array>;
  private held: Uint8Array | undefined;
  private ended = false;

  constructor(attempt: Attempt, response: NetworkResponse, reader: StreamReader, body: ReadableStream<Uint8Array>) {
    this.attempt = attempt;
    this.response = response;
    this.reader = reader;
    this.source = body.getReader();
  }

  /**
   * Reads up to the first content and holds back what came before it: up to there another target may still take over.
   * @throws {OmniError} If the stream fails before.
   */
  async commit(): Promise<void> {
    const held: Uint8Array[] = [];
    let heldBytes = 0;
    while (!this.reader.committed && !this.ended) {
      const piece = await this.readOn();
      if (this.reader.failure !== undefined && !this.reader.committed) throw this.reader.failure;
      held.push(piece);
      heldBytes += piece.length;
      if (heldBytes > HELD_BYTES_MAX) {
        throw new OmniError("upstream_invalid", `Cannot use the answer of ${this.attempt.target.name}: 1 MiB came without any content.`);
      }
    }
    this.held = held.length === 1 ? held[0] : Buffer.concat(held, heldBytes);
  }

  /**
   * Reads the next piece. Hot path, once per chunk.
   * @returns undefined when the stream has come to its proper end.
   * @throws What went wrong on the way, after all that came before it was returned.
   */
  async read(): Promise<Uint8Array | undefined> {
    if (this.held !== undefined && this.held.length > 0) {
      const { held } = this;
      this.held = undefined;
      this.attempt.bytesOut += held.length;
      return held;
    }
    for (;;) {
      if (this.reader.failure !== undefined) throw this.reader.failure;
      if (this.ended) return undefined;
      const piece = await this.readOn();
      if (piece.length > 0) {
        this.attempt.bytesOut += piece.length;
        return piece;
      }
    }
  }

  /** Tells its attempt and the exchange what it used so far. */
  noteUsage(exchange: Exchange): void {
    this.attempt.usage = this.reader.usage;
    exchange.usage = this.attempt.usage;
  }

  private async readOn(): Promise<Uint8Array> {
    const { done, value } = await (this.reader.isComplete ? this.readLastWords() : this.source.read());
    if (!done) return this.reader.push(value);
    this.ended = true;
    return this.reader.end();
  }

  /** The answer is whole. What may still come is handed on, but a connection that breaks or stays open does no harm any more. */
  private async readLastWords(): ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]> {
    const stop = this.attempt.after(LAST_WORDS_MS, () => this.source.cancel().catch(() => {}));
    try {
      return await this.source.read();
    } catch {
      return { done: true, value: undefined };
    } finally {
      stop();
    }
  }
}
