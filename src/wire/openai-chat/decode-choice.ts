import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import { type Finish, finishReasonFor } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { CallReader } from "./decode-calls.ts";
import { decodeStreamError } from "../openai-stream-error.ts";
import { decodeFinish } from "./decode-finish.ts";
import { decodeAssistantPart } from "./decode-messages.ts";
import { decodeAnnotation } from "./decode-parts.ts";
import { decodeDetail, type ReasoningDetail } from "./decode-reasoning.ts";
import { callId, decodeLogprobs } from "./decode-response.ts";
import { type MediaDraft, mergeMedia } from "./decode-media.ts";

/** The part of words that is open. Calls are kept apart, since they may go on side by side. */
interface OpenPart {
  readonly type: "text" | "refusal" | "reasoning" | "audio" | "images";
  readonly part: number;
  /** Which entry of `reasoning_details` a reasoning belongs to. */
  readonly detail: number | undefined;
  media: MediaDraft;
  /** Of a reasoning: whether its opaque half has come, behind which plain words begin another one. */
  isSealed: boolean;
}

/** Reads the deltas of one choice. The format has no borders between parts, so a part ends where another kind begins. */
export class ChoiceReader {
  readonly #choice: number;
  readonly #calls: CallReader;
  readonly #kinds: { readonly type: string }[] = [];
  #open: OpenPart | undefined;
  #finish: Finish | undefined;

