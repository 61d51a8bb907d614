import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";
import { charactersOf } from "../text-length.ts";
import { decodeModelItem } from "./decode-items.ts";
import { decodeAnnotation, decodeSaidIn, type SaidIn } from "./decode-parts.ts";

/** A part that is open. */
interface OpenPart {
  readonly part: number;
  /** How many characters of text stand before it in the answer. */
  readonly before: number;
  hasText: boolean;
}

/** An item that has been added and not been done. */
interface OpenItem {
  readonly type: string;
  readonly said: SaidIn;
  /** Of a message: its parts by `content_index`. Of anything else: its one part, under 0. */
  readonly parts: Map<number, OpenPart>;
  /** Of a message: whether any part of it was told, open or closed. */
  isTold: boolean;
  /** Of a reasoning: its texts, as `summary` or `content` and their index, in the order of their coming. */
  readonly pieces: string[];
}

/**
 * Reads the events of items. They are told by `output_index` alone, since some providers change an item's id on its way; parts that a
 * provider forgot to open are opened by their first delta, and text that came in no delta is taken from what says that it is done.
 */
export class ItemReader {
  readonly #items = new Map<number, OpenItem>();
  readonly #kinds: { readonly type: string }[] = [];
  readonly #seen = new Set<number>();
  #characters = 0;

  /** What kinds of parts there are so far. */
  get kinds(): readonly { readonly type: string }[] {
    return this.#kinds;
  }

  /** Takes one event that is about an item. */
  read(type: string, event: Fields, out: ChatEvent[]): void {
    switch (type) {
      case "response.output_text.delta":
        this.#addText(event, "text", event.string("delta"), event.listMaybe("logprobs"), out);
        return;
      case "response.refusal.delta":
        this.#addText(event, "refusal", event.string("delta"), undefined, out);
        return;
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        this.#addArguments(event, event.string("delta"), out);
        return;
      case "response.reasoning_summary_text.delta":
        this.#addReasoning(event, "summary", "summary_index", event.string("delta"), out);
        return;
      case "response.reasoning_text.delta":
        this.#addReasoning(event, "raw", "content_index", event.string("delta"), out);
        return;
      case "response.output_item.added":
        this.#add(event, out);
        return;
      case "response.output_item.done":
        this.#finish(indexOf(event), event.object("item"), out);
        return;
      case "response.content_part.added":
        if (isSaid(event)) this.#partOf(event, event.object("part").json["type"] === "refusal" ? "refusal" : "text", out);
        return;
      case "response.content_part.done":
        if (isSaid(event)) this.#closeContent(event, out);
        return;
      case "response.output_text.done":
        this.#addMissing(event, "text", out);
        return;
      case "response.refusal.done":
        this.#addMissing(event, "refusal", out);
        return;
      case "response.output_text.annotation.added": {
        const { part, before } = this.#partOf(event, "text", out);
        out.push({ type: "citation", choice: 0, part, citation: decodeAnnotation(event.object("annotation"), before) });
        return;
      }
      default:
        this.#readOther(event, out);
    }
  }

