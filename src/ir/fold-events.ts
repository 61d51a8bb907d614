import type { ChatEvent, PartStart } from "./chat-events.ts";
import type { AssistantPart, Bags, Citation, Opaque, ReasoningText } from "./chat-parts.ts";
import type { ChatResponse, Choice, Finish } from "./chat.ts";
import { OmniError } from "./failure.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/** A part while it grows. */
interface Draft {
  readonly content: PartStart;
  text: string;
  texts: { form: ReasoningText["form"]; text: string }[];
  citations: Citation[];
  logprobs: Json[];
  opaque: Opaque | undefined;
  itemId: string | undefined;
  json: JsonObject | undefined;
}

/**
 * Makes the whole answer of a streamed one: the same that the provider would have sent at once.
 *
 * @throws {OmniError} The stream's failure if it has one, `upstream_truncated` if it has no end.
 */
export function foldEvents(events: Iterable<ChatEvent>): ChatResponse {
  const fold = new ResponseFold();
  for (const event of events) fold.push(event);
  return fold.response();
}

/** The same, event by event. */
export class ResponseFold {
  #start: Extract<ChatEvent, { type: "start" }> | undefined;
  #end: Extract<ChatEvent, { type: "end" }> | undefined;
  #usage: Usage | undefined;
  readonly #drafts: Draft[][] = [];
  readonly #finishes: (Finish | undefined)[] = [];

  /**
   * Takes the next event.
   * @throws {OmniError} If it is the stream's failure.
   */
  push(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        this.#start = event;
        this.#usage = event.usage;
        return;
      case "part-start":
        this.#choice(event.choice)[event.part] = draftOf(event.content);
        return;
      case "text-delta": {
        const draft = this.#draft(event);
        draft.text += event.text;
        if (event.logprobs !== undefined) draft.logprobs.push(...event.logprobs);
        return;
      }
      case "reasoning-delta": {
        const { texts } = this.#draft(event);
        const piece = texts[event.piece];
        if (piece === undefined) texts[event.piece] = { form: event.form, text: event.text };
        else piece.text += event.text;
        return;
      }
      case "arguments-delta":
        this.#draft(event).text += event.json;
        return;
      case "citation":
        this.#draft(event).citations.push(event.citation);
        return;
      case "opaque": {
        const draft = this.#draft(event);
        draft.opaque = event.opaque;
        draft.itemId = event.itemId;
        return;
      }
      case "foreign-delta":
        return;
      case "part-end":
        if (event.json !== undefined) this.#draft(event).json = event.json;
        return;
      case "finish":
        this.#choice(event.choice);
        this.#finishes[event.choice] = event.finish;
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "end":
        this.#end = event;
        return;
      case "failure":
        throw event.error;
      default:
        event satisfies never;
    }
  }

  /**
   * The whole answer, once the end is in.
   * @throws {OmniError} `upstream_truncated`, if it is not.
   */
  response(): ChatResponse {
    const start = this.#start;
    const end = this.#end;
    if (start === undefined || end === undefined) {
      throw new OmniError("upstream_truncated", "Cannot read the answer: the stream stopped before its end.");
    }
    const serviceTier = end.serviceTier ?? start.serviceTier;
    const bags = mergeBags(start.bags, end.bags);
    return {
      id: start.id,
      model: start.model,
      ...(start.createdS !== undefined && { createdS: start.createdS }),
      choices: Array.from(
        this.#drafts,
        (drafts, index): Choice => ({
          parts: (drafts ?? []).filter((draft) => draft !== undefined).map(partOf),
          finish: this.#finishes[index] ?? { reason: "stop" },
        }),
      ),
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(serviceTier !== undefined && { serviceTier }),
      ...(bags !== undefined && { bags }),
    };
  }

  #choice(index: number): Draft[] {
    this.#drafts[index] ??= [];
    return this.#drafts[index];
  }

  #draft(event: { readonly choice: number; readonly part: number }): Draft {
    const draft = this.#choice(event.choice)[event.part];
    // Decoders are ours: a delta without its start is a bug of this program, not of a provider.
    if (draft === undefined) throw new Error(`Part ${event.part} of choice ${event.choice} has not started.`);
    return draft;
  }
}

function draftOf(content: PartStart): Draft {
  const texts = content.type === "reasoning" ? content.texts.map((piece) => ({ ...piece })) : [];
  const text =
    content.type === "text" || content.type === "refusal" ? content.text : content.type === "tool-call" ? content.argumentsJson : "";
  return { content, text, texts, citations: [], logprobs: [], opaque: undefined, itemId: undefined, json: undefined };
}

function partOf(draft: Draft): AssistantPart {
  const { content } = draft;
  switch (content.type) {
    case "text":
      return {
        ...content,
        text: draft.text,
        ...(draft.citations.length > 0 && { citations: draft.citations }),
        ...(draft.logprobs.length > 0 && { logprobs: draft.logprobs }),
      };
    case "refusal":
      return { ...content, text: draft.text };
    case "reasoning":
      return {
        ...content,
        texts: draft.texts.filter((piece) => piece !== undefined),
        ...(draft.opaque !== undefined && { opaque: draft.opaque }),
        ...(draft.itemId !== undefined && { itemId: draft.itemId }),
      };
    case "tool-call":
      return { ...content, argumentsJson: draft.text, ...(draft.opaque !== undefined && { opaque: draft.opaque }) };
    case "foreign":
      return { ...content, json: draft.json ?? content.json };
    default:
      return content satisfies never;
  }
}

function mergeBags(first: Bags | undefined, second: Bags | undefined): Bags | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const merged: { [wire: string]: JsonObject } = { ...first };
  for (const [wire, json] of Object.entries(second)) merged[wire] = { ...merged[wire], ...json };
  return merged;
}
