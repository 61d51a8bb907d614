import { FREE, type Price } from "../ledger/price.ts";
import { listPrice } from "../ledger/prices.ts";
import type { PriceData } from "./data.ts";

/** What is known of a target's price. `unknown`: nothing, and `allowed` says whether the operator has said that this is no matter. */
export type PriceKnown = { readonly type: "known"; readonly price: Price } | { readonly type: "unknown"; readonly allowed: boolean };

/**
 * What a target costs: what the operator says, by its whole name first and then by the longest beginning; else the gateway's own list.
 * @param kind Of the provider.
 * @param hasOwnAddress Whether the operator has it at another address than the vendor's, where the vendor's prices need not hold.
 */
export function priceOf(
  prices: Readonly<Record<string, PriceData>>,
  provider: string,
  model: string,
  kind: string,
  hasOwnAddress: boolean,
): PriceKnown {
  const said = sayingOf(prices, `${provider}/${model}`);
  if (said === "free") return { type: "known", price: FREE };
  if (said === "unknown-ok") return { type: "unknown", allowed: true };
  if (said !== undefined) return { type: "known", price: said };
  const listed = hasOwnAddress ? undefined : listPrice(kind, model);
  return listed === undefined ? { type: "unknown", allowed: false } : { type: "known", price: listed.price };
}

function sayingOf(prices: Readonly<Record<string, PriceData>>, target: string): PriceData | undefined {
  if (Object.hasOwn(prices, target)) return prices[target];
  let longest: string | undefined;
  for (const pattern of Object.keys(prices)) {
    if (!pattern.endsWith("*") || !target.startsWith(pattern.slice(0, -1))) continue;
    if (longest === undefined || pattern.length > longest.length) longest = pattern;
  }
  return longest === undefined ? undefined : prices[longest];
}
