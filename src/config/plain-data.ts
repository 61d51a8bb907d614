import { stackOf } from "./config.ts";
import type { Place } from "./diagnostic.ts";
import { type Fault, fault } from "./fault.ts";
import { placeInStack } from "./stack-place.ts";

/**
 * Copies plain data, and takes note of everything else.
 *
 * @param places Where objects were made is put here, by JSON Pointer.
 * @param faults What is no data is put here.
 */
export function toPlainData(value: unknown, places: Record<string, Place>, faults: Fault[]): unknown {
  return toData(value, { path: [], above: new Set(), places, faults });
}

interface Walk {
  readonly path: readonly string[];
  readonly above: Set<object>;
  readonly places: Record<string, Place>;
  readonly faults: Fault[];
}

function toData(value: unknown, walk: Walk): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (typeof value !== "object" || !isPlain(value)) return refuse(value, walk);
  if (walk.above.has(value)) return refuse(value, walk, "refers back to something that it is a part of");
  const stack = stackOf(value);
  const place = stack === undefined ? undefined : placeInStack(stack);
  if (place !== undefined) walk.places[walk.path.map((key) => `/${key}`).join("")] = place;
  walk.above.add(value);
  const part = (item: unknown, key: string): unknown => toData(item, { ...walk, path: [...walk.path, key] });
  const data = Array.isArray(value)
    ? // By index, since a list with holes would hide them from `map`.
      Array.from(value, (item, index) => part(item, String(index)))
    : Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, part(item, key)]])));
  walk.above.delete(value);
  return data;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A module namespace has no prototype either, and is as good as an object.
  return prototype === Object.prototype || prototype === null;
}

function refuse(value: unknown, { path, faults }: Walk, instead?: string): undefined {
  const where = path.length === 0 ? "the configuration" : path.join(".");
  const isFunction = typeof value === "function";
  const what = `${where} ${instead ?? `is ${nameOf(value)}`}${isFunction ? ", and functions are not supported yet" : ""}`;
  const fix = isFunction
    ? "call it and put in what it gives: a configuration is data, that is texts, numbers, lists and objects"
    : "write data instead: texts, numbers, true or false, lists and plain objects";
  faults.push(fault("notData", path, what, fix));
  return undefined;
}

function nameOf(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return `${typeof value === "undefined" ? "" : "a "}${typeof value}`;
  return `an object of class ${value.constructor?.name ?? "unknown"}`;
}
