import type { ChatEvent } from "../../ir/chat-events.ts";
import type { Finish } from "../../ir/chat.ts";
import type { OmniError } from "../../ir/failure.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { AnswerContext } from "../chat-codec.ts";
import { stemOf } from "../ids.ts";
import { SseWriter } from "../sse-writer.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { encodeHead, type Head } from "./encode-head.ts";
import { ItemWriter } from "./encode-stream-items.ts";
import { encodeStatus } from "./status.ts";
import { encodeUsage } from "./usage.ts";

/** Writes the stream of the Responses format: every event is numbered, every item has its whole life, and the last event holds everything. */
export class ResponsesStreamEncoder extends SseWriter {
  readonly #context: AnswerContext;
  #items: ItemWriter | undefined;
  #head: Head | undefined;
  #sequence = 0;
  #usage: Usage | undefined;
  #finish: Finish | undefined;
  #lostChoices = false;
  /** As the last event told it. */
  answer: JsonObject | undefined;

  constructor(context: AnswerContext = {}) {
    super(context);
    this.#context = context;
  }

  protected encode(event: ChatEvent): string {
    switch (event.type) {
      case "start":
        return this.#start(event);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "finish":
        if (event.choice === 0) this.#finish = event.finish;
        return "";
      case "end":
        return this.#end(event);
      case "failure":
        return this.#fail(event.error);
      default:
        return event.choice === 0 ? (this.#items?.write(event) ?? "") : this.#loseChoice();
    }
  }

  #event(type: string, fields: JsonObject): string {
    const text = `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#sequence, ...fields })}\n\n`;
    this.#sequence += 1;
    return text;
  }

  #start(event: Extract<ChatEvent, { type: "start" }>): string {
    this.#head = event;
    this.#usage = event.usage;
    this.lost.addBags(event.bags, WIRE, "");
    this.#items = new ItemWriter(stemOf(event.id), (type, fields) => this.#event(type, fields), this.lost);
    const response = this.#response(event, { status: "in_progress" }, []);
    return this.#event("response.created", { response }) + this.#event("response.in_progress", { response });
  }

  #response(head: Head, ending: JsonObject, output: readonly JsonObject[]): JsonObject {
    return { ...encodeHead(head, this.#context), ...ending, output, usage: null };
  }

  #end(event: Extract<ChatEvent, { type: "end" }>): string {
    const head = { ...this.#head, ...event, bags: { ...this.#head?.bags, ...event.bags } } as Head; // `start` came before, with an id and a model.
    this.lost.addBags(event.bags, WIRE, "");
    this.lost.addBags(this.#finish?.bags, WIRE, "choices[0].finish");
    const items = this.#items;
    const ending = encodeStatus(this.#finish ?? { reason: "stop" }, items?.hasRefusal ?? false);
    const isCut = ending.status === "incomplete";
    const closing = items?.end(isCut ? "incomplete" : "completed") ?? "";
    const response = this.#response(head, { ...ending }, items?.output ?? []);
    const usage = this.#usage === undefined ? null : encodeUsage(this.#usage);
    const type = isCut ? "response.incomplete" : ending.status === "completed" ? "response.completed" : `response.${ending.status}`;
    this.answer = { ...response, usage };
    return closing + this.#event(type, { response: this.answer });
  }

  /** Nothing is closed: the items that are open stay so, since nobody knows how they would have ended. */
  #fail(error: OmniError): string {
    const said = { code: error.kind, message: error.message };
    const text = this.#event("error", { ...said, param: error.param ?? null });
    if (this.#head === undefined) return text;
    return (
      text +
      this.#event("response.failed", { response: this.#response(this.#head, { status: "failed", error: said }, this.#items?.output ?? []) })
    );
  }

  #loseChoice(): string {
    if (!this.#lostChoices) this.lost.add("choices[1]", "n", "The Responses format gives one answer.", "content");
    this.#lostChoices = true;
    return "";
  }
}
