import { OPERATIONS, type Operation } from "../ir/operation.ts";
import type { ComboData, ComboTargetData, ConfigData } from "./data.ts";
import { FAULTS, type Fault, fault } from "./fault.ts";
import { type NamesInUse, nameFaults } from "./names-in-use.ts";
import { targetFaults } from "./validate-target.ts";

/** What is wrong with one combo, circles aside. */
export function comboFaults(name: string, combo: ComboData, names: NamesInUse): Fault[] {
  const path = ["combos", name];
  const faults = nameFaults("combo", name, path);
  const lists = OPERATIONS.flatMap((operation) => (combo[operation] === undefined ? [] : [[operation, combo[operation]] as const]));
  if (lists.length === 0)
    faults.push(
      fault(
        "emptyList",
        path,
        `combo "${name}" has no targets`,
        `add some: ${OPERATIONS[0]}: ["${names.targets("chat")[0] ?? "provider/model"}"]`,
      ),
    );
  for (const [operation, list] of lists) faults.push(...listFaults(list, operation, combo, [...path, operation], names));
  return faults;
}

function listFaults(
  list: readonly ComboTargetData[],
  operation: Operation,
  combo: ComboData,
  path: readonly string[],
  names: NamesInUse,
): Fault[] {
  const isWeighted = combo.strategy === "weighted";
  if (list.length === 0) return [fault("emptyList", path, `the ${operation} list is empty`, "add a target, or take the list out")];
  const seen = new Set<string>();
  return list.flatMap((target, index) => {
    const at = [...path, String(index)];
    const to = typeof target === "string" ? target : target.to;
    const faults = targetFaults(to, operation, typeof target === "string" ? at : [...at, "to"], names);
    if (seen.has(to) && !isWeighted)
      faults.push(fault("unreachable", at, `"${to}" stands in this list already, so it is never reached here`, "take it out"));
    seen.add(to);
    if (typeof target !== "string" && target.weight !== undefined && !isWeighted) faults.push(weightIgnored([...at, "weight"]));
    return faults;
  });
}

function weightIgnored(path: readonly string[]): Fault {
  const what = "a weight means nothing in a fallback list";
  return { code: FAULTS.weightIgnored, severity: "warning", path, what, fix: 'take it out, or add strategy: "weighted"' };
}
/** Follows the combos' references to each other; every circle is told once, where it closes. */
export function cycleFaults({ combos = {} }: ConfigData): Fault[] {
  const faults: Fault[] = [];
  for (const operation of OPERATIONS) {
    const done = new Set<string>();
    const visit = (name: string, trail: readonly string[]): void => {
      const targets = (Object.hasOwn(combos, name) ? combos[name]?.[operation] : undefined) ?? [];
      for (const [index, target] of targets.entries()) {
        const to = typeof target === "string" ? target : target.to;
        if (!to.startsWith("combo:")) continue;
        const next = to.slice("combo:".length);
        const start = trail.indexOf(next);
        if (start >= 0) {
          const circle = [...trail.slice(start), next].join(" → ");
          const path = ["combos", name, operation, String(index), ...(typeof target === "string" ? [] : ["to"])];
          faults.push(fault("cycle", path, `combos lead in a circle: ${circle}`, "take one of these references out"));
        } else if (!done.has(next)) visit(next, [...trail, next]);
      }
      done.add(name);
    };
    for (const name of Object.keys(combos)) if (!done.has(name)) visit(name, [name]);
  }
  return faults;
}
