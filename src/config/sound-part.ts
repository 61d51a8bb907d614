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

/** Takes out what a path leads to. An element of a list takes the whole list with it, since the places of the others must not shift. */
function remove(root: unknown, path: readonly string[]): void {
  const owners = [root];
  for (const key of path.slice(0, -1)) {
    const owner = owners.at(-1);
    // What is around it may be gone already, for a fault of its own.
    if (typeof owner !== "object" || owner === null) return;
    owners.push(Reflect.get(owner, key));
  }
  const depth = owners.findLastIndex((owner) => !Array.isArray(owner));
  const [owner, key] = [owners[depth], path[depth]];
  if (typeof owner === "object" && owner !== null && key !== undefined) Reflect.deleteProperty(owner, key);
}
