import { chatImage, madeImages } from "../made-images.ts";
import type { ChatEvent, PartStart } from "../../ir/chat-events.ts";
import type { Citation, ReasoningPart } from "../../ir/chat-parts.ts";
import { bagOf } from "../../ir/chat.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { AnswerContext } from "../chat-codec.ts";
import { idAs } from "../ids.ts";
import { SseWriter } from "../sse-writer.ts";
import { charactersOf } from "../text-length.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { errorObject } from "./encode-error.ts";
import { encodeFinish } from "./encode-finish.ts";
import { encodeDetails } from "./encode-reasoning.ts";
import { encodeAnnotation } from "./encode-response.ts";
import { encodeUsage } from "./encode-usage.ts";

type PartEvent = Extract<ChatEvent, { readonly part: number }>;

/** A part that is under way. */
interface OpenPart {
  readonly content: PartStart;
  /** Of a call: its number among the calls. Of a reasoning: its number among the reasoning. */
  readonly number: number;
  /** Of a text: where it begins among all characters of the choice. */
  readonly start: number;
  /** Citations that wait for the part's end, where it is known what they are about. */
  readonly citations: Citation[];
  /** The reasoning's text that was last written. */
  piece: number;
  isEmpty: boolean;
}

/** What has been written of one choice. */
interface ChoiceState {
  readonly open: Map<number, OpenPart>;
  calls: number;
  images: number;
  reasoning: number;
  hasReasoningText: boolean;
  characters: number;
  hasRefusal: boolean;
}

