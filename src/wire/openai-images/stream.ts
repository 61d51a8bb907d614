import { SSE_EVENT_BYTES_MAX, SseReader } from "../../bytes/sse.ts";
import { OmniError } from "../../ir/failure.ts";
import type { ImageEvent } from "../../ir/image.ts";
import type { Usage } from "../../ir/usage.ts";
import { imageFailureWithin } from "../image-task.ts";
import { readEvent } from "../stream-events.ts";
import type { TaskStreamDecoder } from "../task.ts";
import { aboutOf, readUsage } from "./usage.ts";

/** A finished image of four megapixels is longer than any event of a chat. */
const EVENT_BYTES_MAX = 16 * SSE_EVENT_BYTES_MAX;

/** Reads OpenAI's stream of images. It is at its end when as many are finished as were asked for. */
export class ImageStreamDecoder implements TaskStreamDecoder<ImageEvent> {
  usage: Usage | undefined;
  private readonly reader = new SseReader(EVENT_BYTES_MAX);
  private readonly count: number;
  private finished = 0;

  constructor(count: number) {
    this.count = count;
  }

  push(chunk: Uint8Array): readonly ImageEvent[] {
    this.reader.push(chunk);
    const events = this.readOn();
    if (this.reader.tooLong)
      throw new OmniError(
        "upstream_invalid",
        `Cannot use the provider's answer: an event of its stream is longer than ${EVENT_BYTES_MAX} bytes.`,
      );
    return events;
  }

  end(): readonly ImageEvent[] {
    const events = this.reader.finish() === "event" ? [this.readData()].filter((event) => event !== undefined) : [];
    if (this.finished >= this.count) return events;
    throw new OmniError("upstream_truncated", `The provider's answer broke off: ${this.finished} of ${this.count} images were finished.`);
  }

  private readOn(): ImageEvent[] {
    const events: ImageEvent[] = [];
    while (this.reader.next()) {
      const event = this.readData();
      if (event !== undefined) events.push(event);
    }
    // What was read is not handed on, and need not be kept.
    this.reader.take();
    return events;
  }

  private readData(): ImageEvent | undefined {
    const { data, dataStart, dataEnd } = this.reader;
    const text = Buffer.from(data.buffer, data.byteOffset + dataStart, dataEnd - dataStart).toString();
    if (text.trim() === "[DONE]") return undefined;
    const fields = readEvent(text);
    if (fields.has("error") || fields.stringMaybe("type") === "error") throw imageFailureWithin(Buffer.from(text));
    const type = fields.stringMaybe("type") ?? "";
    if (type.endsWith(".partial_image"))
      return {
        type: "partial",
        index: fields.numberMaybe("partial_image_index") ?? 0,
        base64: fields.string("b64_json"),
        about: aboutOf(fields),
      };
    if (!type.endsWith(".completed")) return undefined;
    this.finished++;
    this.usage = readUsage(fields.objectMaybe("usage"), this.finished);
    return { type: "image", base64: fields.string("b64_json"), about: aboutOf(fields), usage: this.usage };
  }
}
