import type { Fields } from "./fields.ts";

/**
 * Reads a field that is one of a few words.
 * @returns undefined if it is absent or null.
 * @throws {OmniError} That lists the words.
 */
export function choiceIn<const Word extends string>(fields: Fields, key: string, words: readonly Word[]): Word | undefined {
  if (!fields.has(key)) return undefined;
  const value = fields.json[key];
  const known = words.find((word) => word === value);
  if (known !== undefined) return known;
  const list = words.map((word) => `"${word}"`);
  throw fields.wrong(key, list.length === 1 ? `${list[0]}` : `${list.slice(0, -1).join(", ")} or ${list.at(-1)}`);
}
