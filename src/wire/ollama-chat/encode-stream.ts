import { madeImages } from "../made-images.ts";
import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { AnswerContext } from "../chat-codec.ts";
import { SseWriter } from "../sse-writer.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";
import { encodeCall } from "./encode-messages.ts";
import { encodeReason, noteCitations, noteSignature } from "./encode-response.ts";
import { createdAt, elapsedMs, encodeEnd } from "./timing.ts";

type PartEvent = Extract<ChatEvent, { readonly part: number }>;

/** A part that is under way. */
interface OpenPart {
  readonly content: PartStart;
  /** Of a call: its arguments so far. It is written whole, at its end. */
  argumentsJson: string;
  piece: number;
  citations: number;
}

/** Writes the stream of Ollama's chat: one object per line, the last of which, and no other, is done. */
export class OllamaStreamEncoder extends SseWriter {
  readonly #context: AnswerContext;
  readonly #open = new Map<number, OpenPart>();
  #calls = 0;
  #hasThoughts = false;
  #model = "";
  #createdS: number | undefined;
  #usage: Usage | undefined;
  #reason = "stop";
  #bags: Extract<ChatEvent, { type: "start" }>["bags"];
  #firstMs: number | undefined;

  constructor(context: AnswerContext = {}) {
    super(context);
    this.#context = context;
  }

  protected encode(event: ChatEvent): string {
    switch (event.type) {
      case "start":
        this.#model = JSON.stringify(event.model);
        this.#createdS = event.createdS;
        this.#usage = event.usage;
        this.#bags = event.bags;
        this.lost.addBags(event.bags, WIRE, "");
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "finish":
        if (event.choice > 0) return "";
        this.#reason = encodeReason(event.finish.reason);
        this.lost.addBags(event.finish.bags, WIRE, "choices[0].finish");
        return "";
      case "end":
        return this.#end(event);
      case "failure":
        return `${JSON.stringify({ error: event.error.message })}\n`;
      default:
        if (event.choice === 0) return this.#writePart(event);
        if (event.type === "part-start" && event.part === 0)
          this.lost.add(`choices[${event.choice}]`, "n", "Ollama's format gives one answer.", "content");
        return "";
    }
  }

  #writePart(event: PartEvent): string {
    const path = `choices[0].parts[${event.part}]`;
    if (event.type === "part-start") return this.#startPart(event.content, event.part, path);
    const part = this.#open.get(event.part);
    if (part === undefined) return "";
    switch (event.type) {
      case "text-delta":
        return event.text === "" && event.logprobs === undefined
          ? ""
          : this.#line(`"content":${JSON.stringify(event.text)}`, event.logprobs);
      case "reasoning-delta": {
        // Texts of one reasoning, and reasoning after reasoning, are set apart by an empty line.
        const isNext = event.piece !== part.piece && this.#hasThoughts;
        part.piece = event.piece;
        this.#hasThoughts = true;
        return this.#line(`"content":"","thinking":${JSON.stringify(isNext ? `\n\n${event.text}` : event.text)}`);
      }
      case "arguments-delta":
        part.argumentsJson += event.json;
        return "";
      case "citation":
        part.citations++;
        return "";
      case "opaque":
        noteSignature(event.opaque.issuer, path, this.lost);
        return "";
      case "foreign-delta":
        return "";
      case "part-end":
        this.#open.delete(event.part);
        noteCitations(part.citations, path, this.lost);
        return this.#endPart(part);
      default:
        return event satisfies never;
    }
  }

  #startPart(content: PartStart, index: number, path: string): string {
    const argumentsJson = content.type === "tool-call" ? content.argumentsJson : "";
    this.#open.set(index, { content, argumentsJson, piece: -1, citations: 0 });
    if (content.type !== "foreign") this.lost.addBags(content.bags, WIRE, path);
    else if (madeImages(content).length > 0)
      return this.#line(`"content":"","images":${JSON.stringify(madeImages(content).map(({ base64 }) => base64))}`);
    else if (!content.isNote)
      this.lost.add(path, String(content.json["type"] ?? "part"), "It can not be shown to a client of Ollama's format.", "content");
    if (content.type === "reasoning" && content.opaque !== undefined) noteSignature(content.opaque.issuer, path, this.lost);
    return "";
  }

  #endPart({ content, argumentsJson }: OpenPart): string {
    if (content.type !== "tool-call") return "";
    const call = encodeCall({ ...content, argumentsJson }, this.#calls++);
    return this.#line(`"content":"","tool_calls":${JSON.stringify([call])}`);
  }

  #line(messageJson: string, logprobs?: readonly Json[]): string {
    this.#firstMs ??= elapsedMs(this.#context);
    const probabilities = logprobs === undefined ? "" : `,"logprobs":${JSON.stringify(logprobs)}`;
    return `${this.#head()},"message":{"role":"assistant",${messageJson}}${probabilities},"done":false}\n`;
  }

  #head(): string {
    return `{"model":${this.#model},"created_at":"${createdAt(this.#createdS, this.#context)}"`;
  }

  #end(event: Extract<ChatEvent, { type: "end" }>): string {
    this.lost.addBags(event.bags, WIRE, "");
    const bags = { [WIRE]: { ...this.#bags?.[WIRE], ...event.bags?.[WIRE] } };
    const end: JsonObject = {
      message: { role: "assistant", content: "" },
      done_reason: this.#reason,
      done: true,
      ...encodeEnd(this.#usage, bags, this.#firstMs ?? elapsedMs(this.#context), this.#context),
    };
    return `${this.#head()},${JSON.stringify(end).slice(1)}\n`;
  }
}
