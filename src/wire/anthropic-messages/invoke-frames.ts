import { AwsEventStreamReader } from "../../bytes/aws-event-stream.ts";
import { JsonFault, JsonScanner } from "../../bytes/json-scan.ts";
import { failureNamed } from "../bedrock-converse/failure.ts";
import type { Frames } from "../chat-codec.ts";
import { parsePart } from "../read-json.ts";
import { errorObject } from "./encode-error.ts";

const scanner = new JsonScanner("bytes", "message");
const EMPTY: Uint8Array = new Uint8Array();

/**
 * Finds the events of the Messages format in the event stream of Bedrock's InvokeModel, where each is packed in base64. What AWS says in the place of an
 * event becomes the format's own error event.
 */
export class InvokeFrames implements Frames {
  data: Uint8Array = EMPTY;
  dataStart = 0;
  dataEnd = 0;
  /** Events say their own names in their data. */
  readonly type: string = "";
  private readonly messages = new AwsEventStreamReader();
  private unreadable: string | undefined;

  get tooLong(): boolean {
    return this.messages.tooLong;
  }

  get broken(): string | undefined {
    return this.unreadable ?? this.messages.broken;
  }

  push(chunk: Uint8Array): void {
    this.messages.push(chunk);
  }

  next(): boolean {
    const { messages } = this;
    while (this.unreadable === undefined && messages.next()) {
      const event = messages.type === "chunk" ? this.unpack() : errorOf(messages);
      if (event === undefined) continue;
      this.data = event;
      this.dataStart = 0;
      this.dataEnd = event.length;
      return true;
    }
    return false;
  }

  /** Nothing is ever handed on as it is. */
  take(): Uint8Array {
    return EMPTY;
  }

  finish(): "nothing" | "scrap" {
    return this.messages.finish();
  }

  private unpack(): Uint8Array | undefined {
    const packed = valueIn(this.messages, 0);
    if (packed === undefined) this.unreadable = "a chunk of its event stream holds no bytes";
    return packed === undefined ? undefined : Buffer.from(packed, "base64");
  }
}

/** @returns undefined for an event that means nothing here, such as one that AWS has yet to invent. */
function errorOf(messages: AwsEventStreamReader): Uint8Array | undefined {
  const [kind, name = ""] = messages.type.split(":");
  if (kind !== "exception" && kind !== "error") return undefined;
  const failure = failureNamed(name, kind === "exception" ? valueIn(messages, 1) : undefined);
  return Buffer.from(JSON.stringify(errorObject(failure, undefined)));
}

/** The text under one of the scanner's names in a message's payload. */
function valueIn({ data, dataStart, dataEnd }: AwsEventStreamReader, slot: number): string | undefined {
  try {
    const count = scanner.scan(data, dataStart, dataEnd);
    for (let at = 0; at < count; at += 3) {
      if (scanner.found[at] !== slot) continue;
      const value = parsePart(data, scanner.found[at + 1]!, scanner.found[at + 2]!); // Scans write three numbers for each value.
      if (typeof value === "string") return value;
    }
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
  return undefined;
}
