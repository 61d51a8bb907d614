/** Any JSON value. A number that JavaScript could not print again as it was written is an object of `JSON.rawJSON`. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Keys come from outside: look up only fixed names, or ask `Object.hasOwn` first. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** What TypeScript's library does not know yet: numbers with their source text. */
interface RawJson {
  rawJSON(text: string): Json;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
  parse(text: string, revive: (key: string, value: Json, context: { readonly source?: string }) => Json): Json;
}
const raw = JSON as unknown as RawJson; // Bun has all three; the types lag behind.

/** Numbers that would print otherwise than written: 16 digits and more, exponents, trailing zeros, tiny ones, minus zero. Over-careful inside of strings. */
const DIGITS_AT_RISK = /(?:^|[[:,\s])(?:-0(?![.\d])|-?(?:\d[\d.]{15}|[\d.]+[eE]|\d+\.\d*0(?!\d)|0\.0{6}))/;

/**
 * Parses JSON so that printing it again keeps the digits of every number.
 *
 * @throws {SyntaxError} If it is no JSON.
 */
export function parseJson(text: string): Json {
  if (!DIGITS_AT_RISK.test(text)) return JSON.parse(text) as Json; // JSON.parse returns nothing else.
  return raw.parse(text, (_key, value, context) =>
    typeof value === "number" && context.source !== undefined && String(value) !== context.source ? raw.rawJSON(context.source) : value,
  );
}

/** The number that a value stands for, or undefined if it is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return raw.isRawJSON(value) ? Number(value.rawJSON) : undefined;
}

/** Whether a value is a JSON object (no list, no number in disguise). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !raw.isRawJSON(value);
}
