import { FAILURES, type OmniError } from "../../ir/failure.ts";

/** An error as the whole body of an answer. What the provider itself said goes as it is. */
export function encodeError(error: OmniError, requestId: string): Uint8Array {
  return error.body ?? Buffer.from(envelope(error, requestId));
}

/** An error in the middle of a stream. */
export function encodeErrorEvent(error: OmniError, requestId: string): Uint8Array {
  // A body may stand on several lines, each of which has to be marked as data.
  const json = error.body === undefined ? envelope(error, requestId) : Buffer.from(error.body).toString().trim();
  return Buffer.from(`data: ${json.replaceAll(/\r\n|\r|\n/g, "\ndata: ")}\n\n`);
}

function envelope(error: OmniError, requestId: string): string {
  return JSON.stringify({
    error: {
      message: error.message,
      type: FAILURES[error.kind].type,
      param: error.param ?? null,
      code: error.kind,
      request_id: requestId,
    },
  });
}
