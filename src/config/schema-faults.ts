import type { TSchema } from "typebox";
import { Check } from "typebox/value";
import { type Fault, fault } from "./fault.ts";
import { didYouMean } from "./nearest.ts";

/** The few words of JSON Schema that are used here. TypeBox's schemas are plain JSON Schema, so they can be read as this. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly expected?: string;
}

/**
 * All that keeps a value from fitting a schema. Keys that no schema has are faults, whether or not it says so.
 * TypeBox's own errors name keywords of JSON Schema, and for a union list the faults of every branch; so the walk is done here.
 */
export function faultsBySchema(typeboxSchema: TSchema, value: unknown, path: readonly string[]): Fault[] {
  const schema = typeboxSchema as Schema; // See the interface.
  if (schema.anyOf) {
    const fitting = schema.anyOf.filter((branch) => branch.const === undefined && branch.type === typeOf(value));
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) return faultsBySchema(only as TSchema, value, path);
    return Check(typeboxSchema, value) ? [] : [wrongValue(schema, value, path)];
  }
  if (isPlainObject(value) && (schema.properties || schema.patternProperties)) return objectFaults(schema, value, path);
  if (Array.isArray(value) && schema.items) {
    const { items } = schema;
    return value.flatMap((item, index) => faultsBySchema(items as TSchema, item, [...path, String(index)]));
  }
  return Check(typeboxSchema, value) ? [] : [wrongValue(schema, value, path)];
}

function objectFaults(schema: Schema, value: Readonly<Record<string, unknown>>, path: readonly string[]): Fault[] {
  const [forAny] = Object.values(schema.patternProperties ?? {});
  const known = schema.properties ?? {};
  const faults: Fault[] = [];
  for (const [key, item] of Object.entries(value)) {
    const part = Object.hasOwn(known, key) ? known[key] : forAny;
    faults.push(...(part ? faultsBySchema(part as TSchema, item, [...path, key]) : [unknownKey(key, Object.keys(known), path)]));
  }
  for (const key of schema.required ?? []) {
    if (value[key] !== undefined) continue;
    faults.push(
      fault("missing", path, `${where(path)} has no "${key}"`, `add ${key}${known[key]?.expected ? `: ${known[key].expected}` : ""}`),
    );
  }
  return faults;
}

function unknownKey(key: string, known: readonly string[], path: readonly string[]): Fault {
  const fix =
    didYouMean(key, known) ?? (known.length > 0 ? `what there is: ${known.join(", ")}` : "take it out: there is nothing to set here");
  return fault("unknownKey", [...path, key], `${where(path)} knows no "${key}"`, fix);
}

function wrongValue(schema: Schema, value: unknown, path: readonly string[]): Fault {
  const [noun, example] = expectation(schema).split(/: (?=write )/) as [string, string?]; // A split gives at least one part.
  const known = schema.anyOf?.flatMap((branch) => (typeof branch.const === "string" ? [branch.const] : [])) ?? [];
  const near = typeof value === "string" && known.length > 2 ? didYouMean(value, known) : undefined;
  return fault("wrongValue", path, `${quote(value)} is not ${noun}`, near ?? example ?? `write ${noun}`);
}

function expectation(schema: Schema): string {
  if (schema.expected !== undefined) return schema.expected;
  const literals = schema.anyOf?.flatMap((branch) => (branch.const === undefined ? [] : [JSON.stringify(branch.const)])) ?? [];
  if (literals.length > 0) return literals.join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.pattern !== undefined) return `a text of the form ${schema.pattern}`;
  const range = [
    schema.minimum === undefined ? "" : ` from ${schema.minimum}`,
    schema.maximum === undefined ? "" : ` to ${schema.maximum}`,
  ];
  const noun: Readonly<Record<string, string>> = {
    boolean: "true or false",
    integer: "a whole number",
    number: "a number",
    string: "a text",
  };
  return `${noun[schema.type ?? ""] ?? `of type ${schema.type ?? "that is asked for here"}`}${range.join("")}`;
}

/** A value in a message: short, and never what is inside of an object. */
function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** `combo "smart"`, `server`: what a path speaks of. */
function where(path: readonly string[]): string {
  const [section, name] = path;
  if (section === undefined) return "the configuration";
  const singular: Readonly<Record<string, string>> = { providers: "provider", combos: "combo", environments: "environment" };
  if (path.length === 2 && singular[section] !== undefined) return `${singular[section]} "${name}"`;
  return path.join(".");
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeOf(value) === "object";
}
