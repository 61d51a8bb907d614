const PLACE = /\{(\w+)\}/g;

/** Settings that a provider's address lacks: what stands in braces in it, such as `resource`. */
export function placesOf(baseUrl: string): string[] {
  return [...baseUrl.matchAll(PLACE)].map(([, name = ""]) => name);
}

/**
 * A provider's address with its settings put in.
 * @param settings Checked already, so that what is put in can not lead to another host than the address is meant to.
 * @returns undefined if one is missing.
 */
export function addressOf(baseUrl: string, settings: Readonly<Record<string, unknown>>): string | undefined {
  if (placesOf(baseUrl).some((name) => typeof settings[name] !== "string")) return undefined;
  return baseUrl.replace(PLACE, (_, name: string) => String(settings[name]));
}
