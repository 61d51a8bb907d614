import { OmniError } from "../ir/failure.ts";
import { isJsonObject, type Json, type JsonObject, numberOf } from "../ir/json.ts";

/** Whose JSON it is: a client's (`invalid_request`) or a provider's (`upstream_invalid`). */
export type Fault = "invalid_request" | "upstream_invalid";

/**
 * A JSON object from outside, read field by field. Each reader says what a field is or throws an OmniError that names its path.
 * Readers ending in `Maybe` take an absent field and `null` for the same.
 */
export class Fields {
  readonly json: JsonObject;
  /** Where the object stands, such as `messages[0].content[1]`; empty at the top. */
  readonly path: string;
  readonly fault: Fault;

  private constructor(json: JsonObject, path: string, fault: Fault) {
    this.json = json;
    this.path = path;
    this.fault = fault;
  }

  /** @throws {OmniError} If `value` is no object. */
  static of(value: unknown, path: string, fault: Fault): Fields {
    if (!isJsonObject(value)) throw faultAt(fault, path, "an object", value);
    return new Fields(value, path, fault);
  }

  /** The path of one field. */
  at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** Whether the field is there and not null. */
  has(key: string): boolean {
    return this.json[key] !== undefined && this.json[key] !== null;
  }

  string(key: string): string {
    const value = this.json[key];
    if (typeof value !== "string") throw faultAt(this.fault, this.at(key), "a string", value);
    return value;
  }

  stringMaybe(key: string): string | undefined {
    return this.has(key) ? this.string(key) : undefined;
  }

  numberMaybe(key: string): number | undefined {
    if (!this.has(key)) return undefined;
    const value = numberOf(this.json[key]);
    if (value === undefined) throw faultAt(this.fault, this.at(key), "a number", this.json[key]);
    return value;
  }

  booleanMaybe(key: string): boolean | undefined {
    const value = this.json[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "boolean") throw faultAt(this.fault, this.at(key), "true or false", value);
    return value;
  }

  object(key: string): Fields {
    return Fields.of(this.json[key], this.at(key), this.fault);
  }

  objectMaybe(key: string): Fields | undefined {
    return this.has(key) ? this.object(key) : undefined;
  }

  list(key: string): readonly Json[] {
    const value = this.json[key];
    if (!Array.isArray(value)) throw faultAt(this.fault, this.at(key), "a list", value);
    return value;
  }

  listMaybe(key: string): readonly Json[] | undefined {
    return this.has(key) ? this.list(key) : undefined;
  }

  /** A list of objects. */
  objects(key: string): Fields[] {
    return this.list(key).map((value, index) => Fields.of(value, `${this.at(key)}[${index}]`, this.fault));
  }

  objectsMaybe(key: string): Fields[] | undefined {
    return this.has(key) ? this.objects(key) : undefined;
  }

  /** A list of strings. */
  stringsMaybe(key: string): string[] | undefined {
    return this.listMaybe(key)?.map((value, index) => {
      if (typeof value !== "string") throw faultAt(this.fault, `${this.at(key)}[${index}]`, "a string", value);
      return value;
    });
  }

  /** Everything but the fields that the caller has read; undefined when that is nothing. Nulls are left out. */
  rest(known: ReadonlySet<string>): JsonObject | undefined {
    let rest: { [key: string]: Json | undefined } | undefined;
    for (const key in this.json) {
      if (known.has(key) || !this.has(key) || key === "__proto__") continue;
      rest ??= {};
      rest[key] = this.json[key];
    }
    return rest;
  }

  /** An error that says what `key` should have been. */
  wrong(key: string, wanted: string): OmniError {
    return faultAt(this.fault, this.at(key), wanted, this.json[key]);
  }
}

/** An error that says what should have stood at `path`. */
export function faultAt(fault: Fault, path: string, wanted: string, value: unknown): OmniError {
  const found = value === undefined ? "nothing" : value === null ? "null" : Array.isArray(value) ? "a list" : nameOf(value);
  const place = path === "" ? "The body" : `\`${path}\``;
  const message = `${place} must be ${wanted}, but it is ${found}.`;
  return fault === "invalid_request"
    ? new OmniError(fault, message, { param: path })
    : new OmniError(fault, `The provider's answer is invalid: ${message}`);
}

function nameOf(value: unknown): string {
  if (typeof value === "string") return "another string";
  if (numberOf(value) !== undefined) return "a number";
  return typeof value === "object" ? "an object" : String(value);
}

/**
 * Prints a value that came from outside, as the text of a tool's arguments is.
 * @throws {OmniError} If it is nested too deeply to print.
 */
export function textOf(value: Json, path: string, fault: Fault): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    // Only the stack can run out here: what JSON.parse made has no cycles and no big integers.
    throw new OmniError(fault, `\`${path}\` is nested too deeply.`, { cause, ...(fault === "invalid_request" && { param: path }) });
  }
}
