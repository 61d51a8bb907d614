import { OPERATIONS, type Operation } from "../ir/operation.ts";
import type { ComboData, ComboTargetData, ConfigData, StrategyName, WhenData } from "./data.ts";
import { FAULTS, type Fault, fault } from "./fault.ts";
import { hoursOf } from "./hours.ts";
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
  if (combo.hedge !== undefined) faults.push(...hedgeFaults(lists, [...path, "hedge"]));
  if (combo.shadow !== undefined) faults.push(...targetFaults(combo.shadow.to, "chat", [...path, "shadow", "to"], names));
  for (const [operation, list] of lists) faults.push(...listFaults(list, operation, combo, [...path, operation], names));
  return faults;
}

/** Work that may be done twice without harm but for its price. */
export const HEDGED: ReadonlySet<Operation> = new Set(["chat", "embedding", "moderation", "rerank"]);

function hedgeFaults(lists: readonly (readonly [Operation, readonly ComboTargetData[]])[], path: readonly string[]): Fault[] {
  const ignored = (what: string, fix: string): Fault[] => [{ code: FAULTS.hedgeIgnored, severity: "warning", path, what, fix }];
  const names = [...HEDGED].join(", ");
  if (!lists.some(([operation]) => HEDGED.has(operation)))
    return ignored(`a second target is never asked for this kind of work, only for ${names}`, "take it out");
  // A combo, or a provider with several accounts, may be more than one.
  const isAlone = lists.every(
    ([, list]) => list.length === 1 && !(typeof list[0] === "string" ? list[0] : list[0]?.to)?.startsWith("combo:"),
  );
  return isAlone
    ? ignored("there is no second target to ask, unless its provider has several accounts", "add a target, or take it out")
    : [];
}

function listFaults(
  list: readonly ComboTargetData[],
  operation: Operation,
  combo: ComboData,
  path: readonly string[],
  names: NamesInUse,
): Fault[] {
  const { strategy = "fallback" } = combo;
  const isWeighted = strategy === "weighted" || strategy === "sticky";
  if (list.length === 0) return [fault("emptyList", path, `the ${operation} list is empty`, "add a target, or take the list out")];
  const seen = new Set<string>();
  const unconditional =
    strategy === "conditional" && !list.some((target) => typeof target !== "string" && target.when !== undefined)
      ? [
          fault(
            "missing",
            path,
            "a conditional list has no condition",
            'add one: { to: "…", when: { images: true } }, or leave the strategy out',
          ),
        ]
      : [];
  const each = list.flatMap((target, index) => {
    const at = [...path, String(index)];
    const to = typeof target === "string" ? target : target.to;
    const faults = targetFaults(to, operation, typeof target === "string" ? at : [...at, "to"], names);
    const when = typeof target === "string" ? undefined : target.when;
    if (when !== undefined) faults.push(...whenFaults(when, [...at, "when"]));
    // Under a condition it may be for other requests than the one before it.
    if (seen.has(to) && strategy !== "weighted" && when === undefined)
      faults.push(fault("unreachable", at, `"${to}" stands in this list already, so it is never reached here`, "take it out"));
    seen.add(to);
    if (typeof target !== "string" && target.weight !== undefined && !isWeighted) faults.push(weightIgnored(strategy, [...at, "weight"]));
    return faults;
  });
  return [...unconditional, ...each];
}

/** Conditions that no request can meet, or none could tell from others. */
function whenFaults(
  { inputTokensMin = 0, inputTokensMax = Number.POSITIVE_INFINITY, headers, hoursUtc, ...rest }: WhenData,
  path: readonly string[],
): Fault[] {
  const faults: Fault[] = [];
  if (inputTokensMin > inputTokensMax)
    faults.push(
      fault(
        "neverHolds",
        [...path, "inputTokensMin"],
        `no request has at least ${inputTokensMin} and at most ${inputTokensMax} tokens`,
        "change one of the two",
      ),
    );
  const hours = hoursUtc === undefined ? undefined : hoursOf(hoursUtc);
  if (hours !== undefined && hours.start === hours.end)
    faults.push(
      fault("neverHolds", [...path, "hoursUtc"], `"${hoursUtc}" is no time at all`, "let it end at another time, or take it out"),
    );
  for (const name of Object.keys(headers ?? {})) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) continue;
    faults.push(
      fault("badHeader", [...path, "headers", name], `"${name}" can not be the name of a header`, "use letters, digits and hyphens"),
    );
  }
  if (
    inputTokensMin === 0 &&
    inputTokensMax === Number.POSITIVE_INFINITY &&
    headers === undefined &&
    hours === undefined &&
    Object.keys(rest).length === 0
  )
    faults.push(fault("emptyList", path, "the condition says nothing", "take it out, or say which requests it is for: { images: false }"));
  return faults;
}

function weightIgnored(strategy: StrategyName, path: readonly string[]): Fault {
  const what = `a weight means nothing in a ${strategy} list`;
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