  /** Ends what is still open, and reads items that the final answer has and that came in no event. */
  end(output: readonly Fields[], out: ChatEvent[]): void {
    for (const [index, item] of output.entries()) {
      if (this.#items.has(index) || !this.#seen.has(index)) this.#finish(index, item, out);
    }
    for (const item of this.#items.values()) this.#closeParts(item, out);
    this.#items.clear();
  }

  #add(event: Fields, out: ChatEvent[]): void {
    const index = indexOf(event);
    if (this.#seen.has(index)) throw new OmniError("upstream_invalid", `The provider's answer is invalid: item ${index} was added twice.`);
    this.#openItem(index, event.object("item"), out);
  }

  #openItem(index: number, item: Fields, out: ChatEvent[]): OpenItem {
    // Some providers end a reasoning only when all is over; what follows it must not wait for that.
    for (const other of this.#items.values()) if (other.type === "reasoning") this.#closeParts(other, out);
    const type = item.string("type");
    const open: OpenItem = { type, said: type === "message" ? decodeSaidIn(item) : {}, parts: new Map(), isTold: false, pieces: [] };
    this.#items.set(index, open);
    this.#seen.add(index);
    if (type !== "message") open.parts.set(0, this.#openPart(startOf(item), out));
    return open;
  }

  #openPart(content: PartStart, out: ChatEvent[]): OpenPart {
    const part = this.#kinds.length;
    this.#kinds.push({ type: content.type });
    out.push({ type: "part-start", choice: 0, part, content });
    return { part, before: this.#characters, hasText: false };
  }

  /** The part of a message that an event is about. */
  #partOf(event: Fields, type: "text" | "refusal", out: ChatEvent[]): OpenPart {
    const item = this.#itemOf(event);
    const content = event.numberMaybe("content_index") ?? 0;
    let open = item.parts.get(content);
    if (open === undefined) {
      open = this.#openPart({ type, text: "", ...item.said }, out);
      item.parts.set(content, open);
      item.isTold = true;
    }
    return open;
  }

  #itemOf(event: Fields): OpenItem {
    const item = this.#items.get(indexOf(event));
    if (item === undefined)
      throw new OmniError("upstream_invalid", "The provider's answer is invalid: an event is about an item that is not open.");
    return item;
  }

  #addText(event: Fields, type: "text" | "refusal", text: string, logprobs: readonly Json[] | undefined, out: ChatEvent[]): void {
    const open = this.#partOf(event, type, out);
    open.hasText = true;
    if (type === "text") this.#characters += charactersOf(text);
    out.push({ type: "text-delta", choice: 0, part: open.part, text, ...(logprobs?.length && { logprobs }) });
  }

