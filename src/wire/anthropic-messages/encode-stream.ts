import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import { bagOf, type Finish } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { AnswerContext } from "../chat-codec.ts";
import { idAs } from "../ids.ts";
import { sealFor } from "../opaque.ts";
import { SseWriter, sseEvent } from "../sse-writer.ts";
import { encodeCitation } from "./encode-blocks.ts";
import { errorObject } from "./encode-error.ts";
import { encodeStop } from "./stop-reason.ts";
import { encodeUsage } from "./usage.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** What may happen to a part between its start and its end. */
type PartEvent = Extract<ChatEvent, { readonly part: number }>;

/** A part that has begun upstream. */
interface Waiting {
  readonly content: PartStart;
  /** What came for it while another block was open. */
  readonly events: PartEvent[];
}

/** The block that is open towards the client. */
interface OpenBlock {
  readonly part: number;
  readonly index: number;
  readonly content: PartStart;
  /** The reasoning's text that was last written. */
  piece: number;
}

/**
 * Writes the stream of the Messages format. Its blocks stand strictly one behind the other, so what comes for a later part while an earlier
 * one is open waits until that one is closed; only parallel calls that a provider interleaves ever wait.
 */
export class AnthropicStreamEncoder extends SseWriter {
  readonly #context: AnswerContext;
  readonly #waiting = new Map<number, Waiting>();
  #open: OpenBlock | undefined;
  #indexNext = 0;
  #usage: Usage | undefined;
  #serviceTier: string | undefined;
  #finish: Finish | undefined;
  #lostChoices = false;

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
        return sseEvent(errorObject(event.error, this.#context.requestId));
      default:
        return event.choice === 0 ? this.#writePart(event) : this.#loseChoice();
    }
  }

