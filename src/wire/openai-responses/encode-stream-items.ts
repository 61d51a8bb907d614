import { type MadeImage, madeImages, responsesImage } from "../made-images.ts";
import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import type { Citation, Opaque, ReasoningText } from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { charactersOf } from "../text-length.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { encodeCall, encodeReasoning, type ItemAudience, identity, isSameMessage } from "./encode-items.ts";
import { encodeAnnotation } from "./encode-parts.ts";

type PartEvent = Extract<ChatEvent, { readonly part: number }>;
type Write = (type: string, fields: JsonObject) => string;

/** A message, which may have several parts of words. */
interface OpenMessage {
  readonly type: "message";
  readonly index: number;
  readonly id: string;
  readonly itemId: string | undefined;
  readonly rest: JsonObject | undefined;
  readonly content: JsonObject[];
  /** Its parts that have not ended. */
  open: number;
}

/** Words of a message. */
interface OpenWords {
  readonly type: "words";
  readonly message: OpenMessage;
  readonly contentIndex: number;
  readonly isRefusal: boolean;
  /** How many characters of text stand before it in the answer. */
  readonly before: number;
  readonly annotations: JsonObject[];
  readonly pending: Citation[];
  readonly logprobs: Json[];
  text: string;
}

/** Any other item. */
interface OpenItem {
  readonly type: "item";
  readonly index: number;
  readonly id: string;
  readonly content: Exclude<PartStart, { readonly type: "text" | "refusal" }>;
  readonly texts: { readonly form: ReasoningText["form"]; readonly index: number; text: string }[];
  opaque: Opaque | undefined;
  text: string;
}

/** Writes the events of items. Items may be open side by side, each under its own `output_index`. */
export class ItemWriter {
  readonly #stem: string;
  readonly #write: Write;
  readonly #losses: Losses;
  readonly #parts = new Map<number, OpenWords | OpenItem>();
  readonly #output: JsonObject[] = [];
  #message: OpenMessage | undefined;
  #indexNext = 0;
  #characters = 0;
  hasRefusal = false;

  constructor(stem: string, write: Write, losses: Losses) {
    this.#stem = stem;
    this.#write = write;
    this.#losses = losses;
  }

  /** The items that are done. */
  get output(): readonly JsonObject[] {
    return this.#output.filter((item) => item !== undefined);
  }

  /** Writes one event. */
  write(event: PartEvent): string {
    if (event.type === "part-start") return this.#start(event.part, event.content);
    const part = this.#parts.get(event.part);
    if (part === undefined) return ""; // It has no form here; its loss is noted.
    return part.type === "words" ? this.#writeWords(part, event) : this.#writeItem(part, event);
  }

