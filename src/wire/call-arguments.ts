import { isJsonObject, type Json, type JsonObject, parseJson } from "../ir/json.ts";

/**
 * The arguments of a call as an object, for formats that want one. What is not an object (cut off, or free text) stands whole in one field,
 * so that the turn can be replayed.
 */
export function argumentsObject(call: { readonly argumentsJson: string; readonly kind?: "custom" }): JsonObject {
  if (call.kind === "custom") return { input: call.argumentsJson };
  if (call.argumentsJson.trim() === "") return {};
  try {
    const value: Json = parseJson(call.argumentsJson);
    return isJsonObject(value) ? value : { input: value };
  } catch {
    return { raw: call.argumentsJson }; // A call that was cut off at the limit of tokens; the model may still be shown it.
  }
}
