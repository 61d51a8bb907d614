import { geminiImage, madeImages } from "../made-images.ts";
import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import { bagOf } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { AnswerContext } from "../chat-codec.ts";
import { argumentsObject } from "../call-arguments.ts";
import { SseWriter } from "../sse-writer.ts";
import { charactersOf } from "../text-length.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { encodeEnd, isBlocked, place } from "./encode-candidate.ts";
import type { PlacedCitation } from "./encode-citations.ts";
import { errorObject } from "./encode-error.ts";
import { encodeTime } from "./encode-response.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { encodeSignature } from "./signature.ts";
import { encodeUsage } from "./usage.ts";

type PartEvent = Extract<ChatEvent, { readonly part: number }>;

/** A part that is under way. */
interface OpenPart {
  readonly content: PartStart;
  /** Of a text: where it begins among all characters of the candidate. */
  readonly start: number;
  readonly citations: PlacedCitation["citation"][];
  /** Of a call: its arguments so far. It is written whole, at its end. */
  argumentsJson: string;
  signature: string | undefined;
  /** Of a reasoning: its text that was last written. */
  piece: number;
}

/** What has been written of one candidate. */
interface CandidateState {
  readonly open: Map<number, OpenPart>;
  readonly placed: PlacedCitation[];
  text: string;
  characters: number;
  /** Why it ended; told when all is known. */
  end: JsonObject | undefined;
}

/** Writes the stream of Gemini's streamGenerateContent: each event is an answer with a piece of a candidate, the last one has reasons and usage. */
export class GeminiStreamEncoder extends SseWriter {
  readonly #context: AnswerContext;
  readonly #candidates = new Map<number, CandidateState>();
  #usage: Usage | undefined;
  #serviceTier: string | undefined;
  #rest: JsonObject | undefined;
  /** Everything in an event that stands behind its candidates; made once, for it is the same in all of them. */
  #tail = "}\r\n\r\n";

  constructor(context: AnswerContext = {}) {
    super(context);
    this.#context = context;
  }

  protected encode(event: ChatEvent): string {
    switch (event.type) {
      case "start":
        this.#usage = event.usage;
        this.#serviceTier = event.serviceTier;
        this.lost.addBags(event.bags, WIRE, "");
        this.#rest = bagOf(event.bags, WIRE);
        this.#tail = `,${JSON.stringify({ modelVersion: event.model, ...encodeTime(event.createdS), responseId: event.id }).slice(1)}\r\n\r\n`;
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "finish": {
        const state = this.#candidate(event.choice);
        state.end = encodeEnd(event.finish, state.placed, state.text, `choices[${event.choice}]`, this.lost);
        return "";
      }
      case "end":
        return this.#end(event);
      case "failure":
        return `data: ${JSON.stringify(errorObject(event.error, this.#context.requestId))}\r\n\r\n`;
      default:
        return this.#writePart(event);
    }
  }

