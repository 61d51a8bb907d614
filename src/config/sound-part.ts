import { FAULTS, type Fault } from "./fault.ts";

/**
 * Takes out of a configuration what has the wrong shape, so that the rest can be checked for its meaning at the same time.
 * @returns Undefined if what would have to go is named elsewhere: its absence would only bring up faults that are none.
 */
export function withoutFaults(value: unknown, faults: readonly Fault[]): unknown {
  if (!faults.every(isLeaf)) return undefined;
  const copy: unknown = structuredClone(value);
  for (const { path } of faults) remove(copy, path);
  return copy;
}

function isLeaf({ code, path }: Fault): boolean {
  if (code === FAULTS.unknownKey) return true;
  if (code === FAULTS.missing) return false;
  const [section, , third] = path[0] === "environments" ? path.slice(2) : path;
  if (section === "providers") return third !== undefined && third !== "models" && third !== "kind";
  if (section === "combos") return third !== undefined;
  return section !== undefined;
}

/** Takes out what a path leads to; of a list the whole, since the places of the others in it must not shift. */
function remove(root: unknown, path: readonly string[]): void {
  let owner: unknown = root;
  let ownerKey: string | undefined;
  let at: unknown = root;
  for (const [depth, key] of path.entries()) {
    if (typeof at !== "object" || at === null) return;
    if (Array.isArray(at) || depth === path.length - 1) {
      const [from, name] = Array.isArray(at) ? [owner, ownerKey] : [at, key];
      if (typeof from === "object" && from !== null && name !== undefined) Reflect.deleteProperty(from, name);
      return;
    }
    owner = at;
    ownerKey = key;
    at = Reflect.get(at, key);
  }
}
