import { OmniError } from "../../../src/ir/failure.ts";
import { parseJson } from "../../../src/ir/json.ts";

/** What may stand anywhere instead of what should. */
export const WRONG: readonly unknown[] = [
  ...[undefined, null, true, 0, -1, 1e308, "", "x", "constructor", [], [[]], [null], {}, { type: 1 }],
  JSON.parse('{"__proto__":{"text":"x"}}'),
  parseJson("1.0"),
];

/** All places of a value, as paths of keys. */
export function* placesOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) yield* placesOf((value as Record<string, unknown>)[key], [...path, key]);
}

/** A copy with another value at one place; undefined removes it. */
export function withAt(value: unknown, path: readonly string[], other: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return other;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = withAt(copy[key], rest, other);
  return copy;
}

/** Runs it, and says what it threw that is no OmniError of somebody else's making. */
export function escapeOf(run: () => unknown, whose: "client" | "provider"): unknown {
  try {
    run();
  } catch (error) {
    const isOurs =
      error instanceof OmniError && (error.kind === "invalid_request") === (whose === "client") && error.kind !== "internal_error";
    return isOurs ? undefined : error;
  }
  return undefined;
}

/** Of each shape one sample is enough: the largest hold most kinds of fields. */
export function samples<T>(values: readonly T[], count: number): T[] {
  return values
    .map((value) => ({ value, size: JSON.stringify(value).length }))
    .filter(({ size }) => size < 6000)
    .sort((left, right) => right.size - left.size)
    .slice(0, count)
    .map(({ value }) => value);
}