  #start(event: Extract<ChatEvent, { type: "start" }>): string {
    this.#usage = event.usage;
    this.#serviceTier = event.serviceTier;
    this.lost.addBags(event.bags, WIRE, "");
    return sseEvent({
      type: "message_start",
      message: {
        id: idAs("msg_", event.id),
        type: "message",
        role: "assistant",
        model: event.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: encodeUsage(event.usage, event.serviceTier),
        ...bagOf(event.bags, WIRE),
      },
    });
  }

  #writePart(event: PartEvent): string {
    if (event.type === "part-start") {
      if (this.#open !== undefined) {
        this.#waiting.set(event.part, { content: event.content, events: [] });
        return "";
      }
      return this.#openBlock(event.part, event.content);
    }
    const waiting = this.#waiting.get(event.part);
    if (waiting !== undefined) {
      waiting.events.push(event);
      return "";
    }
    if (this.#open?.part !== event.part) return ""; // A part that has no form here; its loss is noted.
    return event.type === "part-end" ? this.#closeBlock(this.#open) + this.#openWaiting() : this.#writeDelta(this.#open, event);
  }

  #openWaiting(): string {
    let text = "";
    while (this.#open === undefined) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      const [part, { content, events }] = next;
      this.#waiting.delete(part);
      text += this.#openBlock(part, content);
      for (const event of events) {
        // The block may have had no form here, or may have been closed by its end.
        if (this.#open !== undefined)
          text += event.type === "part-end" ? this.#closeBlock(this.#open) : this.#writeDelta(this.#open, event);
      }
    }
    return text;
  }

  #openBlock(part: number, content: PartStart): string {
    const block = this.#opening(part, content);
    if (block === undefined) return "";
    const open = { part, index: this.#indexNext, content, piece: 0 };
    this.#indexNext += 1;
    this.#open = open;
    const start = sseEvent({ type: "content_block_start", index: open.index, content_block: block });
    // Free text becomes the one field of an object, and so begins with what stands before that text.
    return content.type === "tool-call" && content.kind === "custom" ? start + inputDelta(open.index, '{"input":"') : start;
  }

  #opening(part: number, content: PartStart): JsonObject | undefined {
    switch (content.type) {
      case "text":
        return { type: "text", text: "", ...bagOf(content.bags, WIRE) };
      case "refusal":
        return { type: "text", text: "" };
      case "reasoning":
        if (content.opaque?.kind === "redacted") return { type: "redacted_thinking", data: sealFor(WIRE, content.opaque) };
        return { type: "thinking", thinking: "", signature: "" };
      case "tool-call":
        return { type: "tool_use", id: content.id, name: content.name, input: {}, ...bagOf(content.bags, WIRE) };
      case "foreign":
        if (content.wire === WIRE) return content.json;
        this.lost.add(`choices[0].parts[${part}]`, String(content.json["type"] ?? "block"), `Only ${content.wire} knows it.`, "content");
        return undefined;
      default:
        return content satisfies never;
    }
  }

  #writeDelta(open: OpenBlock, event: PartEvent): string {
    switch (event.type) {
      case "text-delta":
        if (event.logprobs?.length) this.lost.add(`choices[0].parts[${event.part}].logprobs`, "logprobs", "The Messages format has none.");
        return event.text === "" ? "" : delta(open.index, { type: "text_delta", text: event.text });
      case "reasoning-delta": {
        const isNext = event.piece > open.piece;
        open.piece = event.piece;
        const thinking = isNext ? `\n\n${event.text}` : event.text;
        return thinking === "" ? "" : delta(open.index, { type: "thinking_delta", thinking });
      }
      case "arguments-delta": {
        if (event.json === "") return "";
        const isCustom = open.content.type === "tool-call" && open.content.kind === "custom";
        return inputDelta(open.index, isCustom ? JSON.stringify(event.json).slice(1, -1) : event.json);
      }
      case "opaque":
        // Of calls: no client of this format would give it back.
        if (open.content.type !== "reasoning" || event.opaque.kind === "redacted") return "";
        return delta(open.index, { type: "signature_delta", signature: sealFor(WIRE, event.opaque) });
      case "citation": {
        const citation = encodeCitation(event.citation, "client");
        if (citation !== undefined) return delta(open.index, { type: "citations_delta", citation });
        this.lost.add(`choices[0].parts[${event.part}].citations`, "citations", "The source has no form in the Messages format.");
        return "";
      }
      case "foreign-delta":
        return sseEvent({ ...event.json, type: "content_block_delta", index: open.index });
      case "part-start":
      case "part-end":
        return "";
      default:
        return event satisfies never;
    }
  }

  #closeBlock(open: OpenBlock): string {
    this.#open = undefined;
    const tail = open.content.type === "tool-call" && open.content.kind === "custom" ? inputDelta(open.index, '"}') : "";
    return `${tail}event: content_block_stop\ndata: {"type":"content_block_stop","index":${open.index}}\n\n`;
  }

  #end(event: Extract<ChatEvent, { type: "end" }>): string {
    this.lost.addBags(event.bags, WIRE, "");
    let text = "";
    while (this.#open !== undefined) text += this.#closeBlock(this.#open) + this.#openWaiting();
    const { stop_details, ...stop } = encodeStop(this.#finish ?? { reason: "stop" });
    const { context_management, ...rest } = bagOf(event.bags, WIRE) ?? {};
    const messageDelta = {
      type: "message_delta",
      delta: { ...stop, ...(stop_details !== undefined && { stop_details }), ...rest },
      usage: encodeUsage(this.#usage, event.serviceTier ?? this.#serviceTier),
      ...(context_management !== undefined && { context_management }),
    };
    return `${text}${sseEvent(messageDelta)}event: message_stop\ndata: {"type":"message_stop"}\n\n`;
  }

  #loseChoice(): string {
    if (!this.#lostChoices) this.lost.add("choices[1]", "n", "The Messages format gives one answer.", "content");
    this.#lostChoices = true;
    return "";
  }
}

function delta(index: number, json: JsonObject): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${JSON.stringify(json)}}\n\n`;
}

function inputDelta(index: number, json: string): string {
  return delta(index, { type: "input_json_delta", partial_json: json });
}
