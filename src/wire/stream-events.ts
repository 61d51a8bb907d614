import type { ChatEvent } from "../ir/chat-events.ts";
import { OmniError } from "../ir/failure.ts";
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
