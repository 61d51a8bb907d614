import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { failureWithin } from "../provider-error.ts";
import { beginsWith, isWord, VerbatimStream } from "../verbatim-stream.ts";
import { inspectAnswer, readUsage } from "./answer.ts";
import { hasContent } from "./content.ts";
import { encodeErrorEvent } from "./envelope.ts";

const scanner = new JsonScanner("type", "message.usage", "usage");
const TYPE = 0;
const USAGE_AT_START = 1;

const CONTENT = Buffer.from("content_block_");
const START = Buffer.from("message_start");
const STOP = Buffer.from("message_stop");
const ERROR = Buffer.from("error");

/** Where a usage stands. Kept as bytes, since it is read only when asked for. */
interface Place {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Reads a stream of the Messages format and hands it on as it is. */
export class MessagesStreamReader extends VerbatimStream {
  private started = false;
  private usageAtStart: Place | undefined;
  private usageLatest: Place | undefined;

  constructor() {
    super(scanner, "message_stop");
  }

  /** Counts are cumulative, and those of the input often stand at the beginning only. */
  get usage(): Usage | undefined {
    const before = readAt(this.usageAtStart, undefined);
    return readAt(this.usageLatest, before);
  }

  protected note(count: number): boolean {
    const { data, dataStart, dataEnd } = this.events;
    const { found } = scanner;
    let start = 0;
    let end = 0;
    for (let at = 0; at < count; at += 3) {
      const valueStart = found[at + 1]!; // Scans write three numbers for each value.
      const valueEnd = found[at + 2]!;
      if (found[at] === TYPE) {
        start = valueStart + 1;
        end = valueEnd - 1;
      } else if (data[valueStart] === 0x7b) {
        const place = { bytes: data, start: valueStart, end: valueEnd };
        if (found[at] === USAGE_AT_START) this.usageAtStart = place;
        else this.usageLatest = place;
      }
    }
    if (beginsWith(CONTENT, data, start, end)) {
      if (!this.started) return this.fail(invalid("a block came before its message"));
    } else if (isWord(START, data, start, end)) {
      // Clients throw at a second one; some providers send it when they begin anew behind the scenes.
      if (this.started) return this.fail(invalid("it began twice"));
      this.started = true;
    } else if (isWord(STOP, data, start, end)) {
      if (!this.started) return this.fail(invalid("it ended before it began"));
      this.over = true;
    } else if (isWord(ERROR, data, start, end)) return this.fail(this.readError());
    if (!this.committed) this.committed = hasContent(Buffer.from(data.subarray(dataStart, dataEnd)).toString());
    return true;
  }

  protected readError(): OmniError {
    const { data, dataStart, dataEnd } = this.events;
    return failureWithin(data.subarray(dataStart, dataEnd));
  }

  protected inspect(body: Uint8Array): unknown {
    return inspectAnswer(null, body);
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return encodeErrorEvent(error, requestId);
  }
}

function readAt(place: Place | undefined, before: Usage | undefined): Usage | undefined {
  return place === undefined ? before : readUsage(place.bytes, place.start, place.end, before);
}

function invalid(why: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's stream: ${why}.`);
}
