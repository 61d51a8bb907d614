import type { ChatEvent } from "../../ir/chat-events.ts";
import { OmniError } from "../../ir/failure.ts";
import type { ChatStreamDecoder } from "../chat-codec.ts";
import type { Fields } from "../fields.ts";
import { decodeStreamError } from "../openai-stream-error.ts";
import { readEvent, truncated } from "../stream-events.ts";
import { decodeHead } from "./decode-response.ts";
import { ItemReader } from "./decode-stream-items.ts";
import { decodeStatus } from "./status.ts";
import { decodeUsage } from "./usage.ts";

/** Reads the stream of the Responses format; its own end is `response.completed` or `response.incomplete`, which hold the usage. */
export class ResponsesStreamDecoder implements ChatStreamDecoder {
  readonly #items = new ItemReader();
  #started = false;
  #over = false;

  push(data: string): ChatEvent[] {
    // Open Responses wants `[DONE]` behind the end; alone it says nothing.
    if (this.#over || data.trim() === "[DONE]") return [];
    const out: ChatEvent[] = [];
    try {
      this.#read(readEvent(data), out);
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      this.#over = true;
      out.push({ type: "failure", error });
    }
    return out;
  }

  end(): ChatEvent[] {
    if (this.#over) return [];
    this.#over = true;
    return [truncated("response.completed")];
  }

  #read(event: Fields, out: ChatEvent[]): void {
    const type = event.string("type");
    switch (type) {
      case "response.created":
      case "response.in_progress":
      case "response.queued":
        this.#start(event.object("response"), out);
        return;
      case "response.completed":
      case "response.incomplete":
        this.#finish(event.object("response"), out);
        return;
      case "response.failed":
        throw decodeStreamError(event.object("response"));
      case "error":
        throw decodeStreamError(event);
      default:
        this.#items.read(type, event, out);
    }
  }

  #start(response: Fields, out: ChatEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    out.push({ type: "start", ...decodeHead(response) });
  }

  #finish(response: Fields, out: ChatEvent[]): void {
    this.#start(response, out);
    this.#items.end(response.objectsMaybe("output") ?? [], out);
    const finish = decodeStatus(response, this.#items.kinds);
    const usage = response.objectMaybe("usage");
    const { serviceTier, bags } = decodeHead(response);
    this.#over = true;
    out.push({ type: "finish", choice: 0, finish });
    if (usage !== undefined) out.push({ type: "usage", usage: decodeUsage(usage) });
    out.push({ type: "end", ...(serviceTier !== undefined && { serviceTier }), ...(bags && { bags }) });
  }
}
