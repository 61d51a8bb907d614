import type { OmniError } from "../../ir/failure.ts";

/** An error as the whole body of an answer. What the provider itself said goes as it is. */
export function encodeError(error: OmniError): Uint8Array {
  return error.body ?? Buffer.from(JSON.stringify({ error: error.message }));
}

/** An error in the middle of a stream: a line of its own. */
export function encodeErrorEvent(error: OmniError): Uint8Array {
  const text = Buffer.from(encodeError(error)).toString().trim();
  // A body that stands on several lines would be read as several objects.
  return Buffer.from(`${text.includes("\n") ? JSON.stringify({ error: error.message }) : text}\n`);
}