  /** Ends what is open. @param status Of the message that the answer ends with, if it does. */
  end(status: "completed" | "incomplete"): string {
    let text = "";
    for (const part of [...this.#parts.keys()]) text += this.write({ type: "part-end", choice: 0, part });
    return text + (this.#message === undefined ? "" : this.#closeMessage(this.#message, status));
  }

  #start(part: number, content: PartStart): string {
    if (content.type === "text" || content.type === "refusal") return this.#startWords(part, content);
    if (content.type === "foreign" && content.wire !== WIRE) {
      const [image, ...more] = madeImages(content);
      if (image !== undefined && more.length === 0) return this.#showImage(image);
      this.#losses.add(`choices[0].parts[${part}]`, String(content.json["type"] ?? "part"), `Only ${content.wire} knows it.`, "content");
      return this.#leaveMessage(); // What stands between two texts sets them apart, also where it has no form.
    }
    if (content.type !== "foreign") this.#losses.addBags(content.bags, WIRE, `choices[0].parts[${part}]`);
    const closing = this.#leaveMessage();
    const index = this.#indexNext++;
    const item = this.#opening(content, index);
    const opaque = content.type === "reasoning" ? content.opaque : undefined;
    this.#parts.set(part, { type: "item", index, id: String(item["id"] ?? ""), content, texts: [], opaque, text: "" });
    return closing + this.#write("response.output_item.added", { output_index: index, item });
  }

  /** A picture comes whole, so its item is done as soon as it is there. */
  #showImage(image: MadeImage): string {
    const closing = this.#leaveMessage();
    const index = this.#indexNext++;
    const item = responsesImage(image, `ig_${this.#stem}_${index}`);
    const { result: _, ...begun } = item;
    const added = this.#write("response.output_item.added", {
      output_index: index,
      item: { ...begun, status: "in_progress", result: null },
    });
    return closing + added + this.#done(index, item);
  }

  #opening(content: OpenItem["content"], index: number): JsonObject {
    const audience: ItemAudience = { type: "client", stem: this.#stem, status: "completed" };
    switch (content.type) {
      case "reasoning":
        return encodeReasoning({ ...content, texts: [] }, audience, index);
      case "tool-call": {
        const item = encodeCall(content, audience, index);
        return { ...item, status: "in_progress", [content.kind === "custom" ? "input" : "arguments"]: "" };
      }
      case "foreign":
        return content.json;
      default:
        return content satisfies never;
    }
  }

  #startWords(part: number, content: Extract<PartStart, { type: "text" | "refusal" }>): string {
    let text = "";
    this.#losses.addBags(content.bags, WIRE, `choices[0].parts[${part}]`);
    if (this.#message !== undefined && !isSameMessage(this.#message, content)) text += this.#leaveMessage();
    const isNew = this.#message === undefined || !isSameMessage(this.#message, content);
    const message = isNew ? this.#openMessage(content) : (this.#message as OpenMessage); // Not new, so it is there.
    if (isNew)
      text += this.#write("response.output_item.added", { output_index: message.index, item: messageItem(message, "in_progress", []) });
    const isRefusal = content.type === "refusal";
    this.hasRefusal ||= isRefusal;
    const words: OpenWords = {
      ...{ type: "words", message, contentIndex: message.content.length, isRefusal, before: this.#characters },
      ...{ annotations: [], pending: [], logprobs: [], text: "" },
    };
    message.content.push(wordsPart(words)); // Keeps its place until it is done.
    message.open += 1;
    this.#parts.set(part, words);
    return text + this.#write("response.content_part.added", { ...placeOf(words), part: wordsPart(words) });
  }

  #openMessage(content: Extract<PartStart, { type: "text" | "refusal" }>): OpenMessage {
    const index = this.#indexNext++;
    const { id = "" } = identity(content.itemId, "msg", { type: "client", stem: this.#stem, status: "completed" }, index);
    const rest = content.type === "text" ? bagOf(content.bags, WIRE) : undefined;
    this.#message = { type: "message", index, id, itemId: content.itemId, rest, content: [], open: 0 };
    return this.#message;
  }

  /** Another item begins: the message can get no more parts, and is done once those that it has are. */
  #leaveMessage(): string {
    const message = this.#message;
    this.#message = undefined;
    return message?.open === 0 ? this.#closeMessage(message, "completed") : "";
  }

  #closeMessage(message: OpenMessage, status: "completed" | "incomplete"): string {
    return this.#done(message.index, messageItem(message, status, message.content));
  }

  #done(index: number, item: JsonObject): string {
    this.#output[index] = item;
    return this.#write("response.output_item.done", { output_index: index, item });
  }

  #writeWords(words: OpenWords, event: PartEvent): string {
    switch (event.type) {
      case "text-delta": {
        words.text += event.text;
        if (words.isRefusal) return this.#write("response.refusal.delta", { ...placeOf(words), delta: event.text });
        this.#characters += charactersOf(event.text);
        if (event.logprobs !== undefined) words.logprobs.push(...event.logprobs);
        if (event.text === "" && event.logprobs === undefined) return "";
        return this.#write("response.output_text.delta", { ...placeOf(words), delta: event.text, logprobs: event.logprobs ?? [] });
      }
      case "citation":
        // One without offsets is about all of its part, whose end is not known yet.
        if (event.citation.end === undefined && event.citation.native?.wire !== WIRE) words.pending.push(event.citation);
        else return this.#writeCitation(words, event.citation);
        return "";
      case "part-end":
        return this.#endWords(words, event.part);
      default:
        return "";
    }
  }

  #writeCitation(words: OpenWords, citation: Citation): string {
    const annotation = encodeAnnotation(citation, words.before, charactersOf(words.text));
    if (annotation === undefined) {
      this.#losses.add("choices[0].parts", "citations", "The source has no form in the Responses format.");
      return "";
    }
    const annotation_index = words.annotations.push(annotation) - 1;
    return this.#write("response.output_text.annotation.added", { ...placeOf(words), annotation_index, annotation });
  }

  #endWords(words: OpenWords, key: number): string {
    const { message, contentIndex } = words;
    const citations = words.pending.map((citation) => this.#writeCitation(words, citation)).join("");
    const part = wordsPart(words);
    const place = placeOf(words);
    this.#parts.delete(key);
    message.content[contentIndex] = part;
    message.open -= 1;
    const done = words.isRefusal
      ? this.#write("response.refusal.done", { ...place, refusal: words.text })
      : this.#write("response.output_text.done", { ...place, text: words.text, logprobs: words.logprobs });
    const isPast = message.open === 0 && this.#message !== message;
    return (
      citations +
      done +
      this.#write("response.content_part.done", { ...place, part }) +
      (isPast ? this.#closeMessage(message, "completed") : "")
    );
  }

  #writeItem(item: OpenItem, event: PartEvent): string {
    const place = { item_id: item.id, output_index: item.index };
    switch (event.type) {
      case "arguments-delta": {
        if (event.json === "") return "";
        item.text += event.json;
        const isCustom = item.content.type === "tool-call" && item.content.kind === "custom";
        return this.#write(isCustom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta", {
          ...place,
          delta: event.json,
        });
      }
      case "reasoning-delta":
        return this.#writeReasoning(item, event);
      case "opaque":
        item.opaque = event.opaque;
        return "";
      case "foreign-delta": {
        const { type, sequence_number: _theirs, ...fields } = event.json;
        return this.#write(String(type), { ...fields, output_index: item.index });
      }
      case "part-end":
        this.#parts.delete(event.part);
        return this.#endItem(item, event.json);
      case "text-delta":
      case "citation":
      case "part-start":
        return "";
      default:
        return event satisfies never;
    }
  }

  #writeReasoning(item: OpenItem, event: Extract<PartEvent, { type: "reasoning-delta" }>): string {
    let text = "";
    let piece = item.texts[event.piece];
    if (piece === undefined) {
      text += this.#endPiece(item);
      const index = item.texts.filter((other) => other.form === event.form).length;
      piece = { form: event.form, index, text: "" };
      item.texts.push(piece);
      text += this.#writePiece(item, piece, "added");
    }
    piece.text += event.text;
    const type = piece.form === "summary" ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta";
    return text + this.#write(type, { ...pieceOf(item, piece), delta: event.text });
  }

  #endPiece(item: OpenItem): string {
    const piece = item.texts.at(-1);
    if (piece === undefined) return "";
    const type = piece.form === "summary" ? "response.reasoning_summary_text.done" : "response.reasoning_text.done";
    return this.#write(type, { ...pieceOf(item, piece), text: piece.text }) + this.#writePiece(item, piece, "done");
  }

  #writePiece(item: OpenItem, piece: OpenItem["texts"][number], moment: "added" | "done"): string {
    const isSummary = piece.form === "summary";
    const part = { type: isSummary ? "summary_text" : "reasoning_text", text: piece.text };
    return this.#write(`response.${isSummary ? "reasoning_summary_part" : "content_part"}.${moment}`, { ...pieceOf(item, piece), part });
  }

  #endItem(item: OpenItem, json: JsonObject | undefined): string {
    const { content, index, id } = item;
    const audience: ItemAudience = { type: "client", stem: this.#stem, status: "completed" };
    switch (content.type) {
      case "foreign":
        return this.#done(index, json ?? content.json);
      case "reasoning": {
        const opaque = item.opaque && { opaque: item.opaque };
        return this.#endPiece(item) + this.#done(index, encodeReasoning({ ...content, texts: item.texts, ...opaque }, audience, index));
      }
      case "tool-call": {
        const place = { item_id: id, output_index: index };
        if (content.kind === "custom") {
          const done = this.#write("response.custom_tool_call_input.done", { ...place, input: item.text });
          return done + this.#done(index, encodeCall({ ...content, argumentsJson: item.text }, audience, index));
        }
        const isEmpty = item.text === "";
        const written = isEmpty ? "{}" : item.text;
        const delta = isEmpty ? this.#write("response.function_call_arguments.delta", { ...place, delta: written }) : "";
        const done = this.#write("response.function_call_arguments.done", { ...place, arguments: written });
        return delta + done + this.#done(index, encodeCall({ ...content, argumentsJson: written }, audience, index));
      }
      default:
        return content satisfies never;
    }
  }
}

function messageItem(message: OpenMessage, status: string, content: readonly JsonObject[]): JsonObject {
  return { type: "message", id: message.id, status, role: "assistant", content, ...message.rest };
}

function wordsPart(words: OpenWords): JsonObject {
  if (words.isRefusal) return { type: "refusal", refusal: words.text };
  return { type: "output_text", text: words.text, annotations: words.annotations.slice(), logprobs: words.logprobs.slice() };
}

function placeOf(words: OpenWords): JsonObject {
  return { item_id: words.message.id, output_index: words.message.index, content_index: words.contentIndex };
}

function pieceOf(item: OpenItem, piece: OpenItem["texts"][number]): JsonObject {
  return { item_id: item.id, output_index: item.index, [piece.form === "summary" ? "summary_index" : "content_index"]: piece.index };
}
