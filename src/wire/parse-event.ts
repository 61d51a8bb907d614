import { OmniError } from "../ir/failure.ts";
import { parseJson } from "../ir/json.ts";
import { Fields } from "./fields.ts";

/**
 * Reads one event of a provider's stream.
 *
 * @param exact What is found where digits matter: only then do numbers keep all of theirs, since looking at all of them
 *   costs as much as parsing. Some formats write the arguments of calls as objects.
 * @throws {OmniError} `upstream_invalid`, if it is no object.
 */
export function parseEvent(data: string, exact: RegExp): Fields {
  let json: unknown;
  try {
    json = exact.test(data) ? parseJson(data) : JSON.parse(data);
  } catch (cause) {
    throw new OmniError("upstream_invalid", "The provider's answer is invalid: an event of its stream is no JSON.", { cause });
  }
  return Fields.of(json, "", "upstream_invalid");
}
