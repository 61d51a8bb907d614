type Schema = Readonly<Record<string, unknown>>;

/** Deeper than any sensible schema demands; one that contains itself without a way out ends here. */
const DEPTH_MAX = 32;

const BY_FORMAT: Readonly<Record<string, string>> = {
  "date-time": "2025-01-01T00:00:00Z",
  date: "2025-01-01",
  time: "00:00:00Z",
  duration: "P1D",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** For `pattern`: the first of these that fits is taken. */
const BY_PATTERN = ["a", "A", "0", "a1", "A1", "abc", "ABC", "123", "a-1", "a_1", "00000", "2025-01-01", "00:00", "+15550100", "#000000"];

/**
 * Makes a small value that is valid against a JSON Schema, always the same one.
 * Of `pattern` and `allOf` it understands what is common; against impossible schemas nothing is valid.
 */
export function sampleOf(schema: unknown): unknown {
  return sample(schema, schema, "text", 0);
}

/** @param name Where the value stands; a text says that it is that, which reads better than always the same word. */
function sample(schema: unknown, root: unknown, name: string, depth: number): unknown {
  if (!isObject(schema) || depth > DEPTH_MAX) return null;
  if (typeof schema["$ref"] === "string") return sample(resolve(schema["$ref"], root), root, name, depth + 1);
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  const { anyOf, oneOf, allOf, ...rest } = schema;
  if (Array.isArray(allOf)) return sample(merge([rest, ...allOf.map((part) => follow(part, root))]), root, name, depth + 1);
  const options = anyOf ?? oneOf;
  if (Array.isArray(options)) return sample(merge([rest, follow(options[0], root)]), root, name, depth + 1);
  switch (typeOf(schema)) {
    case "object":
      return sampleObject(schema, root, depth);
    case "array":
      return sampleArray(schema, root, name, depth);
    case "string":
      return sampleString(schema, name);
    case "integer":
    case "number":
      return sampleNumber(schema);
    case "boolean":
      return true;
    default:
      return null;
  }
}

function typeOf(schema: Schema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type[0];
  if (type !== undefined) return type;
  return "items" in schema || "prefixItems" in schema ? "array" : "object";
}

function sampleObject(schema: Schema, root: unknown, depth: number): Record<string, unknown> {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? { type: "string" }, root, String(name), depth + 1)]));
}

function sampleArray(schema: Schema, root: unknown, name: string, depth: number): unknown[] {
  const first = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
  const length = Math.max(first.length, numberOf(schema["minItems"]) ?? 0);
  return Array.from({ length }, (_, index) => sample(first[index] ?? schema["items"] ?? { type: "string" }, root, name, depth + 1));
}

function sampleString(schema: Schema, name: string): string {
  const { format, pattern } = schema;
  if (typeof format === "string" && format in BY_FORMAT) return BY_FORMAT[format] ?? name;
  if (typeof pattern === "string") {
    const fits = new RegExp(pattern, "u");
    return BY_PATTERN.find((candidate) => fits.test(candidate)) ?? name;
  }
  return name.padEnd(numberOf(schema["minLength"]) ?? 0, ".").slice(0, numberOf(schema["maxLength"]));
}

function sampleNumber(schema: Schema): number {
  const step = numberOf(schema["multipleOf"]) ?? 1;
  const above = numberOf(schema["exclusiveMinimum"]);
  const low = above === undefined ? (numberOf(schema["minimum"]) ?? 0) : above + Math.min(step, 1);
  const high = numberOf(schema["maximum"]) ?? numberOf(schema["exclusiveMaximum"]) ?? Number.POSITIVE_INFINITY;
  if (high < low) return high;
  // Zero where it is allowed; otherwise the first multiple from the lower end on, or the upper end if that lies below zero.
  if (low <= 0 && high >= 0) return 0;
  if (high < 0) return Math.floor(high / step) * step;
  const rounded = Math.ceil(low / step) * step;
  return rounded <= high ? rounded : low;
}

/** All parts of an `allOf` as one: properties and required names add up, of the rest the last word counts. */
function merge(parts: readonly unknown[]): Schema {
  const schemas = parts.filter(isObject);
  const properties = Object.assign({}, ...schemas.map((schema) => schema["properties"]));
  const required = schemas.flatMap((schema) => (Array.isArray(schema["required"]) ? schema["required"] : []));
  return Object.assign({}, ...schemas, required.length > 0 ? { properties, required } : {});
}

function follow(schema: unknown, root: unknown): unknown {
  return isObject(schema) && typeof schema["$ref"] === "string" ? resolve(schema["$ref"], root) : schema;
}

/** Follows a pointer inside the same schema, such as `#/$defs/step`. */
function resolve(reference: string, root: unknown): unknown {
  let found = root;
  for (const step of reference.split("/").slice(1)) {
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    found = isObject(found) ? found[name] : undefined;
  }
  return found;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