  #addMissing(event: Fields, type: "text" | "refusal", out: ChatEvent[]): void {
    const open = this.#partOf(event, type, out);
    const text = event.stringMaybe(type) ?? "";
    if (!open.hasText && text !== "") this.#addText(event, type, text, event.listMaybe("logprobs"), out);
  }

  #closeContent(event: Fields, out: ChatEvent[]): void {
    const item = this.#itemOf(event);
    const content = event.numberMaybe("content_index") ?? 0;
    const open = item.parts.get(content);
    if (open === undefined) return;
    item.parts.delete(content);
    out.push({ type: "part-end", choice: 0, part: open.part });
  }

  #addArguments(event: Fields, json: string, out: ChatEvent[]): void {
    const open = this.#itemOf(event).parts.get(0);
    if (open === undefined || json === "") return;
    open.hasText = true;
    out.push({ type: "arguments-delta", choice: 0, part: open.part, json });
  }

  #addReasoning(event: Fields, form: "summary" | "raw", key: string, text: string, out: ChatEvent[]): void {
    const item = this.#itemOf(event);
    // Closed early, see above: what still comes is a reasoning of its own.
    let open = item.parts.get(0);
    if (open === undefined) {
      open = this.#openPart({ type: "reasoning", texts: [] }, out);
      item.parts.set(0, open);
      item.pieces.length = 0;
    }
    const name = `${form}${event.numberMaybe(key) ?? 0}`;
    let piece = item.pieces.indexOf(name);
    if (piece === -1) piece = item.pieces.push(name) - 1;
    open.hasText = true;
    out.push({ type: "reasoning-delta", choice: 0, part: open.part, piece, form, text });
  }

  /** Events of items that only this format knows pass on as they are; the rest of them repeat what deltas have said. */
  #readOther(event: Fields, out: ChatEvent[]): void {
    const index = event.numberMaybe("output_index");
    const item = index === undefined ? undefined : this.#items.get(index);
    const open = item?.parts.get(0);
    if (item === undefined || open === undefined || OWN_TYPES.has(item.type)) return;
    out.push({ type: "foreign-delta", choice: 0, part: open.part, json: event.json });
  }

  #finish(index: number, item: Fields, out: ChatEvent[]): void {
    const open = this.#items.get(index) ?? this.#openItem(index, item, out);
    this.#items.delete(index);
    if (open.type === "message") this.#finishMessage(open, item, out);
    else this.#finishOther(open, item, out);
  }

  /** A message may come all at once when it is done. */
  #finishMessage(open: OpenItem, item: Fields, out: ChatEvent[]): void {
    if (!open.isTold) {
      for (const content of item.objectsMaybe("content") ?? []) {
        const type = content.json["type"] === "refusal" ? "refusal" : "text";
        const text = content.stringMaybe(type) ?? "";
        const part = this.#openPart({ type, text: "", ...open.said }, out);
        if (type === "text") this.#characters += charactersOf(text);
        for (const annotation of content.objectsMaybe("annotations") ?? []) {
          out.push({ type: "citation", choice: 0, part: part.part, citation: decodeAnnotation(annotation, part.before) });
        }
        if (text !== "") out.push({ type: "text-delta", choice: 0, part: part.part, text });
        out.push({ type: "part-end", choice: 0, part: part.part });
      }
    }
    this.#closeParts(open, out);
  }

  #finishOther(open: OpenItem, item: Fields, out: ChatEvent[]): void {
    const whole = decodeModelItem(item);
    let part = open.parts.get(0);
    switch (whole.type) {
      case "tool-call":
        if (part !== undefined && !part.hasText && whole.argumentsJson !== "") {
          out.push({ type: "arguments-delta", choice: 0, part: part.part, json: whole.argumentsJson });
        }
        break;
      case "reasoning": {
        // The opaque half of an item that was closed early comes as a reasoning of its own.
        if (part === undefined && whole.opaque !== undefined) {
          part = this.#openPart({ type: "reasoning", texts: [] }, out);
          part.hasText = true;
          open.parts.set(0, part);
        }
        if (part === undefined) break;
        if (!part.hasText) {
          for (const [piece, text] of whole.texts.entries())
            out.push({ type: "reasoning-delta", choice: 0, part: part.part, piece, ...text });
        }
        if (whole.opaque !== undefined) out.push({ type: "opaque", choice: 0, part: part.part, opaque: whole.opaque });
        break;
      }
      case "foreign":
        this.#closeParts(open, out, item.json);
        return;
      case "text":
      case "refusal":
        break;
      default:
        whole satisfies never;
    }
    this.#closeParts(open, out);
  }

  #closeParts(item: OpenItem, out: ChatEvent[], json?: JsonObject): void {
    for (const { part } of item.parts.values()) out.push({ type: "part-end", choice: 0, part, ...(json && { json }) });
    item.parts.clear();
  }
}

/** Items whose deltas the IR has words for. */
const OWN_TYPES: ReadonlySet<string> = new Set(["message", "reasoning", "function_call", "custom_tool_call"]);

/** A part as it begins, without what its deltas will say. */
function startOf(item: Fields): PartStart {
  const whole = decodeModelItem(item);
  switch (whole.type) {
    case "reasoning": {
      const { texts: _texts, opaque: _opaque, ...start } = whole; // What is opaque may differ in the end, and the end counts.
      return { ...start, texts: [] };
    }
    case "tool-call":
      return { ...whole, argumentsJson: "" };
    default:
      return whole;
  }
}

/** Whether a content part is words; those of a reasoning have deltas of their own. */
function isSaid(event: Fields): boolean {
  const type = event.objectMaybe("part")?.json["type"];
  return type === "output_text" || type === "refusal";
}

function indexOf(event: Fields): number {
  const index = event.numberMaybe("output_index");
  if (index === undefined) throw event.wrong("output_index", "a number");
  return index;
}
