import type { ChatEvent } from "../../ir/chat-events.ts";
import { bag } from "../../ir/chat.ts";
import { OmniError } from "../../ir/failure.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { ChatStreamDecoder } from "../chat-codec.ts";
import type { Fields } from "../fields.ts";
import { readEvent, truncated } from "../stream-events.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { ChoiceReader } from "./decode-choice.ts";
import { decodeStreamError } from "../openai-stream-error.ts";
import { RESPONSE_KNOWN } from "./decode-response.ts";
import { decodeUsage } from "./decode-usage.ts";

/** Besides what the IR has names for: padding against the analysis of traffic. */
const CHUNK_KNOWN: ReadonlySet<string> = new Set([...RESPONSE_KNOWN, "obfuscation", "p", "error"]);

/**
 * Reads the stream of OpenAI's chat format and of those compatible with it. Its end is a reason to finish for every choice, and then `[DONE]`
 * or the end of the bytes, since some providers send no `[DONE]`. Usage may come with the reason or after it, so the end waits for that.
 */
export class OpenAIChatStreamDecoder implements ChatStreamDecoder {
  readonly #choices: ChoiceReader[] = [];
  #id = "";
  #started = false;
  #over = false;
  #usage: Usage | undefined;
  #serviceTier: string | undefined;
  #rest: JsonObject | undefined;

  push(data: string, name?: string): ChatEvent[] {
    if (this.#over) return [];
    if (data.trim() === "[DONE]") return this.end();
    const out: ChatEvent[] = [];
    try {
      this.#readChunk(readEvent(data), name, out);
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
    const readers = this.#choices.filter((reader) => reader !== undefined);
    if (!this.#started || readers.some((reader) => !reader.isFinished)) return [truncated("finish_reason")];
    const out: ChatEvent[] = [];
    try {
      for (const reader of readers) reader.end(out);
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      out.push({ type: "failure", error });
      return out;
    }
    if (this.#usage !== undefined) out.push({ type: "usage", usage: this.#usage });
    const bags = bag(WIRE, this.#rest);
    out.push({ type: "end", ...(this.#serviceTier !== undefined && { serviceTier: this.#serviceTier }), ...(bags && { bags }) });
    return out;
  }

  #readChunk(chunk: Fields, name: string | undefined, out: ChatEvent[]): void {
    if (chunk.has("error") || name === "error" || chunk.json["object"] === "error") throw decodeStreamError(chunk);
    const choices = chunk.objectsMaybe("choices") ?? [];
    const rest = chunk.rest(CHUNK_KNOWN);
    if (rest !== undefined) this.#rest = { ...this.#rest, ...rest };
    this.#serviceTier = chunk.stringMaybe("service_tier") ?? this.#serviceTier;
    // Azure begins with a chunk that has no choices and not even an id.
    if (!this.#started && choices.length > 0) this.#start(chunk, out);
    for (const choice of choices) this.#reader(choice).read(choice, out);
    // Groq puts usage aside of where it belongs when it was not asked for.
    const usage = chunk.objectMaybe("usage") ?? chunk.objectMaybe("x_groq")?.objectMaybe("usage");
    if (usage !== undefined) this.#usage = decodeUsage(usage);
  }

  #start(chunk: Fields, out: ChatEvent[]): void {
    this.#started = true;
    this.#id = chunk.stringMaybe("id") ?? "";
    const createdS = chunk.numberMaybe("created");
    const bags = bag(WIRE, this.#rest);
    out.push({
      type: "start",
      id: this.#id,
      model: chunk.stringMaybe("model") ?? "",
      ...(createdS !== undefined && { createdS }),
      ...(bags && { bags }),
    });
  }

  #reader(choice: Fields): ChoiceReader {
    const index = choice.numberMaybe("index") ?? 0;
    // A made-up index must not make us hold a list of a billion holes.
    if (!Number.isInteger(index) || index < 0 || index > 128) throw choice.wrong("index", "a small whole number");
    this.#choices[index] ??= new ChoiceReader(index, this.#id);
    return this.#choices[index];
  }
}
