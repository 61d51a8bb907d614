/** What each format demands of the ids of calls. */
const DEMANDS = {
  anthropic: { allowed: /^[a-zA-Z0-9_-]+$/, lengthMax: 128 },
  openai: { allowed: /^[^\s]+$/, lengthMax: 64 },
} as const;

/**
 * The id of a call as a provider takes it. Ids that other providers made, such as `functions.read:0`, are refused by some; both the call and
 * its result go through here, so that they stay a pair. Nothing has to be turned back: what the client knows is never changed.
 */
export function callIdFor(vendor: keyof typeof DEMANDS, id: string): string {
  const { allowed, lengthMax } = DEMANDS[vendor];
  if (id.length <= lengthMax && allowed.test(id)) return id;
  // The hash keeps apart what looks the same once it is cleaned.
  return `call_${id.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 40)}_${Bun.hash.xxHash64(id).toString(36)}`;
}