  #candidate(index: number): CandidateState {
    const known = this.#candidates.get(index);
    if (known !== undefined) return known;
    const state: CandidateState = { open: new Map(), placed: [], text: "", characters: 0, end: undefined };
    this.#candidates.set(index, state);
    return state;
  }

  #writePart(event: PartEvent): string {
    const state = this.#candidate(event.choice);
    if (event.type !== "part-start") {
      const part = state.open.get(event.part);
      return part === undefined ? "" : this.#writeDelta(state, part, event);
    }
    const { content, choice } = event;
    const argumentsJson = content.type === "tool-call" ? content.argumentsJson : "";
    const part: OpenPart = { content, start: state.characters, citations: [], argumentsJson, signature: undefined, piece: 0 };
    state.open.set(event.part, part);
    if (content.type !== "foreign") this.lost.addBags(content.bags, WIRE, `choices[${choice}].parts[${event.part}]`);
    if (content.type !== "reasoning" || content.opaque === undefined) return "";
    return this.#thought(choice, { text: "", thought: true, thoughtSignature: encodeSignature(content.opaque) });
  }

  #writeDelta(state: CandidateState, part: OpenPart, event: Exclude<PartEvent, { type: "part-start" }>): string {
    const { choice } = event;
    switch (event.type) {
      case "text-delta":
        if (part.content.type !== "refusal") {
          state.characters += charactersOf(event.text);
          // Only needed to count bytes, which only citations make us do.
          state.text += event.text;
        }
        return event.text === "" && event.logprobs === undefined ? "" : this.#text(choice, event.text, event.logprobs);
      case "reasoning-delta": {
        // Texts of one reasoning are set apart by an empty line.
        const isNext = event.piece !== part.piece;
        part.piece = event.piece;
        return this.#thought(choice, { text: isNext ? `\n\n${event.text}` : event.text, thought: true });
      }
      case "arguments-delta":
        part.argumentsJson += event.json;
        return "";
      case "citation":
        part.citations.push(event.citation);
        return "";
      case "opaque":
        return this.#opaque(choice, part, encodeSignature(event.opaque), event.opaque.issuer === WIRE);
      case "foreign-delta":
        return "";
      case "part-end":
        state.open.delete(event.part);
        return this.#endPart(state, part, event);
      default:
        return event satisfies never;
    }
  }

  #opaque(choice: number, part: OpenPart, signature: string, isOwn: boolean): string {
    if (part.content.type === "tool-call") part.signature = signature;
    if (part.content.type !== "reasoning") return "";
    return this.#thought(choice, { text: "", ...(!isOwn && { thought: true }), thoughtSignature: signature });
  }

  #endPart(state: CandidateState, part: OpenPart, event: Extract<ChatEvent, { type: "part-end" }>): string {
    const { content } = part;
    const { choice } = event;
    for (const citation of part.citations) state.placed.push(place(citation, part.start, state.characters));
    if (content.type === "tool-call") {
      const { id, name, bags } = content;
      const signature = part.signature !== undefined && { thoughtSignature: part.signature };
      const args = argumentsObject({ ...content, argumentsJson: part.argumentsJson });
      return this.#part(choice, JSON.stringify({ functionCall: { id, name, args }, ...signature, ...bagOf(bags, WIRE) }));
    }
    if (content.type !== "foreign") return "";
    if (content.wire === WIRE) return this.#part(choice, JSON.stringify(event.json ?? content.json));
    const images = madeImages({ ...content, json: event.json ?? content.json });
    if (images.length > 0) return images.map((image) => this.#part(choice, JSON.stringify(geminiImage(image)))).join("");
    if (!content.isNote) {
      const what = String(content.json["type"] ?? "part");
      this.lost.add(`choices[${choice}].parts[${event.part}]`, what, "It can not be shown to a client of Gemini's format.", "content");
    }
    return "";
  }

  #text(choice: number, text: string, logprobs: readonly Json[] | undefined): string {
    const result = logprobs === undefined ? "" : `,"logprobsResult":${JSON.stringify(encodeLogprobs(logprobs))}`;
    return this.#part(choice, `{"text":${JSON.stringify(text)}}`, result);
  }

  #thought(choice: number, part: JsonObject): string {
    return this.#part(choice, JSON.stringify(part));
  }

  /** @param more Further fields of the candidate, each with a comma before it. */
  #part(choice: number, partJson: string, more = ""): string {
    return `data: {"candidates":[{"content":{"parts":[${partJson}],"role":"model"},"index":${choice}${more}}]${this.#tail}`;
  }

  #end(event: Extract<ChatEvent, { type: "end" }>): string {
    this.lost.addBags(event.bags, WIRE, "");
    const rest = { ...this.#rest, ...bagOf(event.bags, WIRE) };
    const tier = event.serviceTier ?? this.#serviceTier;
    const candidates = [...this.#candidates].map(([index, { end }]) => ({
      content: { parts: [{ text: "" }], role: "model" },
      ...end,
      index,
    }));
    const last = {
      ...(!isBlocked(rest) && { candidates }),
      ...(this.#usage && { usageMetadata: encodeUsage(this.#usage, tier) }),
      ...rest,
    };
    const json = JSON.stringify(last).slice(0, -1);
    return `data: ${json === "{" ? json + this.#tail.slice(1) : json + this.#tail}`;
  }
}