/** Writes the stream of OpenAI's chat format: one JSON object per `data:` line, then `[DONE]`. Usage is written only if the client asked for it. */
export class OpenAIChatStreamEncoder extends SseWriter {
  readonly #context: AnswerContext;
  readonly #choices = new Map<number, ChoiceState>();
  /** Everything in a chunk that stands before its choices; made once, for it is the same in all of them. */
  #head = "";
  #tail = "}\n\n";
  #usage: Usage | undefined;

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
      case "finish": {
        const { hasRefusal } = this.#choice(event.choice).state;
        const { message: _whole, ...rest } = bagOf(event.finish.bags, WIRE) ?? {};
        this.lost.addBags(event.finish.bags, WIRE, `choices[${event.choice}].finish`);
        return this.#chunk(event.choice, "{}", encodeFinish(event.finish, hasRefusal), undefined, rest);
      }
      case "end":
        return this.#end(event);
      case "failure":
        return `data: ${JSON.stringify(errorObject(event.error))}\n\n`;
      default:
        return this.#writePart(event);
    }
  }

  #start(event: Extract<ChatEvent, { type: "start" }>): string {
    this.#usage = event.usage;
    this.lost.addBags(event.bags, WIRE, "");
    const head = {
      id: idAs("chatcmpl-", event.id),
      object: "chat.completion.chunk",
      created: event.createdS ?? this.#context.nowS ?? 0,
      model: event.model,
      ...(event.serviceTier !== undefined && { service_tier: event.serviceTier }),
      ...bagOf(event.bags, WIRE),
    };
    this.#head = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    if (this.#wantsUsage) this.#tail = ',"usage":null}\n\n';
    return this.#choice(0).text;
  }

  get #wantsUsage(): boolean {
    return this.#context.request?.streamUsage ?? false;
  }

  /** The state of a choice, and the chunk with its role if it has just begun. */
  #choice(index: number): { readonly state: ChoiceState; readonly text: string } {
    const known = this.#choices.get(index);
    if (known !== undefined) return { state: known, text: "" };
    const state = { open: new Map(), calls: 0, images: 0, reasoning: 0, hasReasoningText: false, characters: 0, hasRefusal: false };
    this.#choices.set(index, state);
    return { state, text: this.#chunk(index, '{"role":"assistant","content":"","refusal":null}', null) };
  }

  #writePart(event: PartEvent): string {
    const { state, text } = this.#choice(event.choice);
    if (event.type === "part-start") return text + this.#startPart(state, event);
    const part = state.open.get(event.part);
    return part === undefined ? text : text + this.#writeDelta(state, part, event);
  }

  #startPart(state: ChoiceState, event: Extract<ChatEvent, { type: "part-start" }>): string {
    const { content, choice } = event;
    const number = content.type === "tool-call" ? state.calls++ : content.type === "reasoning" ? state.reasoning++ : 0;
    const part: OpenPart = { content, number, start: state.characters, citations: [], piece: -1, isEmpty: true };
    state.open.set(event.part, part);
    switch (content.type) {
      case "text":
        return "";
      case "refusal":
        state.hasRefusal = true;
        return "";
      case "reasoning":
        return content.opaque === undefined ? "" : this.#details(choice, content, part);
      case "tool-call": {
        const { id, name } = content;
        const call =
          content.kind === "custom"
            ? { index: number, id, type: "custom", custom: { name, input: "" } }
            : { index: number, id, type: "function", function: { name, arguments: "" } };
        return this.#delta(choice, { tool_calls: [{ ...call, ...bagOf(content.bags, WIRE) }] });
      }
      case "foreign": {
        const images = content.wire === WIRE ? [] : madeImages(content);
        if (images.length > 0) return this.#delta(choice, { images: images.map((image) => chatImage(image, state.images++)) });
        const isMedia = content.wire === WIRE && (content.json["type"] === "audio" || content.json["type"] === "images");
        if (!isMedia) {
          const what = String(content.json["type"] ?? "part");
          this.lost.add(
            `choices[${choice}].parts[${event.part}]`,
            what,
            "It can not be shown to a client of OpenAI's chat format.",
            "content",
          );
        }
        return "";
      }
      default:
        return content satisfies never;
    }
  }

  #writeDelta(state: ChoiceState, part: OpenPart, event: Exclude<PartEvent, { type: "part-start" }>): string {
    const { choice } = event;
    switch (event.type) {
      case "text-delta": {
        if (part.content.type === "refusal") return this.#delta(choice, { refusal: event.text });
        state.characters += charactersOf(event.text);
        if (event.logprobs === undefined && event.text === "") return "";
        return this.#chunk(choice, `{"content":${JSON.stringify(event.text)}}`, null, event.logprobs);
      }
      case "reasoning-delta": {
        // Texts of one reasoning, and reasoning after reasoning, are set apart by an empty line.
        const isNext = event.piece !== part.piece && state.hasReasoningText;
        part.piece = event.piece;
        state.hasReasoningText = true;
        return this.#delta(choice, { reasoning_content: isNext ? `\n\n${event.text}` : event.text });
      }
      case "arguments-delta":
        part.isEmpty = false;
        return this.#arguments(choice, part, event.json);
      case "citation":
        part.citations.push(event.citation);
        return "";
      case "opaque":
        if (part.content.type === "reasoning") return this.#details(choice, { ...part.content, opaque: event.opaque }, part);
        if (event.opaque.issuer !== "gemini-generate") return "";
        return this.#delta(choice, {
          tool_calls: [{ index: part.number, extra_content: { google: { thought_signature: event.opaque.value } } }],
        });
      case "foreign-delta":
        return part.content.type === "foreign" && part.content.wire === WIRE ? this.#delta(choice, event.json) : "";
      case "part-end":
        state.open.delete(event.part);
        return this.#endPart(choice, state, part);
      default:
        return event satisfies never;
    }
  }

  #endPart(choice: number, state: ChoiceState, part: OpenPart): string {
    // Clients parse what was joined, and the empty text is no JSON.
    if (part.content.type === "tool-call" && part.isEmpty && part.content.kind === undefined) return this.#arguments(choice, part, "{}");
    const annotations: Json[] = [];
    for (const citation of part.citations) {
      const annotation = encodeAnnotation(citation, part.start, state.characters);
      if (annotation !== undefined) annotations.push(annotation);
      else this.lost.add(`choices[${choice}]`, "citations", "OpenAI's chat format cites web pages only.");
    }
    return annotations.length === 0 ? "" : this.#delta(choice, { annotations });
  }

  #arguments(choice: number, part: OpenPart, json: string): string {
    const field = part.content.type === "tool-call" && part.content.kind === "custom" ? '"custom":{"input":' : '"function":{"arguments":';
    return this.#chunk(choice, `{"tool_calls":[{"index":${part.number},${field}${JSON.stringify(json)}}}]}`, null);
  }

  /** The entry without its text, which has been written already. */
  #details(choice: number, content: ReasoningPart, part: OpenPart): string {
    const details = encodeDetails({ ...content, texts: [] }, part.number);
    return details.length === 0 ? "" : this.#delta(choice, { reasoning_details: details });
  }

  #delta(choice: number, delta: JsonObject): string {
    return this.#chunk(choice, JSON.stringify(delta), null);
  }

  #chunk(choice: number, deltaJson: string, finish: string | null, logprobs?: readonly Json[], rest?: JsonObject): string {
    const probabilities = logprobs === undefined ? "null" : JSON.stringify({ content: logprobs, refusal: null });
    const more = rest === undefined || Object.keys(rest).length === 0 ? "" : `,${JSON.stringify(rest).slice(1, -1)}`;
    const reason = finish === null ? "null" : JSON.stringify(finish);
    return `${this.#head}{"index":${choice},"delta":${deltaJson},"logprobs":${probabilities},"finish_reason":${reason}${more}}]${this.#tail}`;
  }

  #end(event: Extract<ChatEvent, { type: "end" }>): string {
    this.lost.addBags(event.bags, WIRE, "");
    const usage =
      this.#wantsUsage && this.#usage !== undefined ? `${this.#head}],"usage":${JSON.stringify(encodeUsage(this.#usage))}}\n\n` : "";
    return `${usage}data: [DONE]\n\n`;
  }
}
