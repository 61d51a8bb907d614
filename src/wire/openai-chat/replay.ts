import { JsonScanner } from "../../bytes/json-scan.ts";
import { SseReader } from "../../bytes/sse.ts";
import type { AssistantPart, ReasoningPart, ToolCallPart } from "../../ir/chat-parts.ts";
import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import { find, keepReasoning, keysOf, REASONING_WANTED, type ReasoningMemory, rebuilt } from "../reasoning-memory.ts";
import { ReasoningTap } from "../reasoning-tap.ts";
import type { AnswerTap, Replay } from "../wire.ts";
import { decodeResponse } from "./decode-response.ts";
import { OpenAIChatStreamDecoder } from "./decode-stream.ts";
import { encodeReasoningBack, type ReasoningBack } from "./encode-messages.ts";

const SLOTS = ["messages[]", "role", "tool_calls", "reasoning_content", "reasoning", "reasoning_details"] as const;
const scanner = new JsonScanner(...SLOTS.map((name) => (name === "messages[]" ? name : `messages[].${name}`)));
const MESSAGE = SLOTS.indexOf("messages[]");
const ROLE = SLOTS.indexOf("role");
const CALLS = SLOTS.indexOf("tool_calls");

/**
 * Puts reasoning back into requests that pass verbatim: most clients of this format drop it, and some providers refuse a turn of tools without it. Nothing else
 * of the body changes.
 * @param form How the provider wants it. `when-asked`: not until it has refused a turn for want of it.
 */
export function chatReplay(form: Exclude<ReasoningBack, "none">): Replay {
  return {
    into(body, memory, isAsked) {
      // Hot path: nearly all that is to be done is not to be done.
      if (indexOf.call(body, CALLS_WORD) === -1) return body;
      if (isAsked) memory.put(REASONING_WANTED, "1");
      else if (form === "when-asked" && memory.get(REASONING_WANTED) === undefined) return body;
      return insertInto(body, form === "reasoning_details" ? form : "reasoning_content", memory, isAsked);
    },
    open: (body, memory) => new ChatTap(body, memory),
  };
}

const CALLS_WORD = Buffer.from('"tool_calls"');
// Not by way of a view: to ask for one makes the runtime move the bytes first.
const { indexOf } = Buffer.prototype;

/** Where one message stands, and what is in it. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly isUser: boolean;
  readonly hasCalls: boolean;
  readonly hasReasoning: boolean;
}

/** @param isBlankGiven Whether a turn whose reasoning nobody remembers gets an empty one. */
function insertInto(
  body: Uint8Array,
  form: "reasoning_content" | "reasoning_details",
  memory: ReasoningMemory,
  isBlankGiven: boolean,
): Uint8Array {
  const places = placesIn(body);
  const lacking = places.filter(({ hasCalls, hasReasoning }) => hasCalls && !hasReasoning);
  if (lacking.length === 0) return body;
  const beginning = beginningIn(body, places);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of lacking) {
    const parts = callsOf(parsed(body, start, end));
    const value = find(keysOf(parts, beginning), memory);
    const found = value === undefined ? [] : rebuilt(parts, JSON.parse(value) as Parameters<typeof rebuilt>[1]); // Only `keepReasoning` writes them.
    const reasoning = found.filter((part): part is ReasoningPart => part.type === "reasoning");
    const members = reasoning.length > 0 ? encodeReasoningBack(reasoning, form) : isBlankGiven ? { reasoning_content: "" } : {};
    const text = JSON.stringify(members).slice(1, -1);
    if (text === "") continue;
    // Right behind the brace; a message with calls is never empty.
    pieces.push(body.subarray(from, start + 1), Buffer.from(`${text},`));
    from = start + 1;
  }
  return pieces.length === 0 ? body : Buffer.concat([...pieces, body.subarray(from)]);
}

function placesIn(body: Uint8Array): Place[] {
  const count = scanner.scan(body);
  const inner: [slot: number, start: number, end: number][] = [];
  const spans: [start: number, end: number][] = [];
  for (let row = 0; row < count; row += 3) {
    const [slot, start, end] = [scanner.found[row]!, scanner.found[row + 1]!, scanner.found[row + 2]!]; // Scans write three numbers for each value.
    if (slot === MESSAGE) spans.push([start, end]);
    else inner.push([slot, start, end]);
  }
  return spans.map(([start, end]): Place => {
    const own = inner.filter(([, at]) => at >= start && at < end);
    const text = ([, from, to]: (typeof own)[number]): string => Buffer.from(body.subarray(from, to)).toString("latin1");
    const role = own.find(([slot]) => slot === ROLE);
    return {
      start,
      end,
      isUser: role !== undefined && text(role) === '"user"',
      hasCalls: own.some((value) => value[0] === CALLS && text(value).length > 2 && text(value) !== "null"),
      hasReasoning: own.some((value) => value[0] > CALLS && !["null", '""', "[]"].includes(text(value))),
    };
  });
}

