import { JsonFault, JsonScanner } from "../../bytes/json-scan.ts";
import { NDJSON_LINE_BYTES_MAX, NdjsonReader } from "../../bytes/ndjson.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { failureWithin } from "../provider-error.ts";
import type { StreamReader } from "../wire.ts";
import { readUsage } from "./answer.ts";
import { encodeErrorEvent } from "./envelope.ts";

const scanner = new JsonScanner("error", "done", "message", "message.content", "message.thinking", "message.tool_calls");
const ERROR = 0;
const DONE = 1;
const MESSAGE = 2;

const EMPTY: Uint8Array = new Uint8Array();
const LINE_END = Buffer.from("\n");

/**
 * Reads a stream of Ollama's and hands it on as it is. Every line is scanned to its end, which can neither be misled by what a model writes, nor
 * pass on half a line as a whole one. The line that is done is the last one, whatever follows.
 */
export class OllamaStreamReader implements StreamReader {
  committed = false;
  failure: OmniError | undefined;
  usage: Usage | undefined;

  private readonly lines = new NdjsonReader();
  private done = false;

  get isComplete(): boolean {
    return this.done;
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.failure !== undefined || this.done) return EMPTY;
    const { lines } = this;
    lines.push(chunk);
    while (!this.done && lines.next()) if (!this.read()) return lines.takeBefore();
    if (lines.tooLong) this.fail(`a line is longer than ${NDJSON_LINE_BYTES_MAX} bytes`);
    return lines.take();
  }

  end(): Uint8Array {
    return this.failure !== undefined || this.done ? EMPTY : this.readRest();
  }

  encodeFailure(error: OmniError): Uint8Array {
    return encodeErrorEvent(error);
  }

  /** The last line may lack its end. If it is whole and says that it is done, it gets one. */
  private readRest(): Uint8Array {
    const { lines, committed } = this;
    const rest = lines.finish();
    // A line that is broken was not written so: it broke off.
    if (rest === "event" && !this.read() && this.failure?.kind === "upstream_invalid")
      this.failure = truncated("the last line is not whole");
    else if (!this.done) this.failure ??= truncated("no line was `done`");
    if (rest !== "event") return lines.take();
    if (this.failure === undefined) return Buffer.concat([lines.take(), LINE_END]);
    this.committed = committed;
    return lines.takeBefore();
  }

  /**
   * Looks at the line that was found. Hot path: allocates nothing but at the end.
   * @returns Whether it may be handed on. If not, `failure` says why.
   */
  private read(): boolean {
    const { data, dataStart, dataEnd } = this.lines;
    let count: number;
    try {
      count = scanner.scan(data, dataStart, dataEnd);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      return this.fail(`as JSON, a line is broken: ${error.message}`);
    }
    const { found } = scanner;
    for (let at = 0; at < count; at += 3) {
      const start = found[at + 1]!; // Scans write three numbers for each value.
      const length = found[at + 2]! - start;
      switch (found[at]) {
        case ERROR:
          if (data[start] !== 0x7b && (data[start] !== 0x22 || length === 2)) break;
          this.failure = failureWithin(data.subarray(dataStart, dataEnd));
          return false;
        case DONE:
          if (data[start] === 0x74) this.done = true;
          break;
        case MESSAGE:
          break;
        default:
          // Texts and lists that are not empty.
          if ((data[start] === 0x22 || data[start] === 0x5b) && length > 2) this.committed = true;
      }
    }
    if (!this.done) return true;
    this.committed = true;
    this.usage = readUsage(data, dataStart, dataEnd);
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
