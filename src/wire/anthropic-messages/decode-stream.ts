import type { ChatEvent } from "../../ir/chat-events.ts";
import type { AssistantPart } from "../../ir/chat-parts.ts";
import { bag, finishReasonFor, type Finish } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import { type JsonObject, parseJson } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { ChatStreamDecoder } from "../chat-codec.ts";
import type { Fields } from "../fields.ts";
import { unseal } from "../opaque.ts";
import { readEvent, truncated } from "../stream-events.ts";
import { decodeAssistantBlock, decodeCitation } from "./decode-blocks.ts";
import { MESSAGE_KNOWN } from "./decode-response.ts";
import { decodeError } from "./decode-error.ts";
import { decodeStop } from "./stop-reason.ts";
import { decodeTier, decodeUsage } from "./usage.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** A block while it is open. */
interface OpenBlock {
  readonly part: number;
  readonly type: AssistantPart["type"];
  /** The block as it began, for those that only this format knows. */
  readonly json: JsonObject;
  /** What came of its input, for the same. */
  inputJson: string;
  /** Whether anything came of a call's arguments. */
  hasInput: boolean;
}

const FAULT = "upstream_invalid";

/** Reads the stream of the Messages format; its own end is `message_stop`. */
export class AnthropicStreamDecoder implements ChatStreamDecoder {
  readonly #open = new Map<number, OpenBlock>();
  readonly #parts: { readonly type: string }[] = [];
  #started = false;
  #over = false;
  #usage: Usage | undefined;
  #finish: Finish | undefined;
  #endBag: JsonObject | undefined;

  push(data: string): ChatEvent[] {
    if (this.#over) return [];
    const out: ChatEvent[] = [];
    try {
      this.#read(readEvent(data), out);
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      this.#over = true;
      out.push({ type: "failure", error });
    }
    return out;
  }

  end(): ChatEvent[] {
    if (this.#over) return [];
    this.#over = true;
    return [truncated("message_stop")];
  }

  #read(event: Fields, out: ChatEvent[]): void {
    switch (event.string("type")) {
      case "content_block_delta":
        this.#readDelta(event, out);
        return;
      case "content_block_start":
        this.#startBlock(event, out);
        return;
      case "content_block_stop":
        this.#stopBlock(event, out);
        return;
      case "message_start":
        this.#start(event.object("message"), out);
        return;
      case "message_delta":
        this.#readMessageDelta(event, out);
        return;
      case "message_stop":
        this.#stop(out);
        return;
      case "error":
        throw decodeError(event);
      default:
        return; // Pings, and kinds that come later: what is not known says nothing about the answer.
    }
  }

  #start(message: Fields, out: ChatEvent[]): void {
    if (this.#started) throw new OmniError(FAULT, "The provider's answer is invalid: its stream began twice.");
    this.#started = true;
    const usage = message.objectMaybe("usage");
    if (usage) this.#usage = decodeUsage(usage);
    const serviceTier = decodeTier(usage);
    const bags = bag(WIRE, message.rest(MESSAGE_KNOWN));
    out.push({
      type: "start",
      id: message.string("id"),
      model: message.string("model"),
      ...(this.#usage && { usage: this.#usage }),
      ...(serviceTier !== undefined && { serviceTier }),
      ...(bags && { bags }),
    });
    // Some answers stand here whole, with their end: those that go on after a tool that other code called.
    if (message.has("stop_reason")) this.#finish = decodeStop(message);
    for (const [index, block] of (message.objectsMaybe("content") ?? []).entries()) {
      this.#begin(index, block, out);
      this.#end(index, out);
    }
  }

  #startBlock(event: Fields, out: ChatEvent[]): void {
    this.#begin(this.#indexOf(event), event.object("content_block"), out);
  }

  #begin(index: number, block: Fields, out: ChatEvent[]): void {
    if (!this.#started) throw new OmniError(FAULT, "The provider's answer is invalid: a block came before the message.");
    if (this.#open.has(index)) throw blockFault(index, "started twice");
    const content = decodeAssistantBlock(block);
    const at = { choice: 0, part: this.#parts.length };
    this.#open.set(index, { part: at.part, type: content.type, json: block.json, inputJson: "", hasInput: false });
    this.#parts.push(content);
    switch (content.type) {
      case "text": {
        const { citations, text, ...start } = content;
        out.push({ type: "part-start", ...at, content: { ...start, text: "" } });
        for (const citation of citations ?? []) out.push({ type: "citation", ...at, citation });
        if (text !== "") out.push({ type: "text-delta", ...at, text });
        return;
      }
      case "reasoning": {
        const { texts, opaque, ...start } = content;
        const withheld = opaque?.kind === "redacted";
        out.push({ type: "part-start", ...at, content: { ...start, texts: [], ...(withheld && { opaque }) } });
        for (const [piece, { form, text }] of texts.entries()) out.push({ type: "reasoning-delta", ...at, piece, form, text });
        if (opaque && !withheld) out.push({ type: "opaque", ...at, opaque });
        return;
      }
      case "tool-call": {
        out.push({ type: "part-start", ...at, content: { ...content, argumentsJson: "" } });
        // An input that is whole from the start comes from providers that do not stream it.
        if (content.argumentsJson !== "{}") this.#addInput(index, content.argumentsJson, out);
        return;
      }
      case "refusal":
      case "foreign":
        out.push({ type: "part-start", ...at, content });
        return;
      default:
        content satisfies never;
    }
  }

  #readDelta(event: Fields, out: ChatEvent[]): void {
    const index = this.#indexOf(event);
    const block = this.#open.get(index);
    if (block === undefined) throw blockFault(index, "is not open");
    const delta = event.object("delta");
    const at = { choice: 0, part: block.part };
    if (block.type === "foreign") {
      if (delta.json["type"] === "input_json_delta") block.inputJson += delta.string("partial_json");
      out.push({ type: "foreign-delta", ...at, json: event.json });
      return;
    }
    switch (delta.string("type")) {
      case "text_delta":
        if (block.type !== "text") throw blockFault(index, "holds no text");
        out.push({ type: "text-delta", ...at, text: delta.string("text") });
        return;
      case "input_json_delta":
        if (block.type !== "tool-call") throw blockFault(index, "has no input");
        this.#addInput(index, delta.string("partial_json"), out);
        return;
      case "thinking_delta":
        if (block.type !== "reasoning") throw blockFault(index, "holds no thinking");
        out.push({ type: "reasoning-delta", ...at, piece: 0, form: "summary", text: delta.string("thinking") });
        return;
      case "signature_delta": {
        if (block.type !== "reasoning") throw blockFault(index, "has no signature");
        const signature = delta.string("signature");
        if (signature !== "") out.push({ type: "opaque", ...at, opaque: unseal(signature, WIRE, "signature") });
        return;
      }
      case "citations_delta":
        if (block.type !== "text") throw blockFault(index, "holds no text");
        out.push({ type: "citation", ...at, citation: decodeCitation(delta.object("citation")) });
        return;
      default:
        return; // As with events: a kind of delta that is not known yet.
    }
  }

  #addInput(index: number, json: string, out: ChatEvent[]): void {
    const block = this.#open.get(index);
    if (block === undefined || json === "") return;
    block.hasInput = true;
    out.push({ type: "arguments-delta", choice: 0, part: block.part, json });
  }

  #stopBlock(event: Fields, out: ChatEvent[]): void {
    const index = this.#indexOf(event);
    if (!this.#open.has(index)) throw blockFault(index, "is not open");
    this.#end(index, out);
  }

  #end(index: number, out: ChatEvent[]): void {
    const block = this.#open.get(index);
    if (block === undefined) return;
    // A tool without arguments has no deltas, and means the same as an empty object.
    if (block.type === "tool-call" && !block.hasInput) this.#addInput(index, "{}", out);
    this.#open.delete(index);
    const json = block.type === "foreign" ? finalBlock(block) : undefined;
    out.push({ type: "part-end", choice: 0, part: block.part, ...(json && { json }) });
  }

