import type { ConfigData } from "./data.ts";
import type { ConfigFile } from "./schema.ts";

/** A configuration with one of its environments merged in. */
export interface MergedConfig {
  readonly data: ConfigData;
  /** @returns Where in the file a value of `data` is from: the same path, or one below `environments`. */
  origin(path: readonly string[]): readonly string[];
}

/**
 * Merges an environment into the configuration: objects are merged, lists and single values replace.
 * @param name One of the file's `environments`; undefined for the configuration as it stands.
 */
export function mergeEnvironment(file: ConfigFile, name: string | undefined): MergedConfig {
  const { $schema: _, environments, ...base } = file;
  const overlay = name === undefined ? undefined : environments?.[name];
  if (name === undefined || overlay === undefined) return { data: base, origin: (path) => path };
  const replaced: string[][] = [];
  // An overlay is of the same shape as what it is merged into, so the result is too.
  const data = merge(base, overlay, [], replaced) as unknown as ConfigData;
  return {
    data,
    origin: (path) => (replaced.some((start) => start.every((key, depth) => path[depth] === key)) ? ["environments", name, ...path] : path),
  };
}

function merge(base: object, overlay: object, path: readonly string[], replaced: string[][]): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overlay)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
    // An environment only changes providers and combos; `validateEnvironments` says so where one names another.
    if (before === undefined && (path[0] === "providers" || path[0] === "combos") && path.length === 1) continue;
    const isSection = path.length === 0 && (key === "providers" || key === "combos");
    if (isObject(value) && (isObject(before) || isSection))
      merged[key] = merge(isObject(before) ? before : {}, value, [...path, key], replaced);
    else {
      merged[key] = value;
      replaced.push([...path, key]);
    }
  }
  return merged;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
