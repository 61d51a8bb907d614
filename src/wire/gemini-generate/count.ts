import { isJsonObject, type Json, parseJson } from "../../ir/json.ts";
import type { CountDownstream } from "../count-tokens.ts";

/** A request whose tokens are counted may stand under this name, with its model in it once more. https://ai.google.dev/api/tokens */
const WHOLE = "generateContentRequest";

/** How Google's clients have tokens counted: by a method of the model. */
export const COUNT_DOWNSTREAM: CountDownstream = {
  paths: [],
  requestOf: (json) => (isJsonObject(json as Json) ? (json as { readonly [WHOLE]?: unknown })[WHOLE] : undefined), // Parsed, so it is JSON.
  encode: (tokens) => Buffer.from(JSON.stringify({ totalTokens: tokens })),
};

/** Names the model in the request within the request, which Google holds against the one in the path. */
export function renameCounted(body: Uint8Array, model: string): Uint8Array {
  const text = Buffer.from(body).toString();
  if (!text.includes(WHOLE)) return body;
  const json = parseJson(text);
  const whole = isJsonObject(json) ? json[WHOLE] : undefined;
  if (!isJsonObject(json) || !isJsonObject(whole)) return body;
  return Buffer.from(JSON.stringify({ ...json, [WHOLE]: { ...whole, model: `models/${model}` } }));
}
