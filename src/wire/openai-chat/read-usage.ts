import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { parsePart } from "../read-json.ts";
import { decodeUsage } from "./decode-usage.ts";

/**
 * Reads the usage that stands at a place of scanned bytes.
 * @returns undefined if it is no usage that makes sense: that is no reason to withhold an answer.
 */
export function readUsage(bytes: Uint8Array, start: number, end: number): Usage | undefined {
  try {
    return decodeUsage(Fields.of(parsePart(bytes, start, end), "usage", "upstream_invalid"));
  } catch {
    return undefined;
  }
}
