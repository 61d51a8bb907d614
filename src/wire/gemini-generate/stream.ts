import { JsonFault, JsonScanner } from "../../bytes/json-scan.ts";
import { SSE_EVENT_BYTES_MAX, SseReader } from "../../bytes/sse.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { NotAStream } from "../not-a-stream.ts";
import { failureWithin } from "../provider-error.ts";
import type { StreamReader } from "../wire.ts";
import { inspectAnswer, readUsage } from "./answer.ts";
import { hasContent } from "./content.ts";
import { encodeErrorEvent } from "./envelope.ts";

const scanner = new JsonScanner(
  "error",
  "usageMetadata",
  "candidates[]",
  "candidates[].index",
  "candidates[].finishReason",
  "promptFeedback.blockReason",
);
const ERROR = 0;
const USAGE = 1;
const CANDIDATE = 2;
const INDEX = 3;
const FINISH = 4;
const BLOCKED = 5;

const EMPTY: Uint8Array = new Uint8Array();
const CR = 0x0d;
const LF = Buffer.from("\n");
const BLANK_LINE = Buffer.from("\n\n");

/**
 * Reads a stream of Gemini's and hands it on as it is. Every event is scanned to its end, which can neither be misled by what a model writes,
 * nor pass on half an event as a whole one. The format has no event for its end: every candidate must have its reason when the bytes end.
 */
export class GeminiStreamReader implements StreamReader {
  committed = false;
  readonly isComplete = false;
  failure: OmniError | undefined;

  private readonly events = new SseReader();
  private readonly foreign = new NotAStream();
  private readonly opened = new Set<number>();
  private readonly finished = new Set<number>();
  /** Whether the question itself was refused. */
  private blocked = false;
  /** Whether what was handed on ends between the two bytes of a line end. */
  private cutInLineEnd = false;
  private usageBytes: Uint8Array = EMPTY;
  private usageStart = 0;
  private usageEnd = 0;

  /** Read only when asked for, since it is told with every event. */
  get usage(): Usage | undefined {
    return this.usageEnd === 0 ? undefined : readUsage(this.usageBytes, this.usageStart, this.usageEnd);
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.failure !== undefined) return EMPTY;
    if (this.foreign.takes(chunk)) {
      this.failure = this.foreign.failure;
      return EMPTY;
    }
    const { events } = this;
    events.push(chunk);
    while (events.next()) if (!this.read()) return this.handed(events.takeBefore());
    if (events.tooLong) this.fail(`an event is longer than ${SSE_EVENT_BYTES_MAX} bytes`);
    return this.handed(events.take());
  }

  end(): Uint8Array {
    if (this.failure !== undefined) return EMPTY;
    if (!this.foreign.isForeign) return this.readRest();
    this.failure = this.foreign.end((body) => inspectAnswer(null, body));
    return EMPTY;
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    const event = encodeErrorEvent(error, requestId);
    // Google's clients know CRLF and LF as the ends of lines, but not one of each.
    return this.cutInLineEnd ? Buffer.concat([LF, event]) : event;
  }

  private handed(bytes: Uint8Array): Uint8Array {
    if (bytes.length > 0) this.cutInLineEnd = bytes[bytes.length - 1] === CR;
    return bytes;
  }

  /** The last event may lack its blank line. If it is whole and the stream has come to its end, it gets one, or clients would not see it. */
  private readRest(): Uint8Array {
    const { events, committed } = this;
    const rest = events.finish();
    // An event that is broken was not written so: it broke off.
    if (rest === "scrap" || (rest === "event" && !this.read() && this.failure?.kind === "upstream_invalid")) {
      this.failure = truncated("the last event is not whole");
    } else if (!this.isFinished()) this.failure ??= truncated("no `finishReason` came");
    if (rest !== "event") return events.take();
    if (this.failure === undefined) return Buffer.concat([events.take(), BLANK_LINE]);
    this.committed = committed;
    return events.takeBefore();
  }

  /**
   * Looks at the event that was found. Hot path: after the first content nothing is allocated for an event.
   * @returns Whether it may be handed on. If not, `failure` says why.
   */
  private read(): boolean {
    const { data, dataStart, dataEnd } = this.events;
    if (dataStart === dataEnd) return true;
    let count: number;
    try {
      count = scanner.scan(data, dataStart, dataEnd);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      return this.fail(`as JSON, an event is broken: ${error.message}`);
    }
    if (!this.note(data, count)) return false;
    if (!this.committed) this.committed = hasContent(Buffer.from(data.subarray(dataStart, dataEnd)).toString());
    return true;
  }

  private note(data: Uint8Array, count: number): boolean {
    const { found } = scanner;
    let index = -1;
    let end = false;
    for (let at = 0; at < count; at += 3) {
      const start = found[at + 1]!; // Scans write three numbers for each value.
      switch (found[at]) {
        case CANDIDATE:
          if (index !== -1) this.noteCandidate(index, end);
          index = 0;
          end = false;
          break;
        case INDEX:
          index = data[start]! - 0x30; // Well-formed; there are never ten candidates.
          break;
        case FINISH:
          if (data[start] === 0x22 && found[at + 2]! - start > 2) end = true;
          break;
        case BLOCKED:
          if (data[start] === 0x22) this.blocked = true;
          break;
        case USAGE:
          if (data[start] === 0x7b) {
            this.usageBytes = data;
            this.usageStart = start;
            this.usageEnd = found[at + 2]!;
          }
          break;
        case ERROR: {
          if (data[start] !== 0x7b) break;
          const { dataStart, dataEnd } = this.events;
          this.failure = failureWithin(data.subarray(dataStart, dataEnd));
          return false;
        }
      }
    }
    if (index !== -1) this.noteCandidate(index, end);
    return true;
  }

  private noteCandidate(index: number, end: boolean): void {
    this.opened.add(index);
    if (end) this.finished.add(index);
  }

  private isFinished(): boolean {
    if (this.opened.size === 0) return this.blocked;
    for (const index of this.opened) if (!this.finished.has(index)) return false;
    return true;
  }

  private fail(why: string): false {
    this.failure = new OmniError("upstream_invalid", `Cannot use the provider's stream: ${why}.`);
    return false;
  }
}

function truncated(why: string): OmniError {
  return new OmniError("upstream_truncated", `The provider's stream broke off: ${why}.`);
}
