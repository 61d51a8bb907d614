import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import { bag, type Finish } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../ir/json.ts";
import type { ChatStreamDecoder } from "../chat-codec.ts";
import type { Fields } from "../fields.ts";
import { readEvent, truncated } from "../stream-events.ts";
import { BEDROCK_CONVERSE as WIRE } from "../wire-names.ts";
import { decodeCitation, isServers, redactedOf, signatureOf } from "./decode-blocks.ts";
import { failureNamed } from "./failure.ts";
import { decodeFinish } from "./finish.ts";
import { decodeUsage } from "./usage.ts";

/** `p` is padding, so that lengths give nothing away. */
const STOP = new Set(["stopReason", "p"]);
const METADATA = new Set(["usage", "metrics", "serviceTier", "p"]);

/** A block that is open. `part`: absent as long as there is nothing in it. */
interface Block {
  readonly type: PartStart["type"];
  part: number | undefined;
  /** What the provider runs by itself, which is told when it is whole. */
  readonly start?: JsonObject;
  input: string;
  readonly content: Json[];
}

/**
 * Reads the stream of Converse. What was used comes behind the end, in `metadata`, so the end is told only then, or when the bytes end.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
 */
export class ConverseStreamDecoder implements ChatStreamDecoder {
  readonly #blocks = new Map<number, Block>();
  readonly #kinds: { readonly type: string }[] = [];
  #isStarted = false;
  #isOver = false;
  #finish: Finish | undefined;
  #rest: JsonObject | undefined;

