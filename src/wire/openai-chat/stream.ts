import { JsonFault, JsonScanner } from "../../bytes/json-scan.ts";
import { SSE_EVENT_BYTES_MAX, SseReader } from "../../bytes/sse.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { NotAStream } from "../not-a-stream.ts";
import { failureWithin } from "../provider-error.ts";
import type { StreamReader } from "../wire.ts";
import { inspectAnswer, isError, wrap } from "./answer.ts";
import { hasContent } from "./content.ts";
import { encodeErrorEvent } from "./envelope.ts";
import { readUsage } from "./read-usage.ts";

const scanner = new JsonScanner(
  "error",
  "usage",
  "x_groq.usage",
  "choices[]",
  "choices[].index",
  "choices[].finish_reason",
  "choices[].error",
);
const ERROR = 0;
const USAGE = 1;
const USAGE_OF_GROQ = 2;
const CHOICE = 3;
const INDEX = 4;
const FINISH = 5;
const CHOICE_ERROR = 6;

const EMPTY: Uint8Array = new Uint8Array();
const DONE = Buffer.from("[DONE]");
const BLANK_LINE = Buffer.from("\n\n");

/**
 * Reads a stream of chat completion chunks and hands it on as it is.
 *
 * Every event is scanned to its end, which costs about as much as looking for a few words in it, but can neither be misled by what a model
 * writes, nor pass on half an event as a whole one. Nothing is parsed into objects after the first content.
 */
export class ChatStreamReader implements StreamReader {
  committed = false;
  failure: OmniError | undefined;

  private readonly doneRequired: boolean;
  private readonly hidesUsage: boolean;
  /** Whether the latest event is nothing but usage, which the client did not ask for. */
  private hidden = false;
  private readonly events = new SseReader();
  private readonly foreign = new NotAStream();
  /** Whether `[DONE]` came. What follows it is nobody's business. */
  private done = false;
  private readonly opened = new Set<number>();
  private readonly finished = new Set<number>();
  /** Choices whose `finish_reason` was empty, as Snowflake sends it at the end and others all the time: it counts once `[DONE]` has come. */
  private readonly ended = new Set<number>();
  private usageBytes: Uint8Array = EMPTY;
  private usageStart = 0;
  private usageEnd = 0;

  /**
   * @param doneRequired Whether the provider always sends `[DONE]`, so that an end without it is none.
   * @param hidesUsage Whether the event that only tells usage is left out, since it was the gateway that asked for it.
   */
  constructor(doneRequired: boolean, hidesUsage = false) {
    this.doneRequired = doneRequired;
    this.hidesUsage = hidesUsage;
  }

  /** Read only when asked for, since some providers tell it with every event. */
  get usage(): Usage | undefined {
    return this.usageEnd === 0 ? undefined : readUsage(this.usageBytes, this.usageStart, this.usageEnd);
  }

