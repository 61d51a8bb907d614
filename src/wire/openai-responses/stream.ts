import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import { isJsonObject, type JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import { failureWithin, readProviderError } from "../provider-error.ts";
import type { AnswerSink } from "../keeping.ts";
import { parsePart } from "../read-json.ts";
import { beginsWith, isWord, VerbatimStream } from "../verbatim-stream.ts";
import { errorBody, inspectAnswer, readUsage } from "./answer.ts";
import { hasContent } from "./content.ts";
import { errorEvent, failedEvent } from "./envelope.ts";

const scanner = new JsonScanner("type", "sequence_number", "response", "response.error", "response.usage", "error", "response.id");
const TYPE = 0;
const SEQUENCE = 1;
const RESPONSE = 2;
const RESPONSE_ERROR = 3;
const USAGE = 4;
const ERROR_WITHIN = 5;
const ID = 6;

const FAMILY = Buffer.from("response.");
const COMPLETED = Buffer.from("response.completed");
const INCOMPLETE = Buffer.from("response.incomplete");
const FAILED = Buffer.from("response.failed");
const ERROR = Buffer.from("error");

const EMPTY: Uint8Array = new Uint8Array();
const OPEN = 0x7b;

/** Reads a stream of the Responses format and hands it on as it is. */
export class ResponsesStreamReader extends VerbatimStream {
  /** The number that the next event would have. */
  private sequenceNext = 0;
  /** The answer as it was told last, where it stands. */
  private headBytes: Uint8Array = EMPTY;
  private headStart = 0;
  private headEnd = 0;
  private usageBytes: Uint8Array = EMPTY;
  private usageStart = 0;
  private usageEnd = 0;
  /** The event by which the provider itself ended the stream. */
  private failed: Uint8Array | undefined;

  private readonly sink: AnswerSink | undefined;
  private hasBegun = false;

  /** @param sink Is told what becomes of the answer. */
  constructor(sink?: AnswerSink) {
    super(scanner, "response.completed");
    this.sink = sink;
  }

  get usage(): Usage | undefined {
    return this.usageEnd === 0 ? undefined : readUsage(this.usageBytes, this.usageStart, this.usageEnd);
  }

  protected note(count: number): boolean {
    const { data, dataStart, dataEnd } = this.events;
    const { found } = scanner;
    let start = 0;
    let end = 0;
    let errorAt = -1;
    let sequence = this.sequenceNext;
    for (let at = 0; at < count; at += 3) {
      const valueStart = found[at + 1]!; // Scans write three numbers for each value.
      const valueEnd = found[at + 2]!;
      switch (found[at]) {
        case TYPE:
          start = valueStart + 1;
          end = valueEnd - 1;
          break;
        case SEQUENCE:
          sequence = integerAt(data, valueStart, valueEnd) ?? sequence;
          break;
        case RESPONSE:
          if (data[valueStart] === OPEN) this.noteHead(data, valueStart, valueEnd);
          break;
        case USAGE:
          if (data[valueStart] === OPEN) this.noteUsage(data, valueStart, valueEnd);
          break;
        case ID:
          if (this.sink !== undefined && !this.hasBegun) this.begin(String(parsePart(data, valueStart, valueEnd)));
          break;
        case RESPONSE_ERROR:
        case ERROR_WITHIN:
          if (data[valueStart] === OPEN) errorAt = at;
      }
    }
    if (isWord(ERROR, data, start, end)) return this.fail(this.readError());
    if (isWord(FAILED, data, start, end)) {
      this.failed = data.subarray(dataStart, dataEnd);
      return this.fail(errorAt === -1 ? unexplained() : failureWithin(errorBody(data, found[errorAt + 1]!, found[errorAt + 2]!)));
    }
    // Gateways before the provider tell errors in the way of the chat format.
    if (errorAt !== -1 && !beginsWith(FAMILY, data, start, end)) return this.fail(failureWithin(data.subarray(dataStart, dataEnd)));
    this.sequenceNext = sequence + 1;
    if (isWord(COMPLETED, data, start, end) || isWord(INCOMPLETE, data, start, end)) {
      this.over = true;
      // A copy: what is kept must not hold on to the chunk that it came in.
      if (this.sink !== undefined && this.headEnd > 0)
        this.sink.ended(new Uint8Array(this.headBytes.subarray(this.headStart, this.headEnd)));
    }
    if (!this.committed) this.committed = hasContent(Buffer.from(data.subarray(dataStart, dataEnd)).toString());
    return true;
  }

  /** An `error` event has its fields at the top, and those of some providers within an `error`. */
  protected readError(): OmniError {
    const { data, dataStart, dataEnd } = this.events;
    const event = data.subarray(dataStart, dataEnd);
    const isPlain = readProviderError(event)?.hasError === false;
    return failureWithin(isPlain ? errorBody(data, dataStart, dataEnd) : event);
  }

  protected inspect(body: Uint8Array): unknown {
    return inspectAnswer(null, body);
  }

  encodeFailure(error: OmniError): Uint8Array {
    // Words about our own credential are nobody's; all others are told as they came.
    if (this.failed !== undefined && error.body !== undefined) {
      return Buffer.concat([Buffer.from("event: response.failed\ndata: "), this.failed, Buffer.from("\n\n")]);
    }
    const head = this.head();
    const said = errorEvent(error, this.sequenceNext);
    return Buffer.from(head === undefined ? said : said + failedEvent(error, this.sequenceNext + 1, head));
  }

  private begin(id: string): void {
    this.hasBegun = true;
    this.sink?.began(id);
  }

  private head(): JsonObject | undefined {
    if (this.headEnd === 0) return undefined;
    const head = parsePart(this.headBytes, this.headStart, this.headEnd);
    return isJsonObject(head) ? head : undefined;
  }

  private noteHead(data: Uint8Array, start: number, end: number): void {
    this.headBytes = data;
    this.headStart = start;
    this.headEnd = end;
  }

  private noteUsage(data: Uint8Array, start: number, end: number): void {
    this.usageBytes = data;
    this.usageStart = start;
    this.usageEnd = end;
  }
}

/** The number at a place of scanned JSON; undefined for anything but a plain integer. */
function integerAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30; // Below `end`.
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function unexplained(): OmniError {
  return new OmniError("upstream_failed", "The provider failed, and did not say why.");
}
