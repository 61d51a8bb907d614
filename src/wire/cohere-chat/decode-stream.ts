import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import { OmniError } from "../../ir/failure.ts";
import type { ChatStreamDecoder } from "../chat-codec.ts";
import type { Fields } from "../fields.ts";
import { failureWithin } from "../provider-error.ts";
import { readEvent, truncated } from "../stream-events.ts";
import { decodeCitation, isOfText } from "./decode-citations.ts";
import { decodeArguments } from "./decode-response.ts";
import { decodeFinish } from "./finish.ts";
import { decodeUsage } from "./usage.ts";

/** A part that is open. */
interface OpenPart {
  readonly type: PartStart["type"];
  readonly part: number;
}

/** Reads the stream of Cohere's chat, whose end is `message-end`; what follows it, such as `[DONE]`, is nobody's business. */
export class CohereStreamDecoder implements ChatStreamDecoder {
  readonly #kinds: { readonly type: string }[] = [];
  #open: OpenPart | undefined;
  /** The last part of text, which citations are about, and how long the ones before it are. */
  #text: { readonly part: number; readonly base: number } | undefined;
  #textLength = 0;
  #isStarted = false;
  #isOver = false;

  push(data: string): ChatEvent[] {
    const out: ChatEvent[] = [];
    if (this.#isOver || data.trim() === "[DONE]") return out;
    try {
      this.#read(readEvent(data), out);
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      this.#isOver = true;
      out.push({ type: "failure", error });
    }
    return out;
  }

  end(): ChatEvent[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    return [truncated("message-end")];
  }

  #read(event: Fields, out: ChatEvent[]): void {
    const type = event.json["type"];
    // An error in the middle has no type, and its words where an answer has its message.
    if (typeof event.json["message"] === "string" || event.has("error"))
      throw failureWithin(new TextEncoder().encode(JSON.stringify({ error: event.json["error"] ?? event.json["message"] })));
    if (!this.#isStarted) {
      this.#isStarted = true;
      out.push({ type: "start", id: event.stringMaybe("id") ?? "", model: "" });
    }
    const delta = event.objectMaybe("delta");
    if (type === "message-end") {
      this.#end(delta ?? event.object("delta"), out);
      return;
    }
    const message = delta?.objectMaybe("message");
    if (message === undefined) {
      if (type === "content-end" || type === "tool-call-end") this.#close(out);
      return;
    }
    switch (type) {
      case "tool-plan-delta":
        this.#reason(message.stringMaybe("tool_plan") ?? "", "summary", out);
        return;
      case "content-start":
        this.#close(out);
        this.#readContent(message.objectMaybe("content"), out);
        return;
      case "content-delta":
        this.#readContent(message.objectMaybe("content"), out);
        return;
      case "citation-start":
        this.#cite(message.object("citations"), out);
        return;
      case "tool-call-start":
        this.#startCall(message.object("tool_calls"), out);
        return;
      case "tool-call-delta":
        this.#continueCall(message.object("tool_calls").objectMaybe("function"), out);
        return;
      default:
        return; // Others carry nothing: `message-start` is empty, and new ones are not for us to refuse.
    }
  }

  #readContent(content: Fields | undefined, out: ChatEvent[]): void {
    if (content === undefined) return;
    this.#reason(content.stringMaybe("thinking") ?? "", "raw", out);
    const text = content.stringMaybe("text") ?? "";
    if (text === "") return;
    const { part, isNew } = this.#openPart({ type: "text", text: "" }, out);
    if (isNew) this.#text = { part, base: this.#textLength };
    this.#textLength += text.length;
    out.push({ type: "text-delta", choice: 0, part, text });
  }

  #reason(text: string, form: "summary" | "raw", out: ChatEvent[]): void {
    if (text === "") return;
    const { part } = this.#openPart({ type: "reasoning", texts: [] }, out);
    out.push({ type: "reasoning-delta", choice: 0, part, piece: 0, form, text });
  }

  #cite(citation: Fields, out: ChatEvent[]): void {
    // A citation comes while its part is open; without one there is nothing that it could be about.
    if (this.#text === undefined || this.#open?.part !== this.#text.part || !isOfText(citation)) return;
    const { part, base } = this.#text;
    for (const one of decodeCitation(citation, base)) out.push({ type: "citation", choice: 0, part, citation: one });
  }

  #startCall(call: Fields, out: ChatEvent[]): void {
    this.#close(out);
    const called = call.object("function");
    this.#openPart({ type: "tool-call", id: call.string("id"), name: called.string("name"), argumentsJson: "" }, out);
    this.#continueCall(called, out);
  }

  #continueCall(called: Fields | undefined, out: ChatEvent[]): void {
    const json = decodeArguments(called?.stringMaybe("arguments"));
    if (json === "" || this.#open?.type !== "tool-call") return;
    out.push({ type: "arguments-delta", choice: 0, part: this.#open.part, json });
  }

  #end(delta: Fields, out: ChatEvent[]): void {
    this.#close(out);
    const finish = decodeFinish(delta.string("finish_reason"), this.#kinds);
    const usage = delta.objectMaybe("usage");
    const counted = usage && decodeUsage(usage);
    this.#isOver = true;
    out.push({ type: "finish", choice: 0, finish });
    if (counted !== undefined) out.push({ type: "usage", usage: counted });
    out.push({ type: "end" });
  }

  #openPart(content: PartStart, out: ChatEvent[]): { readonly part: number; readonly isNew: boolean } {
    if (this.#open?.type === content.type) return { part: this.#open.part, isNew: false };
    this.#close(out);
    const part = this.#kinds.length;
    this.#kinds.push({ type: content.type });
    this.#open = { type: content.type, part };
    out.push({ type: "part-start", choice: 0, part, content });
    return { part, isNew: true };
  }

  #close(out: ChatEvent[]): void {
    if (this.#open === undefined) return;
    out.push({ type: "part-end", choice: 0, part: this.#open.part });
    this.#open = undefined;
  }
}
