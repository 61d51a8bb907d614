import type { ChatRequest, ChatResponse } from "../ir/chat.ts";
import type { ChatEvent } from "../ir/chat-events.ts";
import type { JsonObject } from "../ir/json.ts";
import type { Loss } from "../ir/loss.ts";

/** What an encoder made, and what it could not carry. */
export interface Encoded {
  readonly json: JsonObject;
  readonly losses: readonly Loss[];
}

/** The half of a translation that faces clients. */
export interface ChatDownstream {
  /** @throws {OmniError} `invalid_request`, naming the field. Never anything else, whatever the JSON is. */
  decodeRequest(json: unknown): ChatRequest;
  /** The field by which a request goes on from words that it does not hold, since the format's vendor keeps them. Default: there is no such thing. */
  keptByVendor?(request: ChatRequest): string | undefined;
  /** @param context What was asked, for formats whose answers repeat it. */
  encodeResponse(response: ChatResponse, context?: AnswerContext): Encoded;
  encodeStream(context?: AnswerContext): ChatStreamEncoder;
}

/** The half of a translation that faces providers; made for one provider's dialect. */
export interface ChatUpstream {
  encodeRequest(request: ChatRequest): Encoded;
  /** @throws {OmniError} `upstream_invalid`, naming the field. Never anything else, whatever the JSON is. */
  decodeResponse(json: unknown): ChatResponse;
  decodeStream(): ChatStreamDecoder;
  /** Whether prompts of a model are cached only up to where they are marked. Default: none is. */
  marksPrompts?(model: string): boolean;
  /** Whether a model goes on with an assistant's last message by itself. Default: none does. */
  goesOn?(model: string): boolean;
  /** How the provider's stream is cut into events. Default: server-sent events. */
  openFrames?(): Frames;
}

/**
 * Finds the events in a stream of bytes that is cut anywhere. `push` bytes, then call `next` until it says no.
 * `SseReader` (bytes/sse.ts) is one.
 */
export interface Frames {
  push(chunk: Uint8Array): void;
  /** Goes to the next event that is complete: `data` from `dataStart` to `dataEnd`, and its name, empty if it has none. */
  next(): boolean;
  readonly data: Uint8Array;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly type: string;
  /** Whether an event is longer than allowed; none is found after that. */
  readonly tooLong: boolean;
  /** What is wrong with the bytes, where a format can tell; no event is found after that. */
  readonly broken?: string | undefined;
  /** Lets go of what was found. */
  take(): Uint8Array;
  /** Takes the end of the bytes. `event`: one that only lacked its end is there to be read. */
  finish(): "nothing" | "event" | "scrap";
}

/**
 * Translates one format of chat to and from the IR. No codec knows another one, and none does I/O.
 * `Departures` says where a provider's requests depart from the format's own vendor.
 */
export interface ChatCodec<Departures = object> extends ChatDownstream, Omit<ChatUpstream, "encodeRequest"> {
  readonly wire: string;
  encodeRequest(request: ChatRequest, departures?: Partial<Departures>): Encoded;
}

/** What an encoder of answers has to know besides the answer. */
export interface AnswerContext {
  readonly request?: ChatRequest;
  /** When the exchange began, in seconds since 1970; told to clients when the provider does not say. */
  readonly nowS?: number;
  /** Goes into error events. */
  readonly requestId?: string;
  /** How long the exchange has taken so far. Default: no time at all. */
  elapsedMs?(): number;
  /** Whether the answer will be found again under its name; undefined: as the request wished. */
  readonly isKept?: boolean | undefined;
  /** The answer that the request goes on from. */
  readonly previousId?: string | undefined;
}

/** Makes events of the IR of a provider's server-sent events, one by one. */
export interface ChatStreamDecoder {
  /**
   * Takes one event.
   * @param data Its data lines, joined. Comments are not given here.
   * @param name Its `event:` line.
   * @returns What it says; the list is the caller's. After a `failure` nothing more comes.
   */
  push(data: string, name?: string): ChatEvent[];
  /** Takes the end of the bytes: a `failure` (`upstream_truncated`) if the format's own end is missing. */
  end(): ChatEvent[];
}

/** Makes the bytes of a client's server-sent events of the IR's events. */
export interface ChatStreamEncoder {
  /** The text to send for one event; possibly empty. Events must come in the order that ChatEvent states. */
  write(event: ChatEvent): string;
  /** The same for several, as bytes. */
  push(events: readonly ChatEvent[]): Uint8Array;
  /** What could not be carried so far. */
  readonly losses: readonly Loss[];
  /** The whole answer, in formats whose streams end by telling it; undefined before that. */
  readonly answer?: JsonObject | undefined;
}
