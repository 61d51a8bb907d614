import type { ChatEvent } from "../ir/chat-events.ts";
import { type Loss, Losses } from "../ir/loss.ts";
import type { ChatStreamEncoder } from "./chat-codec.ts";

const utf8 = new TextEncoder();

/** What all encoders of server-sent events share: texts become bytes once per batch, and losses are kept. */
export abstract class SseWriter implements ChatStreamEncoder {
  protected readonly lost: Losses = new Losses();

  get losses(): readonly Loss[] {
    return this.lost.list;
  }

  abstract write(event: ChatEvent): string;

  push(events: readonly ChatEvent[]): Uint8Array {
    let text = "";
    for (const event of events) text += this.write(event);
    return utf8.encode(text);
  }
}

/** One event with a name, as Anthropic and Responses want it: the name equals the data's `type`. */
export function sseEvent(data: { readonly type: string; readonly [key: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