  constructor(choice: number, responseId: string) {
    this.#choice = choice;
    this.#calls = new CallReader({
      choice,
      idOf: (call) => callId(responseId, choice, call),
      startPart: (content, out) => this.#startPart(content, out),
    });
  }

  /** Whether its reason to finish has come. */
  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  /** @throws {OmniError} If it holds an error, or is not what the format says. */
  read(choice: Fields, out: ChatEvent[]): void {
    if (choice.has("error")) throw decodeStreamError(choice);
    const delta = choice.objectMaybe("delta");
    if (delta !== undefined) this.#readDelta(delta, choice, out);
    // Some providers say it twice, and the first time says more.
    if (choice.has("finish_reason") && this.#finish === undefined) this.#finish = decodeFinish(choice, undefined);
  }

  /** Ends what is open; only called when `isFinished`. */
  end(out: ChatEvent[]): void {
    this.#closeOpen(out);
    this.#calls.end(out);
    const finish = this.#finish ?? { reason: "stop" };
    out.push({ type: "finish", choice: this.#choice, finish: { ...finish, reason: finishReasonFor(finish.reason, this.#kinds) } });
  }

  #readDelta(delta: Fields, choice: Fields, out: ChatEvent[]): void {
    this.#readReasoning(delta, out);
    const content = delta.json["content"];
    if (typeof content === "string") this.#readText("text", content, choice, out);
    else if (content !== undefined && content !== null) this.#readContentList(delta, choice, out);
    this.#readText("refusal", delta.stringMaybe("refusal") ?? "", undefined, out);
    if (delta.has("audio")) this.#readMedia("audio", delta, out);
    if (delta.has("images")) this.#readMedia("images", delta, out);
    // An empty list is no change of kind, nor is a chunk that repeats nothing.
    const calls = delta.has("tool_calls") ? delta.objects("tool_calls") : [];
    if (calls.length > 0) this.#closeOpen(out);
    for (const call of calls) this.#calls.read(call, out);
    const oldCall = delta.objectMaybe("function_call");
    if (oldCall !== undefined) {
      this.#closeOpen(out);
      this.#calls.read(Fields.of({ index: 0, function: oldCall.json }, delta.at("function_call"), delta.fault), out);
    }
    for (const annotation of delta.objectsMaybe("annotations") ?? []) {
      const { part } = this.#openPart("text", undefined, {}, out);
      out.push({ type: "citation", choice: this.#choice, part, citation: decodeAnnotation(annotation) });
    }
  }

  #readReasoning(delta: Fields, out: ChatEvent[]): void {
    const details = delta.has("reasoning_details") ? delta.objects("reasoning_details").map(decodeDetail) : [];
    for (const detail of details) this.#readDetail(detail, out);
    if (details.some((detail) => detail.text !== undefined)) return; // The same words stand in `reasoning` again.
    const text = delta.stringMaybe("reasoning_content") ?? delta.stringMaybe("reasoning");
    if (text && this.#open?.isSealed) this.#closeOpen(out);
    if (text) this.#addReasoning(this.#openPart("reasoning", this.#open?.detail, {}, out).part, text, out);
  }

  #readDetail(detail: ReasoningDetail, out: ChatEvent[]): void {
    if (detail.text === undefined && detail.opaque === undefined) return;
    // An entry without words belongs to the words before it, also where those came in `reasoning_content`.
    const joins = detail.text === undefined && this.#open?.type === "reasoning" && !this.#open.isSealed;
    const extras = detail.itemId === undefined ? {} : { itemId: detail.itemId };
    const open = this.#openPart("reasoning", joins ? this.#open?.detail : detail.index, extras, out);
    if (detail.text !== undefined) this.#addReasoning(open.part, detail.text.text, out);
    if (detail.opaque === undefined) return;
    open.isSealed = true;
    out.push({ type: "opaque", choice: this.#choice, part: open.part, opaque: detail.opaque, ...extras });
  }

  #addReasoning(part: number, text: string, out: ChatEvent[]): void {
    out.push({ type: "reasoning-delta", choice: this.#choice, part, piece: 0, form: "summary", text });
  }

  #readText(type: "text" | "refusal", text: string, choice: Fields | undefined, out: ChatEvent[]): void {
    const logprobs = choice && decodeLogprobs(choice);
    if (text === "" && logprobs === undefined) return;
    const { part } = this.#openPart(type, undefined, {}, out);
    out.push({ type: "text-delta", choice: this.#choice, part, text, ...(logprobs && { logprobs }) });
  }

  #readContentList(delta: Fields, choice: Fields, out: ChatEvent[]): void {
    for (const piece of delta.objects("content").flatMap(decodeAssistantPart)) {
      if (piece.type === "text" || piece.type === "refusal") this.#readText(piece.type, piece.text, choice, out);
      else if (piece.type === "reasoning") {
        const { part } = this.#openPart("reasoning", undefined, {}, out);
        for (const { text } of piece.texts) this.#addReasoning(part, text, out);
      } else {
        this.#closeOpen(out);
        out.push({ type: "part-end", choice: this.#choice, part: this.#startPart(piece, out) });
      }
    }
  }

  #readMedia(type: "audio" | "images", delta: Fields, out: ChatEvent[]): void {
    const open = this.#openPart(type, undefined, {}, out);
    open.media = mergeMedia(type, open.media, delta);
    out.push({ type: "foreign-delta", choice: this.#choice, part: open.part, json: { [type]: delta.json[type] } });
  }

  #openPart(type: OpenPart["type"], detail: number | undefined, extras: object, out: ChatEvent[]): OpenPart {
    if (this.#open?.type === type && this.#open.detail === detail) return this.#open;
    this.#closeOpen(out);
    this.#calls.closeComplete(out);
    const start: PartStart =
      type === "reasoning"
        ? { type, texts: [], ...extras }
        : type === "text" || type === "refusal"
          ? { type, text: "" }
          : { type: "foreign", wire: WIRE, json: { type } };
    this.#open = { type, part: this.#startPart(start, out), detail, media: {}, isSealed: false };
    return this.#open;
  }

  #startPart(content: PartStart, out: ChatEvent[]): number {
    const part = this.#kinds.length;
    this.#kinds.push({ type: content.type });
    out.push({ type: "part-start", choice: this.#choice, part, content });
    return part;
  }

  #closeOpen(out: ChatEvent[]): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const json: JsonObject | undefined = open.type === "audio" || open.type === "images" ? { type: open.type, ...open.media } : undefined;
    out.push({ type: "part-end", choice: this.#choice, part: open.part, ...(json && { json }) });
  }
}
