import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { failureWithin } from "../provider-error.ts";
import { parsePart, scanAnswer } from "../read-json.ts";
import { decodeUsage } from "./decode-answer.ts";

const scanner = new JsonScanner("error", "message");
const ERROR = 0;

/** Looks at a whole answer; throws if there is nothing in it for a client. */
export function inspectAnswer(contentType: string | null, body: Uint8Array): Usage | undefined {
  if (contentType !== null && /\bhtml\b/i.test(contentType)) throw hollow("it is a web page");
  if (body.length === 0) throw hollow("it is empty");
  const count = scanAnswer(scanner, body);
  const { found } = scanner;
  let hasMessage = false;
  for (let at = 0; at < count; at += 3) {
    const first = body[found[at + 1]!]; // Scans write three numbers for each value.
    if (found[at] !== ERROR) hasMessage = first === 0x7b;
    else if (first === 0x22 || first === 0x7b) throw failureWithin(body);
  }
  if (!hasMessage) throw hollow("it has no message");
  return readUsage(body, 0, body.length);
}

/**
 * Reads the counts of an answer, or of the last line of one.
 * @returns undefined if there are none that make sense: that is no reason to withhold an answer.
 */
export function readUsage(bytes: Uint8Array, start: number, end: number): Usage | undefined {
  try {
    return decodeUsage(Fields.of(parsePart(bytes, start, end), "", "upstream_invalid"));
  } catch {
    return undefined;
  }
}

function hollow(why: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's answer: ${why}.`);
}
