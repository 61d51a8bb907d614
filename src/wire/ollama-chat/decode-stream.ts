import type { ChatEvent } from "../../ir/chat-events.ts";
import { OmniError } from "../../ir/failure.ts";
import type { ChatStreamDecoder } from "../chat-codec.ts";
import { parseEvent } from "../parse-event.ts";
import { AnswerReader, unfinished } from "./decode-answer.ts";

/** Where objects are that clients made. */
const EXACT = /"tool_calls"/;

/** Reads the stream of Ollama's chat: one object per line, the last of which says `done`. What follows it is nobody's business. */
export class OllamaStreamDecoder implements ChatStreamDecoder {
  readonly #reader = new AnswerReader();
  #hasFailed = false;

  push(data: string): ChatEvent[] {
    const out: ChatEvent[] = [];
    if (this.#hasFailed || this.#reader.isDone) return out;
    try {
      this.#reader.read(parseEvent(data, EXACT), out);
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      this.#hasFailed = true;
      out.push({ type: "failure", error });
    }
    return out;
  }

  end(): ChatEvent[] {
    if (this.#hasFailed || this.#reader.isDone) return [];
    this.#hasFailed = true;
    return [{ type: "failure", error: unfinished() }];
  }
}
