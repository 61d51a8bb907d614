import type { RightsData } from "../policies/rights.ts";
import type { KeyData } from "./data.ts";

/** What a declared key may do, in the words of the policy. */
export function rightsOf({ models, deny, operations, providers, expires, hours, addresses }: KeyData): RightsData {
  return {
    ...(models && { models }),
    ...(deny && { deny }),
    ...(operations && { operations }),
    ...(providers && { providers }),
    ...(expires !== undefined && { expiresEpochMs: Date.parse(expires) }),
    ...(hours && { hours: hours.map(({ days, utc }) => ({ ...(days && { days }), ...spanOf(utc) })) }),
    ...(addresses && { addresses }),
  };
}

function spanOf(utc: string): { readonly from: string; readonly to: string } {
  const [from = "", to = ""] = utc.split("-");
  return { from, to };
}
