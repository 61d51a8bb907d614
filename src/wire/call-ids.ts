/** A vendor whose demands are known. */
export type CallIdVendor = "anthropic" | "mistral" | "openai";

/** What each format demands of the ids of calls. */
const DEMANDS: Readonly<Record<CallIdVendor, { readonly allowed: RegExp; readonly lengthMax: number }>> = {
  anthropic: { allowed: /^[a-zA-Z0-9_-]+$/, lengthMax: 128 },
  openai: { allowed: /^[^\s]+$/, lengthMax: 64 },
  // "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9."
  mistral: { allowed: /^[a-zA-Z0-9]{9}$/, lengthMax: 9 },
};

/**
 * The id of a call as a provider takes it. Ids that other providers made, such as `functions.read:0`, are refused by some; both the call and
 * its result go through here, so that they stay a pair. Nothing has to be turned back: what the client knows is never changed.
 */
export function callIdFor(vendor: CallIdVendor, id: string): string {
  const { allowed, lengthMax } = DEMANDS[vendor];
  if (id.length <= lengthMax && allowed.test(id)) return id;
  if (vendor === "mistral") return Bun.hash.xxHash64(id).toString(36).padStart(13, "0").slice(-9);
  // The hash keeps apart what looks the same once it is cleaned.
  return `call_${id.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 40)}_${Bun.hash.xxHash64(id).toString(36)}`;
}
