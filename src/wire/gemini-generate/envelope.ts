import type { OmniError } from "../../ir/failure.ts";
import { errorObject } from "./encode-error.ts";

/** An error as the whole body of an answer. What the provider itself said goes as it is. */
export function encodeError(error: OmniError, requestId: string): Uint8Array {
  return error.body ?? Buffer.from(JSON.stringify(errorObject(error, requestId)));
}

/** An error in the middle of a stream. */
export function encodeErrorEvent(error: OmniError, requestId: string): Uint8Array {
  // A body may stand on several lines, each of which has to be marked as data.
  const json = Buffer.from(encodeError(error, requestId)).toString().trim();
  return Buffer.from(`data: ${json.replaceAll(/\r\n|\r|\n/g, "\r\ndata: ")}\r\n\r\n`);
}
