import type { Json } from "../../ir/json.ts";
import { Fields } from "../fields.ts";

/** An object whose keys are in camel case, as the format writes them; Google reads `snake_case` just the same, and clients send both. */
export function camelFields(fields: Fields): Fields {
  let isSnake = false;
  for (const key in fields.json) if (key.includes("_")) isSnake = true;
  if (!isSnake) return fields;
  const json: { [key: string]: Json | undefined } = {};
  for (const [key, value] of Object.entries(fields.json)) {
    if (key === "__proto__") continue;
    json[key.replace(/(?<=.)_([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return Fields.of(json, fields.path, fields.fault);
}

/** The same for one field that is an object. */
export function camelObject(owner: Fields, key: string): Fields | undefined {
  const fields = owner.objectMaybe(key);
  return fields && camelFields(fields);
}

/** A list of objects, or a single one, which Google takes for a list of one. */
export function camelList(owner: Fields, key: string): Fields[] {
  if (!owner.has(key)) return [];
  return Array.isArray(owner.json[key]) ? owner.objects(key).map(camelFields) : [camelFields(owner.object(key))];
}
