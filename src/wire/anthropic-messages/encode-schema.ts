import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";

/** Keywords that structured outputs refuse. https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations */
const REFUSED: ReadonlySet<string> = new Set([
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["minLength", "maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties", "prefixItems"],
]);
/** Places where a schema holds others by name, so that their keys are no keywords. */
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs", "definitions", "patternProperties"]);
/** What is nested deeper is left as it is; the provider says what it thinks of it. */
const DEPTH_MAX = 64;

/** Writes the schema of a structured answer: what the API refuses is said in words instead, as the vendor's own clients do. */
export function encodeSchema(schema: JsonObject, losses: Losses): JsonObject {
  const refused = new Set<string>();
  const written = write(schema, refused, 0);
  for (const key of refused)
    losses.add("format.schema", key, "Anthropic's structured outputs do not enforce it; it is said in the description.");
  return written;
}

function write(schema: JsonObject, refused: Set<string>, depth: number): JsonObject {
  const written: { [key: string]: Json | undefined } = {};
  const said: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (key === "__proto__" || value === undefined) continue;
    if (isRefused(key, value)) {
      refused.add(key);
      said.push(`${key}: ${JSON.stringify(value)}`);
    } else written[key] = writeValue(key, value, refused, depth + 1);
  }
  if (said.length === 0) return written;
  const description = typeof schema["description"] === "string" ? `${schema["description"]} ` : "";
  return { ...written, description: `${description}(${said.join(", ")})` };
}

/** A list may be told to have one item at least, but no more. */
function isRefused(key: string, value: Json): boolean {
  return REFUSED.has(key) || (key === "minItems" && value !== 0 && value !== 1);
}

function writeValue(key: string, value: Json, refused: Set<string>, depth: number): Json {
  if (depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) return key === "enum" ? value : value.map((item) => (isJsonObject(item) ? write(item, refused, depth) : item));
  if (!isJsonObject(value) || key === "const" || key === "default" || key === "examples") return value;
  if (!NAMED.has(key)) return write(value, refused, depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, isJsonObject(schema) ? write(schema, refused, depth + 1) : schema]),
  );
}
