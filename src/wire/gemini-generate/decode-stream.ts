import type { ChatEvent } from "../../ir/chat-events.ts";
import { OmniError } from "../../ir/failure.ts";
import type { ChatStreamDecoder } from "../chat-codec.ts";
import { parseEvent } from "../parse-event.ts";
import { AnswerReader, unfinished } from "./decode-answer.ts";

/** Where objects are that clients or tools made. */
const EXACT = /"(?:functionCall|toolCall|toolResponse)"/;

/**
 * Reads the stream of Gemini's streamGenerateContent. It has no event for its end: that is a reason to finish for every candidate, and then
 * the end of the bytes, since usage may still come behind the reasons.
 */
export class GeminiStreamDecoder implements ChatStreamDecoder {
  readonly #reader = new AnswerReader();
  #isOver = false;

  push(data: string): ChatEvent[] {
    return this.#guarded((out) => this.#reader.read(parseEvent(data, EXACT), out));
  }

  end(): ChatEvent[] {
    return this.#guarded((out) => {
      if (!this.#reader.isFinished) throw unfinished();
      this.#reader.end(out);
      this.#isOver = true;
    });
  }

  #guarded(read: (out: ChatEvent[]) => void): ChatEvent[] {
    if (this.#isOver) return [];
    const out: ChatEvent[] = [];
    try {
      read(out);
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      this.#isOver = true;
      out.push({ type: "failure", error });
    }
    return out;
  }
}
