import { JsonFault, JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { parsePart } from "../read-json.ts";
import type { StreamReader } from "../wire.ts";
import { InvokeFrames } from "./invoke-frames.ts";
import { MessagesStreamReader } from "./stream.ts";

const scanner = new JsonScanner("type");
const EMPTY: Uint8Array = new Uint8Array();

/** Hands the event stream of Bedrock's InvokeModel on as the server-sent events that clients of the Messages format know; each event's data as they are. */
export class InvokeStreamReader implements StreamReader {
  private readonly frames = new InvokeFrames();
  private readonly events = new MessagesStreamReader();
  private own: OmniError | undefined;

  get committed(): boolean {
    return this.events.committed;
  }

  get isComplete(): boolean {
    return this.events.isComplete;
  }

  get failure(): OmniError | undefined {
    return this.events.failure ?? this.own;
  }

  get usage(): Usage | undefined {
    return this.events.usage;
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.failure !== undefined) return EMPTY;
    const { frames } = this;
    const pieces: Uint8Array[] = [];
    frames.push(chunk);
    while (frames.next()) pieces.push(Buffer.from(`event: ${typeOfEvent(frames.data)}\ndata: `), frames.data, Buffer.from("\n\n"));
    const bytes = pieces.length === 0 ? EMPTY : this.events.push(Buffer.concat(pieces));
    const why = frames.broken ?? (frames.tooLong ? "a message of its event stream is too long" : undefined);
    if (why !== undefined) this.own = new OmniError("upstream_invalid", `Cannot use the provider's stream: ${why}.`);
    return bytes;
  }

  end(): Uint8Array {
    if (this.failure !== undefined) return EMPTY;
    const rest = this.frames.finish();
    const bytes = this.events.end();
    if (rest === "scrap") this.own = new OmniError("upstream_truncated", "The provider's stream broke off: its last message is not whole.");
    return bytes;
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return this.events.encodeFailure(error, requestId);
  }
}

/** The name that an event has in its data; one that can not be read is left to the reader of events to refuse. */
function typeOfEvent(data: Uint8Array): string {
  try {
    if (scanner.scan(data) === 0) return "message";
    const type = parsePart(data, scanner.found[1]!, scanner.found[2]!); // One was found.
    return typeof type === "string" && /^\w+$/.test(type) ? type : "message";
  } catch (error) {
    if (error instanceof JsonFault) return "message";
    throw error;
  }
}
