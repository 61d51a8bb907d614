import type { ChatEvent } from "../ir/chat-events.ts";
import type { ChatRequest, ChatResponse } from "../ir/chat.ts";
import type { JsonObject } from "../ir/json.ts";
import type { Loss } from "../ir/loss.ts";

/** What an encoder made, and what it could not carry. */
export interface Encoded {
  readonly json: JsonObject;
  readonly losses: readonly Loss[];
}

/**
 * Translates one format of chat to and from the IR. No codec knows another one, and none does I/O.
 * `Departures` says where a provider's requests depart from the format's own vendor.
 */
export interface ChatCodec<Departures = object> {
  readonly wire: string;
  /** @throws {OmniError} `invalid_request`, naming the field. Never anything else, whatever the JSON is. */
  decodeRequest(json: unknown): ChatRequest;
  encodeRequest(request: ChatRequest, departures?: Partial<Departures>): Encoded;
  /** @throws {OmniError} `upstream_invalid`, naming the field. Never anything else, whatever the JSON is. */
  decodeResponse(json: unknown): ChatResponse;
  /** @param context What was asked, for formats whose answers repeat it. */
  encodeResponse(response: ChatResponse, context?: AnswerContext): Encoded;
  decodeStream(): ChatStreamDecoder;
  encodeStream(context?: AnswerContext): ChatStreamEncoder;
}

/** What an encoder of answers has to know besides the answer. */
export interface AnswerContext {
  readonly request?: ChatRequest;
  /** When the exchange began, in seconds since 1970; told to clients when the provider does not say. */
  readonly nowS?: number;
  /** Goes into error events. */
  readonly requestId?: string;
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
}
