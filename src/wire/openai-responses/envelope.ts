import { FAILURES, type OmniError } from "../../ir/failure.ts";
import { isJsonObject, type JsonObject } from "../../ir/json.ts";
import { sseEvent } from "../sse-writer.ts";

/** An error as the whole body of an answer. What the provider itself said goes as it is. */
export function encodeError(error: OmniError, requestId: string): Uint8Array {
  if (error.body !== undefined) return error.body;
  const { message, param = null, kind: code } = error;
  return Buffer.from(JSON.stringify({ error: { message, type: FAILURES[code].type, param, code, request_id: requestId } }));
}

/** An error in the place of a stream that has not begun. */
export function encodeErrorEvent(error: OmniError): Uint8Array {
  return Buffer.from(errorEvent(error, 0));
}

/** An error in the middle of a stream, under the number that is next in it. */
export function errorEvent(error: OmniError, sequence: number): string {
  const { code, message, param } = saidOf(error);
  return sseEvent({ type: "error", sequence_number: sequence, code, message, param });
}

/**
 * A stream's end by failure. Nothing in it is closed: what is open stays so, since nobody knows how it would have ended.
 * @param response The answer as it was told at the stream's beginning.
 */
export function failedEvent(error: OmniError, sequence: number, response: JsonObject): string {
  const { code, message } = saidOf(error);
  return sseEvent({
    type: "response.failed",
    sequence_number: sequence,
    response: { ...response, status: "failed", error: { code, message } },
  });
}

interface Said {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** What there is to say: in the provider's own words if the client may see them. */
function saidOf(error: OmniError): Said {
  const own = error.body === undefined ? undefined : errorIn(error.body);
  const { code, message, param } = own ?? {};
  return {
    code: typeof code === "string" ? code : error.kind,
    message: typeof message === "string" ? message : error.message,
    param: typeof param === "string" ? param : (error.param ?? null),
  };
}

function errorIn(body: Uint8Array): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(body).toString());
    const error = isJsonObject(json) ? json["error"] : undefined;
    return isJsonObject(error) ? error : undefined;
  } catch {
    return undefined; // Then our own words have to do.
  }
}
