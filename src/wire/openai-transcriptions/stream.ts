import { SSE_EVENT_BYTES_MAX, SseReader } from "../../bytes/sse.ts";
import { OmniError } from "../../ir/failure.ts";
import type { TranscriptionEvent } from "../../ir/transcription.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { failureWithin } from "../provider-error.ts";
import type { TaskStreamDecoder } from "../task.ts";
import { readUsage } from "./provider.ts";

/** Reads OpenAI's stream of a transcript. Its end is `transcript.text.done`; without it the transcript is not whole. */
export class TranscriptStream implements TaskStreamDecoder<TranscriptionEvent> {
  usage: Usage | undefined;
  private readonly events: SseReader = new SseReader();
  private done = false;

  push(chunk: Uint8Array): readonly TranscriptionEvent[] {
    const { events } = this;
    const told: TranscriptionEvent[] = [];
    events.push(chunk);
    while (events.next()) told.push(...this.read());
    if (events.tooLong)
      throw new OmniError("upstream_invalid", `Cannot use the provider's stream: an event is longer than ${SSE_EVENT_BYTES_MAX} bytes.`);
    events.take();
    return told;
  }

  end(): readonly TranscriptionEvent[] {
    const told = this.events.finish() === "event" ? this.read() : [];
    if (!this.done) throw new OmniError("upstream_truncated", "The provider's stream broke off before the transcript was whole.");
    return told;
  }

  private read(): readonly TranscriptionEvent[] {
    const { data, dataStart, dataEnd } = this.events;
    const text = Buffer.from(data.subarray(dataStart, dataEnd)).toString();
    if (this.done || text === "" || text === "[DONE]") return [];
    const event = Fields.of(parsed(text), "", "upstream_invalid");
    if (event.has("error")) throw failureWithin(Buffer.from(text));
    switch (event.stringMaybe("type")) {
      case "transcript.text.delta":
        return [{ type: "text-delta", text: event.string("delta") }];
      case "transcript.text.done": {
        this.done = true;
        const usage = event.objectMaybe("usage");
        this.usage = readUsage(usage, undefined);
        const rest = usage === undefined ? undefined : { usage: usage.json };
        const result = {
          text: event.string("text"),
          language: undefined,
          duration: undefined,
          segments: undefined,
          words: undefined,
          rest,
        };
        return [{ type: "end", result }];
      }
      default:
        // Segments, of those who tell speakers apart: all of their text comes in the deltas too.
        return [];
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OmniError("upstream_invalid", "Cannot use the provider's stream: an event is no JSON.", { cause });
  }
}
