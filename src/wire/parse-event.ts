import { OmniError } from "../ir/failure.ts";
import { parseJson } from "../ir/json.ts";
import { Fields } from "./fields.ts";

/**
 * Reads one event of a provider's stream so that its numbers keep their digits, which matters where the arguments of calls are objects within it.
 * @throws {OmniError} `upstream_invalid`, if it is no object.
 */
export function parseEvent(data: string): Fields {
  let json: unknown;
  try {
    json = parseJson(data);
  } catch (cause) {
    throw new OmniError("upstream_invalid", "The provider's answer is invalid: an event of its stream is no JSON.", { cause });
  }
  return Fields.of(json, "", "upstream_invalid");
}