function parsed(body: Uint8Array, start: number, end: number): JsonObject {
  const json = JSON.parse(Buffer.from(body.subarray(start, end)).toString()) as Json; // The scan has found it well-formed.
  return isJsonObject(json) ? json : {};
}

/** The same words as `beginningOf` finds in a request that was decoded. */
function beginningIn(body: Uint8Array, places: readonly Place[]): string {
  const first = places.find(({ isUser }) => isUser);
  const content = first && parsed(body, first.start, first.end)["content"];
  if (typeof content === "string") return content.slice(0, 4096);
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (isJsonObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("")
    .slice(0, 4096);
}

function callsOf(message: JsonObject): AssistantPart[] {
  const calls = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
  return calls.flatMap((call): ToolCallPart[] => {
    const called = isJsonObject(call) ? call["function"] : undefined;
    if (!isJsonObject(call) || !isJsonObject(called)) return [];
    return [{ type: "tool-call", id: String(call["id"]), name: String(called["name"]), argumentsJson: String(called["arguments"] ?? "") }];
  });
}

const WORD = Buffer.from('"reasoning');
const LINE_FEED = 10;
const QUOTE = 0x22;
const UNDERSCORE = 0x5f;
const LETTER_C = 0x63;
const LETTER_D = 0x64;
const NOTHING = new Uint8Array();
/** A line that is longer than this is not looked at from its beginning. */
const TAIL_BYTES_MAX = 256 * 1024;

/** Whether a field of reasoning may be in it: `reasoning`, `reasoning_content`, `reasoning_details`. Every usage has `reasoning_tokens`, which is none. */
function holdsReasoning(bytes: Uint8Array): boolean {
  for (let at = indexOf.call(bytes, WORD); at !== -1; at = indexOf.call(bytes, WORD, at + WORD.length)) {
    const end = at + WORD.length;
    if (bytes[end] === QUOTE || (bytes[end] === UNDERSCORE && (bytes[end + 1] === LETTER_C || bytes[end + 1] === LETTER_D))) return true;
  }
  return false;
}

/** Looks on while an answer goes by verbatim. Until there is reasoning in it, that is one search for a word per chunk. */
class ChatTap implements AnswerTap {
  private readonly body: Uint8Array;
  private readonly memory: ReasoningMemory;
  /** Made when there is reasoning. */
  private reading: { readonly events: SseReader; readonly decoder: OpenAIChatStreamDecoder; readonly tap: ReasoningTap } | undefined;
  /** What a chunk ended with that was not a whole line. */
  private tail: Uint8Array = NOTHING;
  private isBroken = false;

  constructor(body: Uint8Array, memory: ReasoningMemory) {
    this.body = body;
    this.memory = memory;
  }

  whole(answer: Uint8Array): void {
    if (!holdsReasoning(answer)) return;
    try {
      const [choice] = decodeResponse(JSON.parse(Buffer.from(answer).toString())).choices;
      if (choice !== undefined) this.keep(choice.parts);
    } catch {
      // What can not be read is not remembered; whether it may be handed on is for others to say.
    }
  }

  push(chunk: Uint8Array): void {
    if (this.reading === undefined) {
      const bytes = this.tail.length === 0 ? chunk : Buffer.concat([this.tail, chunk]);
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      if (!holdsReasoning(bytes)) {
        const tail = view.subarray(view.lastIndexOf(LINE_FEED) + 1);
        this.tail = tail.length === 0 || tail.length > TAIL_BYTES_MAX ? NOTHING : tail.slice();
        return;
      }
      this.reading = { events: new SseReader(), decoder: new OpenAIChatStreamDecoder(), tap: new ReasoningTap() };
      this.read(bytes);
    } else this.read(chunk);
  }

  end(): void {
    const parts = this.reading?.tap.parts;
    if (!this.isBroken && parts !== undefined) this.keep(parts);
  }

  private read(bytes: Uint8Array): void {
    if (this.reading === undefined || this.isBroken) return;
    const { events, decoder, tap } = this.reading;
    events.push(bytes);
    while (events.next()) {
      const data = Buffer.from(events.data.subarray(events.dataStart, events.dataEnd)).toString();
      for (const event of decoder.push(data, events.type)) {
        if (event.type === "failure") this.isBroken = true;
        else tap.push(event);
      }
    }
    events.take();
  }

  private keep(parts: readonly AssistantPart[]): void {
    keepReasoning(parts, beginningIn(this.body, placesIn(this.body)), this.memory);
  }
}
