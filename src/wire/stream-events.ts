import type { ChatEvent } from "../ir/chat-events.ts";
import { OmniError } from "../ir/failure.ts";
import type { ChatStreamDecoder } from "./chat-codec.ts";
import { Fields } from "./fields.ts";

/**
 * Reads the data of one event of a provider's stream.
 * One `JSON.parse` per event is what a translation costs at least; verbatim bridges do without.
 * @throws {OmniError} `upstream_invalid`, if it is no object.
 */
export function readEvent(data: string): Fields {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (cause) {
    throw new OmniError("upstream_invalid", "The provider's answer is invalid: an event of its stream is no JSON.", { cause });
  }
  return Fields.of(json, "", "upstream_invalid");
}

/** What is said when a stream stops before its format's own end. */
export function truncated(terminal: string): ChatEvent {
  return { type: "failure", error: new OmniError("upstream_truncated", `The provider's answer broke off: \`${terminal}\` never came.`) };
}

/**
 * Tells a decoder that the bytes have come to their end.
 * @param data What stood there as an event without its blank line. It counts if it is whole, and is the scrap of one that broke off otherwise.
 */
export function endStream(decoder: ChatStreamDecoder, data?: string, name?: string): ChatEvent[] {
  const last = data !== undefined && isWhole(data) ? decoder.push(data, name) : [];
  return [...last, ...decoder.end()];
}

function isWhole(data: string): boolean {
  if (data.trim() === "[DONE]") return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false; // Being cut off is what was asked about.
  }
}