  #readMessageDelta(event: Fields, out: ChatEvent[]): void {
    const delta = event.object("delta");
    this.#finish = decodeStop(delta);
    const rest = { ...delta.rest(MESSAGE_KNOWN), ...event.rest(new Set(["type", "delta", "usage"])) };
    if (Object.keys(rest).length > 0) this.#endBag = rest;
    const usage = event.objectMaybe("usage");
    if (usage === undefined) return;
    this.#usage = decodeUsage(usage, this.#usage);
    out.push({ type: "usage", usage: this.#usage });
  }

  #stop(out: ChatEvent[]): void {
    if (!this.#started) throw new OmniError(FAULT, "The provider's answer is invalid: it ended before it began.");
    if (this.#finish === undefined) throw new OmniError("upstream_truncated", "The provider's answer has no reason for its end.");
    for (const index of [...this.#open.keys()]) this.#end(index, out);
    this.#over = true;
    const bags = bag(WIRE, this.#endBag);
    const finish = { ...this.#finish, reason: finishReasonFor(this.#finish.reason, this.#parts) };
    out.push({ type: "finish", choice: 0, finish }, { type: "end", ...(bags && { bags }) });
  }

  #indexOf(event: Fields): number {
    const index = event.numberMaybe("index");
    if (index === undefined) throw event.wrong("index", "a number");
    return index;
  }
}

/** A block that only this format knows, as it is when it is complete. */
function finalBlock(block: OpenBlock): JsonObject {
  if (block.inputJson === "") return block.json;
  try {
    return { ...block.json, input: parseJson(block.inputJson) };
  } catch {
    return block.json; // Cut off at the limit of tokens; the deltas have carried what there is.
  }
}

function blockFault(index: number, what: string): OmniError {
  return new OmniError(FAULT, `The provider's answer is invalid: block ${index} ${what}.`);
}
