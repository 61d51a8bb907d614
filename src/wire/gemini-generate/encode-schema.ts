import { isJsonObject, type Json, type JsonObject, numberOf } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";

/** Places that hold schemas by name, so that their keys are no keywords. */
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs", "definitions", "patternProperties"]);
/** What is nested deeper is left as it is; the provider says what it thinks of it. */
const DEPTH_MAX = 64;

/**
 * Writes JSON Schema as Gemini takes it, which is nearly all of it. Bounds that exclude their own value are not among that: of whole numbers
 * the next one is the bound, of others it is said in words. https://ai.google.dev/gemini-api/docs/structured-output
 */
export function encodeSchema(schema: JsonObject, path: string, losses: Losses): JsonObject {
  return encode(schema, path, losses, 0);
}

function encode(schema: JsonObject, path: string, losses: Losses, depth: number): JsonObject {
  const encoded: { [key: string]: Json | undefined } = {};
  const said: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (key === "__proto__" || key === "$schema" || value === undefined) continue;
    const bound = numberOf(value);
    if (key === "const") encoded["enum"] ??= [value];
    else if ((key === "exclusiveMinimum" || key === "exclusiveMaximum") && bound !== undefined) {
      const step = key === "exclusiveMinimum" ? 1 : -1;
      if (schema["type"] === "integer" && Number.isSafeInteger(bound)) encoded[step === 1 ? "minimum" : "maximum"] = bound + step;
      else {
        losses.add(path, key, "Gemini does not enforce it; it is said in the description.");
        said.push(`${key}: ${bound}`);
      }
    } else encoded[key] = encodeValue(key, value, path, losses, depth + 1);
  }
  if (said.length === 0) return encoded;
  const description = typeof schema["description"] === "string" ? `${schema["description"]} ` : "";
  return { ...encoded, description: `${description}(${said.join(", ")})` };
}

function encodeValue(key: string, value: Json, path: string, losses: Losses, depth: number): Json {
  if (depth > DEPTH_MAX || key === "enum" || key === "default" || key === "examples") return value;
  if (Array.isArray(value)) return value.map((item) => (isJsonObject(item) ? encode(item, path, losses, depth) : item));
  if (!isJsonObject(value)) return value;
  if (!NAMED.has(key)) return encode(value, path, losses, depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isJsonObject(inner) ? encode(inner, path, losses, depth + 1) : inner]),
  );
}
