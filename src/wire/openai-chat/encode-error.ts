import { FAILURES, type OmniError } from "../../ir/failure.ts";
import type { JsonObject } from "../../ir/json.ts";

/** An error as clients of OpenAI's formats know it. */
export function errorObject(error: OmniError): JsonObject {
  return { error: { message: error.message, type: FAILURES[error.kind].type, param: error.param ?? null, code: error.kind } };
}