  push(data: string, name = ""): ChatEvent[] {
    const out: ChatEvent[] = [];
    if (this.#isOver) return out;
    try {
      const [what = "", failure] = name.split(":");
      if (what === "error") throw failureNamed(failure ?? "", data);
      const event = readEvent(data);
      if (what === "exception") throw failureNamed(failure ?? "", event.stringMaybe("message"));
      this.#read(what, event, out);
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
    if (this.#finish === undefined) return [truncated("messageStop")];
    const out: ChatEvent[] = [];
    this.#end(out, undefined);
    return out;
  }

  #read(name: string, event: Fields, out: ChatEvent[]): void {
    if (!this.#isStarted) {
      this.#isStarted = true;
      out.push({ type: "start", id: "", model: "" });
    }
    switch (name) {
      case "contentBlockStart":
        this.#startBlock(indexOf(event), event.object("start"), out);
        return;
      case "contentBlockDelta":
        this.#continueBlock(indexOf(event), event.object("delta"), out);
        return;
      case "contentBlockStop":
        this.#stopBlock(indexOf(event), out);
        return;
      case "messageStop":
        for (const index of [...this.#blocks.keys()]) this.#stopBlock(index, out);
        this.#finish ??= decodeFinish(event.string("stopReason"), this.#kinds, event.json["additionalModelResponseFields"]);
        this.#rest = { ...this.#rest, ...event.rest(STOP) };
        return;
      case "metadata":
        this.#readMetadata(event, out);
        return;
      default:
        return; // `messageStart` says nothing, and new events are not for us to refuse.
    }
  }

  #readMetadata(event: Fields, out: ChatEvent[]): void {
    const usage = event.objectMaybe("usage");
    this.#rest = { ...this.#rest, ...event.rest(METADATA) };
    const counted = usage && decodeUsage(usage);
    if (this.#finish === undefined) {
      if (counted) out.push({ type: "usage", usage: counted });
      return;
    }
    this.#isOver = true;
    const tier = event.objectMaybe("serviceTier")?.stringMaybe("type");
    this.#end(out, tier, counted && { type: "usage", usage: counted });
  }

  #end(out: ChatEvent[], serviceTier: string | undefined, usage?: ChatEvent): void {
    if (this.#finish === undefined) return;
    out.push({ type: "finish", choice: 0, finish: this.#finish });
    if (usage !== undefined) out.push(usage);
    const bags = bag(WIRE, this.#rest !== undefined && Object.keys(this.#rest).length > 0 ? this.#rest : undefined);
    out.push({ type: "end", ...(serviceTier !== undefined && { serviceTier }), ...(bags && { bags }) });
  }

  #startBlock(index: number, start: Fields, out: ChatEvent[]): void {
    this.#stopBlock(index, out);
    const call = start.objectMaybe("toolUse");
    if (call !== undefined && !isServers(call)) {
      const block = this.#open(index, "tool-call");
      this.#startPart(block, { type: "tool-call", id: call.string("toolUseId"), name: call.string("name"), argumentsJson: "" }, out);
    } else this.#blocks.set(index, { type: "foreign", part: undefined, start: start.json, input: "", content: [] });
  }

  #continueBlock(index: number, delta: Fields, out: ChatEvent[]): void {
    const reasoning = delta.objectMaybe("reasoningContent");
    const call = delta.objectMaybe("toolUse");
    const citation = delta.objectMaybe("citation");
    const text = delta.stringMaybe("text");
    const known = this.#blocks.get(index);
    if (known?.type === "foreign") {
      if (call !== undefined) known.input += call.stringMaybe("input") ?? "";
      else known.content.push(delta.json["toolResult"] ?? delta.json);
    } else if (reasoning !== undefined) this.#reason(this.#open(index, "reasoning", out), reasoning, out);
    else if (call !== undefined) {
      const json = call.stringMaybe("input") ?? "";
      if (known?.type !== "tool-call" || known.part === undefined) throw call.wrong("input", "in a block that has started");
      if (json !== "") out.push({ type: "arguments-delta", choice: 0, part: known.part, json });
    } else if (citation !== undefined) {
      const part = this.#textPart(index, out);
      out.push({ type: "citation", choice: 0, part, citation: decodeCitation(citation) });
    } else if (text) out.push({ type: "text-delta", choice: 0, part: this.#textPart(index, out), text });
  }

  #reason(block: Block, reasoning: Fields, out: ChatEvent[]): void {
    const redacted = reasoning.stringMaybe("redactedContent");
    const signature = reasoning.stringMaybe("signature");
    const text = reasoning.stringMaybe("text");
    if (redacted !== undefined && block.part === undefined)
      this.#startPart(block, { type: "reasoning", texts: [], opaque: redactedOf(redacted) }, out);
    if (!text && !signature) return;
    const part = block.part ?? this.#startPart(block, { type: "reasoning", texts: [] }, out);
    if (text) out.push({ type: "reasoning-delta", choice: 0, part, piece: 0, form: "summary", text });
    if (signature) out.push({ type: "opaque", choice: 0, part, opaque: signatureOf(signature) });
  }

  #textPart(index: number, out: ChatEvent[]): number {
    const block = this.#open(index, "text", out);
    return block.part ?? this.#startPart(block, { type: "text", text: "" }, out);
  }

  /** The block of that number and type; another one in its place is over. */
  #open(index: number, type: Block["type"], out: ChatEvent[] = []): Block {
    const known = this.#blocks.get(index);
    if (known?.type === type) return known;
    this.#stopBlock(index, out);
    const block: Block = { type, part: undefined, input: "", content: [] };
    this.#blocks.set(index, block);
    return block;
  }

  #startPart(block: Block, content: PartStart, out: ChatEvent[]): number {
    const part = this.#kinds.length;
    block.part = part;
    this.#kinds.push({ type: content.type });
    out.push({ type: "part-start", choice: 0, part, content });
    return part;
  }

  #stopBlock(index: number, out: ChatEvent[]): void {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.start !== undefined) {
      const json = wholeOf(block.start, block);
      const part = this.#startPart(block, { type: "foreign", wire: WIRE, json }, out);
      out.push({ type: "part-end", choice: 0, part, json });
    } else if (block?.part !== undefined) out.push({ type: "part-end", choice: 0, part: block.part });
  }
}

/** What the provider ran, as it would stand in a whole answer. */
function wholeOf(start: JsonObject, { input, content }: Block): JsonObject {
  const call = start["toolUse"];
  if (isJsonObject(call)) return { toolUse: { ...call, input: parsedOr(input) } };
  const result = start["toolResult"];
  return isJsonObject(result) ? { toolResult: { ...result, content: content.flat() } } : start;
}

function parsedOr(input: string): JsonObject {
  try {
    const json = parseJson(input);
    return isJsonObject(json) ? json : {};
  } catch {
    return {}; // Nothing was said, or it was cut off.
  }
}

/** A made-up number may be any, since it is only looked up. */
function indexOf(event: Fields): number {
  return event.numberMaybe("contentBlockIndex") ?? 0;
}
