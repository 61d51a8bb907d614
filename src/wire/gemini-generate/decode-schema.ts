import { isJsonObject, type Json, type JsonObject, numberOf } from "../../ir/json.ts";

/** Keywords whose numbers Google writes as text, as it does with all of 64 bits. */
const COUNTS: ReadonlySet<string> = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);
/** Places that hold schemas by name, so that their keys are no keywords. */
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
/** What is nested deeper is left as it is. */
const DEPTH_MAX = 64;

/**
 * Makes JSON Schema of Google's own kind of schema, which is a subset of OpenAPI's: names of types in capitals, `nullable`, an order of
 * properties, counts as text. JSON Schema itself comes out as it is. https://ai.google.dev/api/caching#Schema
 */
export function decodeSchema(schema: JsonObject): JsonObject {
  return decode(schema, 0);
}

function decode(schema: JsonObject, depth: number): JsonObject {
  const decoded: { [key: string]: Json | undefined } = {};
  for (const [name, value] of Object.entries(schema)) {
    const key = name.includes("_") ? name.replace(/(?<=.)_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;
    if (key === "__proto__" || key === "nullable" || key === "propertyOrdering" || value === undefined) continue;
    decoded[key] = decodeValue(key, value, depth + 1);
  }
  const ordering = schema["propertyOrdering"] ?? schema["property_ordering"];
  if (Array.isArray(ordering) && isJsonObject(decoded["properties"])) decoded["properties"] = ordered(decoded["properties"], ordering);
  return schema["nullable"] === true ? nullable(decoded) : decoded;
}

function decodeValue(key: string, value: Json, depth: number): Json {
  if (key === "type" && typeof value === "string") return value.toLowerCase();
  if (COUNTS.has(key) && typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  if (depth > DEPTH_MAX || key === "enum" || key === "default" || key === "example" || key === "const") return value;
  if (Array.isArray(value)) return value.map((item) => (isJsonObject(item) ? decode(item, depth) : item));
  if (!isJsonObject(value) || numberOf(value) !== undefined) return value;
  if (!NAMED.has(key)) return decode(value, depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, isJsonObject(schema) ? decode(schema, depth + 1) : schema]),
  );
}

/** The same properties in another order, which is all that an order can say in JSON Schema. */
function ordered(properties: JsonObject, ordering: readonly Json[]): JsonObject {
  const first = ordering.filter((name) => typeof name === "string" && Object.hasOwn(properties, name)) as string[]; // Filtered by type.
  return Object.fromEntries([...new Set([...first, ...Object.keys(properties)])].map((name) => [name, properties[name]]));
}

function nullable(schema: { readonly [key: string]: Json | undefined }): JsonObject {
  const { type, enum: values } = schema;
  if (typeof type !== "string") return { anyOf: [schema as JsonObject, { type: "null" }] }; // Made by the loop above, of JSON alone.
  return { ...schema, type: [type, "null"], ...(Array.isArray(values) && { enum: [...values, null] }) };
}
