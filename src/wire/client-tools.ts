import type { ChatRequest, ChatResponse } from "../ir/chat.ts";
import type { ChatEvent } from "../ir/chat-events.ts";
import type { AssistantPart, ToolCallPart } from "../ir/chat-parts.ts";
import { shortToolName } from "./tool-names.ts";

/** A call that is held back until it can be read as the client's own tool has it. */
interface HeldCall {
  readonly content: ToolCallPart;
  text: string;
}

/**
 * Turns calls back into what the client knows: long names that were shortened for the provider, and tools that take free text and had to be
 * given to the provider as functions.
 */
export class ClientTools {
  readonly #names = new Map<string, string>();
  readonly #customNames = new Set<string>();
  readonly #held = new Map<string, HeldCall>();

  private constructor(request: ChatRequest) {
    for (const tool of request.tools ?? []) {
      if (tool.type !== "function" && tool.type !== "custom") continue;
      const short = shortToolName(tool.name);
      if (short !== tool.name) this.#names.set(short, tool.name);
      if (tool.type === "custom") this.#customNames.add(tool.name);
    }
  }

  /** Undefined if all of the client's tools are called as they are, so that nothing needs to be done per event. */
  static of(request: ChatRequest | undefined): ClientTools | undefined {
    if (request?.tools === undefined) return undefined;
    const tools = new ClientTools(request);
    return tools.#names.size + tools.#customNames.size === 0 ? undefined : tools;
  }

  /** A whole answer, with its calls as the client knows them. */
  restore(response: ChatResponse): ChatResponse {
    const restored = (part: AssistantPart): AssistantPart => (part.type === "tool-call" ? this.#restoreCall(part) : part);
    return { ...response, choices: response.choices.map((choice) => ({ ...choice, parts: choice.parts.map(restored) })) };
  }

  /** The same for an event; arguments that have to be unpacked wait for their end. */
  push(event: ChatEvent): readonly ChatEvent[] {
    if (!("part" in event)) return [event];
    const key = `${event.choice} ${event.part}`;
    if (event.type === "part-start") {
      if (event.content.type !== "tool-call") return [event];
      const content = this.#named(event.content);
      if (!this.#isPacked(content)) return [{ ...event, content }];
      this.#held.set(key, { content, text: "" });
      return [];
    }
    const held = this.#held.get(key);
    if (held === undefined) return [event];
    if (event.type === "arguments-delta") held.text += event.json;
    if (event.type !== "part-end") return [];
    this.#held.delete(key);
    const { choice, part } = event;
    const json = unpack(held.text);
    return [
      { type: "part-start", choice, part, content: { ...held.content, kind: "custom" } },
      { type: "arguments-delta", choice, part, json },
      event,
    ];
  }

  #restoreCall(part: ToolCallPart): ToolCallPart {
    const named = this.#named(part);
    return this.#isPacked(named) ? { ...named, kind: "custom", argumentsJson: unpack(named.argumentsJson) } : named;
  }

  #named(part: ToolCallPart): ToolCallPart {
    const name = this.#names.get(part.name);
    return name === undefined ? part : { ...part, name };
  }

  #isPacked(part: ToolCallPart): boolean {
    return part.kind === undefined && this.#customNames.has(part.name);
  }
}

/** The free text that stands in the one field of an object; all of it, if the model wrote something else. */
function unpack(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && "input" in value && typeof value.input === "string") return value.input;
  } catch {
    // Cut off, or never JSON: the client's tool is given what there is.
  }
  return json;
}
