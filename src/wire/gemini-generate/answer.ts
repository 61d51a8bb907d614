import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { failureWithin } from "../provider-error.ts";
import { parsePart, scanAnswer } from "../read-json.ts";
import { unwrapped } from "./refusal.ts";
import { decodeUsage } from "./usage.ts";

const scanner = new JsonScanner("error", "candidates[]", "promptFeedback.blockReason", "usageMetadata");
const ERROR = 0;
const USAGE = 3;

/** Looks at a whole answer; throws if there is nothing in it for a client. A question that was refused is an answer. */
export function inspectAnswer(contentType: string | null, body: Uint8Array): Usage | undefined {
  if (contentType !== null && /\bhtml\b/i.test(contentType)) throw hollow("it is a web page");
  if (body.length === 0) throw hollow("it is empty");
  const alone = unwrapped(body);
  const count = scanAnswer(scanner, alone);
  const { found } = scanner;
  let answers = 0;
  let usageAt = -1;
  for (let at = 0; at < count; at += 3) {
    const first = alone[found[at + 1]!]; // Scans write three numbers for each value.
    if (found[at] === ERROR) {
      if (first === 0x7b) throw failureWithin(alone);
    } else if (found[at] === USAGE) {
      if (first === 0x7b) usageAt = at;
    } else if (first === 0x7b || first === 0x22) answers++;
  }
  if (answers === 0) throw hollow("it has no candidates");
  if (alone !== body) throw hollow("it is a list");
  return usageAt === -1 ? undefined : readUsage(body, found[usageAt + 1]!, found[usageAt + 2]!);
}

/**
 * Reads the usage that stands at a place of scanned bytes.
 * @returns undefined if it is no usage that makes sense: that is no reason to withhold an answer.
 */
export function readUsage(bytes: Uint8Array, start: number, end: number): Usage | undefined {
  try {
    return decodeUsage(Fields.of(parsePart(bytes, start, end), "usageMetadata", "upstream_invalid"));
  } catch {
    return undefined;
  }
}

function hollow(why: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's answer: ${why}.`);
}
