import { OPERATIONS } from "../ir/operation.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import type { ConfigData } from "./data.ts";
import { type Fault, fault } from "./fault.ts";
import type { NamesInUse } from "./names-in-use.ts";
import { didYouMean } from "./nearest.ts";
import { priceOf } from "./price-of.ts";

/**
 * Finds prices of nothing, and targets of combos that nobody knows the price of: a fault where a hard budget is to hold, worth a word where a ledger was
 * asked for, whose rows will say that it is not known. Models that nobody put into a combo
 * are not looked at: whoever asks for one of them under a hard budget is refused then.
 */
export function priceFaults(data: ConfigData, definitions: readonly ProviderDefinition[], names: NamesInUse): Fault[] {
  return [...strangers(data, names), ...unknown(data, definitions)];
}

function strangers({ prices = {} }: ConfigData, names: NamesInUse): Fault[] {
  const targets = [...new Set(OPERATIONS.flatMap((operation) => names.targets(operation)))].filter((name) => !name.startsWith("combo:"));
  return Object.keys(prices).flatMap((name) => {
    const isKnown = name.endsWith("*") ? targets.some((target) => target.startsWith(name.slice(0, -1))) : targets.includes(name);
    if (isKnown) return [];
    return [
      fault(
        "unknownModel",
        ["prices", name],
        `"${name}" is no target, so it has no price`,
        didYouMean(name, targets) ?? 'name a target, "provider/model", or write a star at the end: "provider/*"',
      ),
    ];
  });
}

function unknown(
  { policies, combos = {}, providers, prices = {}, ledger }: ConfigData,
  definitions: readonly ProviderDefinition[],
): Fault[] {
  const [hard] = Object.entries(policies?.budgets ?? {}).filter(([, { soft }]) => soft !== true);
  if (hard === undefined && (ledger === undefined || ledger === false)) return [];
  const seen = new Set<string>();
  return Object.entries(combos).flatMap(([combo, lists]) =>
    OPERATIONS.flatMap((operation) => (lists[operation] ?? []).map((entry, at) => ({ operation, entry, at }))).flatMap(
      ({ operation, entry, at }) => {
        const target = typeof entry === "string" ? entry : entry.to;
        const slash = target.indexOf("/");
        const provider = providers[target.slice(0, slash)];
        if (slash < 0 || provider === undefined || seen.has(target)) return [];
        const definition = definitions.find(({ name }) => name === provider.kind);
        const hasOwnAddress = provider.baseUrl !== undefined && provider.baseUrl !== definition?.baseUrl;
        const known = priceOf(prices, target.slice(0, slash), target.slice(slash + 1), provider.kind, hasOwnAddress);
        if (known.type === "known" || known.allowed) return [];
        seen.add(target);
        const why = hard === undefined ? "so the ledger will not know it either" : `and the budget "${hard[0]}" has to hold`;
        const found = fault(
          "unknownPrice",
          ["combos", combo, operation, String(at)],
          `nobody knows what "${target}" costs, ${why}`,
          `say it: prices: { "${target}": { input: 1, output: 4 } }, or "free", or "unknown-ok"`,
        );
        return [hard === undefined ? { ...found, severity: "warning" } : found];
      },
    ),
  );
}
