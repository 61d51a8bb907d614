import { OmniError } from "../ir/failure.ts";

/** So much of an answer is kept that came whole where a stream was asked for: enough for any error. */
const BODY_BYTES_MAX = 64 * 1024;

/** Looks at the beginning of what should be a stream of events, and holds on to it if it is something else: JSON, or a web page. */
export class NotAStream {
  isForeign = false;
  failure: OmniError | undefined;
  private decided = false;
  private readonly pieces: Uint8Array[] = [];
  private length = 0;

  /**
   * Takes the chunk if it belongs to something else than a stream. Sets `failure` as soon as there is no sense in waiting for more.
   * Hot path: one comparison once the beginning is known.
   */
  takes(chunk: Uint8Array): boolean {
    if (!this.decided) this.decide(chunk);
    if (!this.isForeign) return false;
    this.pieces.push(chunk);
    this.length += chunk.length;
    if (this.length > BODY_BYTES_MAX) this.failure ??= invalid("something else came");
    return true;
  }

  /** @param inspect Reads what came as a whole answer; throws what it has to tell. */
  end(inspect: (body: Uint8Array) => unknown): OmniError {
    try {
      inspect(Buffer.concat(this.pieces));
    } catch (error) {
      if (error instanceof OmniError && error.kind !== "upstream_invalid") return error;
    }
    return invalid("the answer came whole");
  }

  private decide(chunk: Uint8Array): void {
    for (const byte of chunk) {
      // White space, and the three bytes of a byte order mark.
      if (byte <= 0x20 || byte === 0xef || byte === 0xbb || byte === 0xbf) continue;
      this.decided = true;
      this.isForeign = byte === 0x7b || byte === 0x5b || byte === 0x3c;
      if (byte === 0x3c) this.failure = invalid("a web page came");
      return;
    }
  }
}

function invalid(what: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's answer: a stream was asked for, and ${what}.`);
}
