import { checkFilter, type Filter } from "../policies/compress/index.ts";
import { Rights } from "../policies/rights.ts";
import type { ConfigData, KeyData, LimitData, LimitForData } from "./data.ts";
import { durationMs } from "./duration.ts";
import { type Fault, fault } from "./fault.ts";
import { type NamesInUse, nameFaults } from "./names-in-use.ts";
import { didYouMean } from "./nearest.ts";
import { rightsOf } from "./rights-of.ts";

/** The most that can be counted exactly: see `Gcra`. */
const COUNTED_MAX = 2 ** 52;

/** Finds what is wrong with keys, limits and budgets: names that nothing has, keys that nobody can hold, limits that limit nothing. */
export function policyFaults(data: ConfigData, names: NamesInUse): Fault[] {
  const { keys = {}, limits = {}, budgets = {} } = data.policies ?? {};
  const known = Object.keys(keys);
  return [
    ...rtkFaults(data, names),
    ...patternFaults(data.policies?.cache?.models, ["policies", "cache", "models"], data, names),
    ...Object.entries(keys).flatMap(([name, key]) => keyFaults(name, key, data, names)),
    ...Object.entries(limits).flatMap(([name, limit]) => [
      ...limitFaults(name, limit),
      ...whomFaults(limit.for, ["policies", "limits", name, "for"], known),
    ]),
    ...Object.entries(budgets).flatMap(([name, budget]) => whomFaults(budget.for, ["policies", "budgets", name, "for"], known)),
  ];
}

function keyFaults(name: string, key: KeyData, data: ConfigData, names: NamesInUse): Fault[] {
  const path = ["policies", "keys", name];
  const faults = nameFaults("key", name, path);
  if ((key.secret === undefined) === (key.sha256 === undefined))
    faults.push(
      fault(
        "badKey",
        path,
        `key "${name}" has ${key.secret === undefined ? "no secret" : "two secrets"}`,
        'give it one: secret: secret.env("NAME"), or sha256: "…"',
      ),
    );
  try {
    new Rights(rightsOf(key));
  } catch (error) {
    faults.push(
      fault(
        "badKey",
        key.addresses === undefined ? path : [...path, "addresses"],
        reasonOf(error),
        'write addresses as "10.0.0.0/8" and hours as "08:00-18:00"',
      ),
    );
  }
  for (const field of ["models", "deny"] as const) faults.push(...patternFaults(key[field], [...path, field], data, names));
  for (const [at, provider] of (key.providers ?? []).entries()) {
    if (names.providers.includes(provider)) continue;
    faults.push(
      fault(
        "unknownProvider",
        [...path, "providers", String(at)],
        `"${provider}" names no provider declared here`,
        didYouMean(provider, names.providers) ?? `there is: ${names.providers.join(", ")}`,
      ),
    );
  }
  return faults;
}

/** What is wrong with filters, by their own samples, and with what compression leaves alone. */
function rtkFaults(data: ConfigData, names: NamesInUse): Fault[] {
  const { filters = [], except = {} } = data.policies?.rtk ?? {};
  const path = ["policies", "rtk"];
  const unknown = [...(except.providers ?? []).entries()].filter(([, name]) => !names.providers.includes(name));
  return [
    ...filters.flatMap((filter, at) => filterFaults(filter, [...path, "filters", String(at)])),
    ...filters.flatMap(({ id }, at) => {
      const isTwin = filters.findIndex((other) => other.id === id) < at;
      return isTwin
        ? [fault("badFilter", [...path, "filters", String(at), "id"], `there are two filters "${id}"`, "give one another id")]
        : [];
    }),
    ...patternFaults(except.models, [...path, "except", "models"], data, names),
    ...whomFaults({ ...(except.keys && { keys: except.keys }) }, [...path, "except"], Object.keys(data.policies?.keys ?? {})),
    ...unknown.map(([at, name]) =>
      fault(
        "unknownProvider",
        [...path, "except", "providers", String(at)],
        `"${name}" names no provider declared here`,
        didYouMean(name, names.providers) ?? `there is: ${names.providers.join(", ")}`,
      ),
    ),
  ];
}

/** Each fault stands where it can be mended: at the sample that does not hold, or at the filter. */
function filterFaults(filter: Filter, path: readonly string[]): Fault[] {
  return checkFilter(filter).map((what) => {
    const sample = filter.samples.findIndex(({ claim }) => what.startsWith(`Sample "${claim}"`));
    const place = sample === -1 ? path : [...path, "samples", String(sample)];
    return fault(
      "badFilter",
      place,
      `filter "${filter.id}": ${what}`,
      'see what it does with: omni rtk --explain --command "…" output.txt',
    );
  });
}

/** Patterns that nothing fits, of what can be asked for. */
function patternFaults(patterns: readonly string[] = [], path: readonly string[], data: ConfigData, names: NamesInUse): Fault[] {
  const all = [...Object.keys(names.combos), ...names.targets("chat")];
  return [...patterns.entries()].flatMap(([at, pattern]) => {
    if (pattern.endsWith("*") || isName(pattern, data, names)) return [];
    const fix = didYouMean(pattern, all) ?? 'name a combo or a target, or write a star at the end: "openai/*"';
    return [fault("unknownModel", [...path, String(at)], `"${pattern}" is nothing that can be asked for`, fix)];
  });
}

function isName(name: string, data: ConfigData, names: NamesInUse): boolean {
  const bare = name.replace(/^combo:/, "");
  return (
    Object.hasOwn(names.combos, bare) ||
    names.targets("chat").includes(name) ||
    Object.hasOwn(data.aliases ?? {}, name) ||
    ["auto", "cost-optimized", "subscription"].includes(bare)
  );
}

function limitFaults(name: string, { requests, tokens, in: window, concurrent, per }: LimitData): Fault[] {
  const path = ["policies", "limits", name];
  const isRate = requests !== undefined || tokens !== undefined;
  if (!isRate && concurrent === undefined)
    return [fault("badLimit", path, `limit "${name}" limits nothing`, 'say how much: requests: 60, in: "1m", or tokens, or concurrent: 4')];
  if (isRate && window === undefined) return [fault("badLimit", path, `limit "${name}" does not say in how long`, 'add in: "1m"')];
  if (!isRate && window !== undefined)
    return [
      fault("badLimit", [...path, "in"], `limit "${name}" has a time and nothing to count in it`, "add requests or tokens, or take it out"),
    ];
  if (per === "provider" && concurrent !== undefined)
    return [
      fault(
        "badLimit",
        [...path, "concurrent"],
        "how much is under way at a provider is for the provider to say",
        "write concurrency where the provider is declared",
      ),
    ];
  const windowMs = window === undefined ? 1 : (durationMs(window) ?? 1);
  if (!Number.isInteger(windowMs))
    return [fault("badLimit", [...path, "in"], `"${window}" is no whole number of milliseconds`, 'write a longer one, such as "1s"')];
  if (Math.max(requests ?? 0, tokens ?? 0) * windowMs > COUNTED_MAX)
    return [fault("badLimit", path, `limit "${name}" is too large to be counted`, "take a shorter time with less in it")];
  return [];
}

function whomFaults(whom: LimitForData | undefined, path: readonly string[], keys: readonly string[]): Fault[] {
  // Keys that are made at run time have names of their own, so a name that is none here is only worth a look.
  return (whom?.keys ?? []).flatMap((key, at): Fault[] => {
    const meant = keys.includes(key) ? undefined : didYouMean(key, keys);
    if (meant === undefined) return [];
    return [{ ...fault("badKey", [...path, "keys", String(at)], `"${key}" is no key declared here`, meant), severity: "warning" }];
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
