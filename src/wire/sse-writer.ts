import type { ChatEvent } from "../ir/chat-events.ts";
import { type Loss, Losses } from "../ir/loss.ts";
import type { AnswerContext, ChatStreamEncoder } from "./chat-codec.ts";
import { ClientTools } from "./client-tools.ts";

const utf8 = new TextEncoder();

/** What all encoders of server-sent events share: texts become bytes once per batch, and losses are kept. */
export abstract class SseWriter implements ChatStreamEncoder {
  protected readonly lost: Losses = new Losses();
  readonly #tools: ClientTools | undefined;

  get losses(): readonly Loss[] {
    return this.lost.list;
  }

  /** @param context What was asked: the client's tools are called by the names that it gave them. */
  constructor(context: AnswerContext) {
    this.#tools = ClientTools.of(context.request);
  }

  write(event: ChatEvent): string {
    if (this.#tools === undefined) return this.encode(event);
    let text = "";
    for (const restored of this.#tools.push(event)) text += this.encode(restored);
    return text;
  }

  /** The text for one event. */
  protected abstract encode(event: ChatEvent): string;

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
