import type { OmniError } from "../ir/failure.ts";
import type { Usage } from "../ir/usage.ts";
import type { AnswerTap, StreamReader } from "./wire.ts";

/** Reads a stream as another reader does, and lets somebody look on. */
export class TappedStream implements StreamReader {
  private readonly reader: StreamReader;
  private readonly tap: AnswerTap;
  private isOver = false;

  constructor(reader: StreamReader, tap: AnswerTap) {
    this.reader = reader;
    this.tap = tap;
  }

  get committed(): boolean {
    return this.reader.committed;
  }

  get isComplete(): boolean {
    return this.reader.isComplete;
  }

  get failure(): OmniError | undefined {
    return this.reader.failure;
  }

  get usage(): Usage | undefined {
    return this.reader.usage;
  }

  push(chunk: Uint8Array): Uint8Array {
    this.tap.push(chunk);
    const handed = this.reader.push(chunk);
    if (this.reader.isComplete) this.over();
    return handed;
  }

  end(): Uint8Array {
    const rest = this.reader.end();
    if (this.reader.failure === undefined) this.over();
    return rest;
  }

  /** Whichever comes first, the protocol's own end or that of the bytes. */
  private over(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.tap.end();
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return this.reader.encodeFailure(error, requestId);
  }
}
