import type { ChatRequest, Message } from "../ir/chat.ts";
import type { ChatEvent } from "../ir/chat-events.ts";
import type { ChatStreamEncoder } from "./chat-codec.ts";
import { Overlap } from "./overlap.ts";

/** What a model is told that does not go on with its own last words by itself. */
const GO_ON =
  "Your last message was cut off in the middle. Go on exactly where it stops, with the very next character, as if there had been no interruption. Repeat nothing of it, and do not mention this.";

/** How many letters make a token, roughly. */
const LETTERS_PER_TOKEN = 4;
const TOKENS_MIN = 16;

/**
 * What a streamed answer has said so far, and the encoder that said it to the client; so that, when its provider breaks off, another one can go on with it
 * in the same message. Only plain text is gone on with: a call of a tool that is half said, or words that somebody has signed, are nobody else's to finish.
 */
export class Tape {
  private shared: ChatStreamEncoder | undefined;
  private said = "";
  /** How many parts the answer has. */
  private parts = 0;
  /** The text that is being said; undefined between two parts. */
  private openText: number | undefined;
  /** Reasoning that is not at its end. */
  private readonly thinking = new Set<number>();
  private isClosed = false;
  private overlap: Overlap | undefined;
  /** Where the continuation's parts stand in the whole; undefined for those that are left out. */
  private readonly places = new Map<number, number | undefined>();
  /** The continuation's part that goes on with the text. */
  private first: number | undefined;

  /** The text so far. */
  get text(): string {
    return this.said;
  }

  /** Whether somebody else may go on from here. */
  get canGoOn(): boolean {
    return !this.isClosed && this.overlap === undefined && this.thinking.size === 0 && this.said !== "";
  }

  get isGoingOn(): boolean {
    return this.overlap !== undefined;
  }

  /** An attempt begins from nothing. */
  begin({ format, sampling }: ChatRequest): void {
    this.shared = undefined;
    this.said = "";
    this.parts = 0;
    this.openText = undefined;
    this.thinking.clear();
    // The second half of some JSON fits no first half but its own.
    this.isClosed = (format !== undefined && format.type !== "text") || (sampling.n ?? 1) > 1;
  }

  /** The next attempt goes on with what was said. Once. */
  goOn(): void {
    this.overlap = new Overlap(this.said);
  }

  /** The one that speaks to the client. */
  encoder(make: () => ChatStreamEncoder): ChatStreamEncoder {
    this.shared ??= make();
    return this.shared;
  }

  /**
   * The request of whoever goes on.
   * @param byItself Whether the model goes on with an assistant's last message without being told to.
   */
  continued(request: ChatRequest, byItself: boolean): ChatRequest {
    const { maxTokens } = request.sampling;
    const so: Message = { role: "assistant", parts: [{ type: "text", text: byItself ? this.said.trimEnd() : this.said }] };
    const ask: Message = { role: "user", parts: [{ type: "text", text: GO_ON }] };
    return {
      ...request,
      messages: [...request.messages, so, ...(byItself ? [] : [ask])],
      sampling: {
        ...request.sampling,
        ...(maxTokens !== undefined && { maxTokens: Math.max(maxTokens - Math.ceil(this.said.length / LETTERS_PER_TOKEN), TOKENS_MIN) }),
      },
    };
  }

  /** Takes an event on its way to the client. @returns What the client gets of it. */
  pass(event: ChatEvent): readonly ChatEvent[] {
    return this.overlap === undefined ? this.note(event) : this.follow(event, this.overlap);
  }

  private note(event: ChatEvent): readonly ChatEvent[] {
    if ("choice" in event && event.choice !== 0) this.isClosed = true;
    switch (event.type) {
      case "part-start":
        this.parts = Math.max(this.parts, event.part + 1);
        if (event.content.type === "text") {
          // A text beside another one that is still open: nobody could tell which one to go on with.
          if (this.openText !== undefined) this.isClosed = true;
          this.openText = event.part;
          this.said += event.content.text;
        } else if (event.content.type === "reasoning") this.thinking.add(event.part);
        else this.isClosed = true;
        break;
      case "text-delta":
        if (event.part === this.openText) this.said += event.text;
        break;
      case "part-end":
        this.thinking.delete(event.part);
        if (event.part === this.openText) this.openText = undefined;
        break;
      case "finish":
        this.isClosed = true;
        break;
      default:
    }
    return [event];
  }

  /** The continuation's events, as a part of the whole. */
  private follow(event: ChatEvent, overlap: Overlap): readonly ChatEvent[] {
    switch (event.type) {
      case "start":
        return [];
      case "part-start":
        return this.startPart(event, overlap);
      case "text-delta":
        return this.moved(event.part, (part) => {
          const text = this.isFirst(event.part) ? overlap.push(event.text) : event.text;
          return text === "" ? [] : [{ ...event, part, text }];
        });
      case "part-end":
        return this.moved(event.part, (part) => {
          const rest = this.isFirst(event.part) ? overlap.end() : "";
          if (part === this.openText) this.openText = undefined;
          return [...textOf(part, rest), { ...event, part }];
        });
      case "reasoning-delta":
      case "arguments-delta":
      case "citation":
      case "opaque":
      case "foreign-delta":
        return this.moved(event.part, (part) => [{ ...event, part }]);
      case "finish":
        return [...this.closeText(), event];
      case "usage":
      case "end":
      case "failure":
        return [event];
      default:
        return event satisfies never;
    }
  }

  private startPart(event: ChatEvent & { readonly type: "part-start" }, overlap: Overlap): readonly ChatEvent[] {
    const { content } = event;
    // It thought of how to go on, which is nothing that the answer's reader has to know.
    if (content.type === "reasoning") {
      this.places.set(event.part, undefined);
      return [];
    }
    const isFirst = content.type === "text" && ![...this.places.values()].some((place) => place !== undefined);
    if (isFirst && this.openText !== undefined) {
      this.places.set(event.part, this.openText);
      this.first = event.part;
      return textOf(this.openText, overlap.push(content.text));
    }
    const place = this.parts++;
    this.places.set(event.part, place);
    const closed = this.closeText();
    if (content.type !== "text") return [...closed, { ...event, part: place }];
    this.openText = place;
    if (!isFirst) return [...closed, { ...event, part: place }];
    this.first = event.part;
    return [...closed, { ...event, part: place, content: { ...content, text: overlap.push(content.text) } }];
  }

  private isFirst(part: number): boolean {
    return part === this.first;
  }

  private closeText(): readonly ChatEvent[] {
    const { openText } = this;
    if (openText === undefined) return [];
    this.openText = undefined;
    return [...textOf(openText, this.overlap?.end() ?? ""), { type: "part-end", choice: 0, part: openText }];
  }

  private moved(part: number, make: (part: number) => readonly ChatEvent[]): readonly ChatEvent[] {
    const place = this.places.get(part);
    return place === undefined ? [] : make(place);
  }
}

function textOf(part: number, text: string): ChatEvent[] {
  return text === "" ? [] : [{ type: "text-delta", choice: 0, part, text }];
}
