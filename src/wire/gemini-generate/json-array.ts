import { SseReader } from "../../bytes/sse.ts";
import type { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import type { StreamForm, StreamReader } from "../wire.ts";
import { encodeError } from "./envelope.ts";

const OPEN = Buffer.from("[");
const NEXT = Buffer.from(",\r\n");
const CLOSE = Buffer.from("]");
const EMPTY_LIST = Buffer.from("[]");
const EMPTY: Uint8Array = new Uint8Array();

/** One JSON list of all events, which grows: what Google sends to those who do not ask for server-sent events. */
export const JSON_ARRAY: StreamForm = {
  streamType: "application/json; charset=UTF-8",
  keepAlive: Buffer.from(" "),
  encodeErrorEvent: (error, requestId) => Buffer.concat([OPEN, encodeError(error, requestId), CLOSE]),
  reframe: (reader) => new JsonArrayStream(reader),
};

/** Takes the frames off the events of a stream and strings their data together to a list. */
class JsonArrayStream implements StreamReader {
  private readonly inner: StreamReader;
  private readonly events = new SseReader();
  private isOpen = false;

  constructor(inner: StreamReader) {
    this.inner = inner;
  }

  get committed(): boolean {
    return this.inner.committed;
  }

  get isComplete(): boolean {
    return this.inner.isComplete;
  }

  get failure(): OmniError | undefined {
    return this.inner.failure;
  }

  get usage(): Usage | undefined {
    return this.inner.usage;
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.string(this.inner.push(chunk));
  }

  end(): Uint8Array {
    const rest = this.string(this.inner.end());
    if (this.inner.failure !== undefined) return rest;
    return Buffer.concat([rest, this.isOpen ? CLOSE : EMPTY_LIST]);
  }

  /** The list is closed, so that the error can be read; what ends an answer is its reason to finish, and that is not made up. */
  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return Buffer.concat([this.isOpen ? NEXT : OPEN, encodeError(error, requestId), CLOSE]);
  }

  private string(whole: Uint8Array): Uint8Array {
    if (whole.length === 0) return EMPTY;
    const { events } = this;
    const pieces: Uint8Array[] = [];
    events.push(whole);
    while (events.next()) {
      pieces.push(this.isOpen ? NEXT : OPEN, events.data.subarray(events.dataStart, events.dataEnd));
      this.isOpen = true;
    }
    const strung = Buffer.concat(pieces);
    events.take();
    return strung;
  }
}