  get isComplete(): boolean {
    return this.done && this.failure === undefined;
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.failure !== undefined || this.done) return EMPTY;
    if (this.foreign.takes(chunk)) {
      this.failure = this.foreign.failure;
      return EMPTY;
    }
    const { events } = this;
    let before = EMPTY;
    events.push(chunk);
    while (events.next()) {
      if (!this.read()) return join(before, events.takeBefore());
      if (this.hidden) before = join(before, events.leaveOut());
      if (this.done) break;
    }
    if (events.tooLong) {
      this.failure = new OmniError(
        "upstream_invalid",
        `Cannot use the provider's stream: an event is longer than ${SSE_EVENT_BYTES_MAX} bytes.`,
      );
    }
    return join(before, events.take());
  }

  end(): Uint8Array {
    if (this.failure !== undefined || this.done) return EMPTY;
    if (this.foreign.isForeign) {
      this.failure = this.foreign.end((body) => inspectAnswer(null, body));
      return EMPTY;
    }
    return this.readRest();
  }

  /** The last event may lack its blank line. If it is whole and the stream has come to its end, it gets one, or clients would not see it. */
  private readRest(): Uint8Array {
    const { events, committed } = this;
    const rest = events.finish();
    // An event that is broken was not written so: it broke off.
    if (rest === "scrap" || (rest === "event" && !this.read() && this.failure?.kind === "upstream_invalid")) {
      this.failure = truncated("the last event is not whole");
    } else if (!this.isFinished()) this.failure ??= truncated("no `finish_reason` came");
    else if (this.doneRequired && !this.done) this.failure ??= truncated("no `[DONE]` came");
    if (rest !== "event" || this.hidden) return this.hidden ? events.leaveOut() : events.take();
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
    this.hidden = false;
    if (this.events.type === "error") return this.fail(failureWithin(data.subarray(dataStart, dataEnd)));
    if (dataStart === dataEnd) return true;
    if (isDone(data, dataStart, dataEnd)) {
      this.done = true;
      // OpenRouter has left out the reason in a stream that was whole. Usage comes last of all, so with it `[DONE]` is to be believed.
      return this.isFinished() || (this.committed && this.usageEnd > 0) || this.fail(truncated("no `finish_reason` came before `[DONE]`"));
    }
    let count: number;
    try {
      count = scanner.scan(data, dataStart, dataEnd);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      return this.fail(
        new OmniError("upstream_invalid", `Cannot use the provider's stream: as JSON, an event is broken: ${error.message}.`),
      );
    }
    if (!this.note(data, count)) return false;
    if (!this.committed) this.committed = hasContent(Buffer.from(data.subarray(dataStart, dataEnd)).toString());
    return true;
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return encodeErrorEvent(error, requestId);
  }

  private note(data: Uint8Array, count: number): boolean {
    const { found } = scanner;
    let index = -1;
    let end = false;
    let usage = false;
    for (let at = 0; at < count; at += 3) {
      const start = found[at + 1]!; // Scans write three numbers for each value.
      switch (found[at]) {
        case CHOICE:
          if (index !== -1) this.noteChoice(index, end);
          index = 0;
          end = false;
          break;
        case INDEX:
          index = integerAt(data, start, found[at + 2]!);
          break;
        case FINISH:
          if (data[start] !== 0x22) break;
          if (found[at + 2]! - start > 2) end = true;
          else this.ended.add(index);
          break;
        case USAGE:
        case USAGE_OF_GROQ:
          if (data[start] !== 0x7b) break;
          this.noteUsage(data, start, found[at + 2]!);
          usage = true;
          break;
        case ERROR:
        case CHOICE_ERROR: {
          if (!isError(data, start, found[at + 2]!)) break;
          const { dataStart, dataEnd } = this.events;
          return this.fail(failureWithin(found[at] === ERROR ? data.subarray(dataStart, dataEnd) : wrap(data, start, found[at + 2]!)));
        }
      }
    }
    if (index !== -1) this.noteChoice(index, end);
    else this.hidden = usage && this.hidesUsage;
    return true;
  }

  private noteChoice(index: number, end: boolean): void {
    this.opened.add(index);
    if (end) this.finished.add(index);
  }

  private noteUsage(data: Uint8Array, start: number, end: number): void {
    this.usageBytes = data;
    this.usageStart = start;
    this.usageEnd = end;
  }

  private isFinished(): boolean {
    for (const index of this.opened) {
      if (!this.finished.has(index) && !(this.done && this.ended.has(index))) return false;
    }
    return this.opened.size > 0;
  }

  private fail(failure: OmniError): false {
    this.failure = failure;
    return false;
  }
}

/** Without a copy where one of them is empty. */
function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  return second.length === 0 ? first : Buffer.concat([first, second]);
}

function isDone(data: Uint8Array, start: number, end: number): boolean {
  if (data[start] !== DONE[0] || end - start < DONE.length) return false;
  for (let at = 1; at < DONE.length; at++) if (data[start + at] !== DONE[at]) return false;
  // The official clients look no further either.
  return true;
}

/** The number at a place of scanned JSON; 0 for anything but a plain integer. */
function integerAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30; // Below `end`.
    if (digit < 0 || digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value;
}

function truncated(why: string): OmniError {
  return new OmniError("upstream_truncated", `The provider's stream broke off: ${why}.`);
}
