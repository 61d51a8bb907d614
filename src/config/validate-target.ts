import type { Operation } from "../ir/operation.ts";
import { type Fault, fault } from "./fault.ts";
import type { NamesInUse } from "./names-in-use.ts";
import { didYouMean, nearest } from "./nearest.ts";

/** Why a name can not be a target for a kind of work. */
export function targetFaults(target: string, operation: Operation, path: readonly string[], names: NamesInUse): Fault[] {
  if (target.startsWith("combo:")) return comboTargetFaults(target, operation, path, names);
  const slash = target.indexOf("/");
  if (slash < 0) return [fault("notATarget", path, `"${target}" is no target`, asTarget(target, operation, names))];
  const provider = target.slice(0, slash);
  const model = target.slice(slash + 1);
  if (!names.providers.includes(provider)) {
    const whole = nearest(target, names.targets(operation))[0];
    const fix = whole === undefined ? didYouMean(provider, names.providers) : `did you mean "${whole}"?`;
    return [
      fault(
        "unknownProvider",
        path,
        `"${target}" names no provider declared here`,
        fix ?? `declare it in providers; there is: ${list(names.providers)}`,
      ),
    ];
  }
  const models = names.models(provider, operation);
  if (models.has(model)) return [];
  const [other] = names.operationsWith(provider, model);
  if (other !== undefined)
    return [
      fault("unknownModel", path, `"${target}" does ${other}, and this list takes ${operation} models`, `of ${provider}: ${list(models)}`),
    ];
  const [near] = nearest(model, models);
  const hint = near === undefined ? "" : `did you mean "${provider}/${near}"? If not, `;
  const fix = `${hint}add it to that provider: models: { ${operation}: [${JSON.stringify(model)}] }`;
  return [fault("unknownModel", path, `"${target}" names no ${operation} model that ${provider} is known to have`, fix)];
}

function comboTargetFaults(target: string, operation: Operation, path: readonly string[], names: NamesInUse): Fault[] {
  const name = target.slice("combo:".length);
  const combo = Object.hasOwn(names.combos, name) ? names.combos[name] : undefined;
  if (combo === undefined) {
    const known = Object.keys(names.combos);
    const [near] = nearest(name, known);
    const fix = near === undefined ? `declare it in combos; there is: ${list(known)}` : `did you mean "combo:${near}"?`;
    return [fault("unknownCombo", path, `"${target}" names no combo declared here`, fix)];
  }
  if (combo[operation] !== undefined) return [];
  return [fault("noSuchList", path, `combo "${name}" has no ${operation} list`, `add one to it: ${operation}: ["provider/model"]`)];
}

/** What was meant by a name without a provider. */
function asTarget(name: string, operation: Operation, names: NamesInUse): string {
  const known = names.targets(operation);
  const whole = known.filter((target) => target === `combo:${name}` || target.endsWith(`/${name}`));
  if (whole.length > 0) return `did you mean "${whole[0]}"?`;
  return didYouMean(name, known) ?? 'write "provider/model" or "combo:name"';
}

function list(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return "nothing";
  return all.length > 8 ? `${all.slice(0, 8).join(", ")} and ${all.length - 8} more` : all.join(", ");
}
