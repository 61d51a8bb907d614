import { JsonFault, type JsonScanner } from "../bytes/json-scan.ts";
import { SSE_EVENT_BYTES_MAX, SseReader } from "../bytes/sse.ts";
import { OmniError } from "../ir/failure.ts";
import type { Usage } from "../ir/usage.ts";
import { NotAStream } from "./not-a-stream.ts";
import type { StreamReader } from "./wire.ts";

const EMPTY: Uint8Array = new Uint8Array();
const BLANK_LINE = Buffer.from("\n\n");
const DONE = Buffer.from("[DONE]");

/**
 * Reads a stream of server-sent events whose data say their own `type`, and hands it on as it is. What the types mean is the format's to say.
 *
 * Every event is scanned to its end, which can neither be misled by what a model writes, nor pass on half an event as a whole one.
 */
export abstract class VerbatimStream implements StreamReader {
  committed = false;
  failure: OmniError | undefined;
  abstract readonly usage: Usage | undefined;

  protected readonly events: SseReader = new SseReader();
  /** Whether the format's own end has come. Of what follows only `[DONE]` is handed on, which some providers write behind every stream. */
  protected over = false;
  private closed = false;
  private readonly foreign = new NotAStream();
  private readonly scanner: JsonScanner;
  private readonly terminal: string;

  /**
   * @param scanner What to look for in the data of events; it is shared by all streams of the format.
   * @param terminal The name of the format's own end.
   */
  constructor(scanner: JsonScanner, terminal: string) {
    this.scanner = scanner;
    this.terminal = terminal;
  }

  /**
   * Looks at an event: its data from `dataStart` to `dataEnd` of `events`, well-formed, and `count` numbers of what the scanner has found in it.
   * Sets `over`, `committed`, or (by `fail`) what went wrong. Hot path: after the first content nothing should be allocated here.
   * @returns Whether the event may be handed on.
   */
  protected abstract note(count: number): boolean;

  /** Reads an event that is an error by its name; its data may be anything. */
  protected abstract readError(): OmniError;

  /** Reads what came as a whole answer. @throws {OmniError} What it has to tell. */
  protected abstract inspect(body: Uint8Array): unknown;

  abstract encodeFailure(error: OmniError, requestId: string): Uint8Array;

  get isComplete(): boolean {
    return this.over;
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.failure !== undefined || this.closed) return EMPTY;
    if (this.foreign.takes(chunk)) {
      this.failure = this.foreign.failure;
      return EMPTY;
    }
    const { events } = this;
    events.push(chunk);
    while (events.next()) if (!this.read()) return events.takeBefore();
    if (events.tooLong) this.fail(tooLong());
    return events.take();
  }

  end(): Uint8Array {
    if (this.failure !== undefined || this.closed) return EMPTY;
    if (!this.foreign.isForeign) return this.readRest();
    this.failure = this.foreign.end((body) => this.inspect(body));
    return EMPTY;
  }

  /** The last event may lack its blank line. If it is whole and the stream has come to its end, it gets one, or clients would not see it. */
  private readRest(): Uint8Array {
    const { events, committed } = this;
    if (this.over) return events.take();
    const rest = events.finish();
    // An event that is broken was not written so: it broke off.
    if (rest === "scrap" || (rest === "event" && !this.read() && this.failure?.kind === "upstream_invalid")) {
      this.failure = this.truncated();
    } else if (!this.over) this.failure ??= this.truncated();
    if (rest !== "event") return events.take();
    if (this.failure === undefined) return Buffer.concat([events.take(), BLANK_LINE]);
    this.committed = committed;
    return events.takeBefore();
  }

  /** @returns Whether the event that was found may be handed on. If not, `failure` says why, or the stream is over. */
  private read(): boolean {
    const { data, dataStart, dataEnd } = this.events;
    if (isDone(data, dataStart, dataEnd)) return true;
    if (this.over) {
      this.closed = true;
      return false;
    }
    if (this.events.type === "error") return this.fail(this.readError());
    if (dataStart === dataEnd) return true;
    let count: number;
    try {
      count = this.scanner.scan(data, dataStart, dataEnd);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      return this.fail(
        new OmniError("upstream_invalid", `Cannot use the provider's stream: as JSON, an event is broken: ${error.message}.`),
      );
    }
    return this.note(count);
  }

  /** @returns false, for the one who looks at the event. */
  protected fail(failure: OmniError): false {
    this.failure = failure;
    return false;
  }

  private truncated(): OmniError {
    return new OmniError("upstream_truncated", `The provider's stream broke off: \`${this.terminal}\` never came.`);
  }
}

/** Whether the text from `start` to `end` is `word`. */
export function isWord(word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === word.length && beginsWith(word, bytes, start, end);
}

/** Whether the text from `start` to `end` begins with `word`. */
export function beginsWith(word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < word.length) return false;
  for (let index = 0; index < word.length; index++) if (bytes[start + index] !== word[index]) return false;
  return true;
}

function isDone(data: Uint8Array, start: number, end: number): boolean {
  return data[start] === DONE[0] && beginsWith(DONE, data, start, end);
}

function tooLong(): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's stream: an event is longer than ${SSE_EVENT_BYTES_MAX} bytes.`);
}
