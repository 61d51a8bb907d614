import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { failureWithin } from "../provider-error.ts";
import { parsePart, scanAnswer } from "../read-json.ts";
import { decodeUsage } from "./usage.ts";

const scanner = new JsonScanner("error", "content", "usage");
const ERROR = 0;
const CONTENT = 1;

/** Looks at a whole answer; throws if there is nothing in it for a client. No blocks at all are an answer: the model had nothing to add. */
export function inspectAnswer(contentType: string | null, body: Uint8Array): Usage | undefined {
  if (contentType !== null && /\bhtml\b/i.test(contentType)) throw hollow("it is a web page");
  if (body.length === 0) throw hollow("it is empty");
  const count = scanAnswer(scanner, body);
  const { found } = scanner;
  let hasContent = false;
  let usageAt = -1;
  for (let at = 0; at < count; at += 3) {
    const first = body[found[at + 1]!]; // Scans write three numbers for each value.
    if (found[at] === ERROR) {
      if (first === 0x7b) throw failureWithin(body);
    } else if (found[at] === CONTENT) hasContent = first === 0x5b;
    else if (first === 0x7b) usageAt = at;
  }
  if (!hasContent) throw hollow("it has no content");
  return usageAt === -1 ? undefined : readUsage(body, found[usageAt + 1]!, found[usageAt + 2]!);
}

/**
 * Reads the usage that stands at a place of scanned bytes.
 * @param before What was said earlier in the stream.
 * @returns `before` if it is no usage that makes sense: that is no reason to withhold an answer.
 */
export function readUsage(bytes: Uint8Array, start: number, end: number, before?: Usage): Usage | undefined {
  try {
    return decodeUsage(Fields.of(parsePart(bytes, start, end), "usage", "upstream_invalid"), before);
  } catch {
    return before;
  }
}

function hollow(why: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's answer: ${why}.`);
}
