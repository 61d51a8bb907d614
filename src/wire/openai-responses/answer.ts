import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { failureWithin } from "../provider-error.ts";
import { parsePart, scanAnswer } from "../read-json.ts";
import { decodeUsage } from "./usage.ts";

const scanner = new JsonScanner("error", "output", "status", "usage");
const ERROR = 0;
const OUTPUT = 1;
const STATUS = 2;

/** Looks at a whole answer; throws if there is nothing in it for a client. No items at all are an answer: one that has yet to begin, or was cut short. */
export function inspectAnswer(contentType: string | null, body: Uint8Array): Usage | undefined {
  if (contentType !== null && /\bhtml\b/i.test(contentType)) throw hollow("it is a web page");
  if (body.length === 0) throw hollow("it is empty");
  const count = scanAnswer(scanner, body);
  const { found } = scanner;
  let hasOutput = false;
  let hasFailed = false;
  let usageAt = -1;
  for (let at = 0; at < count; at += 3) {
    const start = found[at + 1]!; // Scans write three numbers for each value.
    const end = found[at + 2]!;
    const first = body[start];
    if (found[at] === ERROR) {
      // Providers also send null, or an empty text, for none.
      if (first === 0x7b || (first === 0x22 && end - start > 2)) throw failureWithin(errorBody(body, start, end));
    } else if (found[at] === OUTPUT) hasOutput = first === 0x5b;
    else if (found[at] === STATUS) hasFailed = parsePart(body, start, end) === "failed";
    else if (first === 0x7b) usageAt = at;
  }
  if (hasFailed) throw new OmniError("upstream_failed", "The provider failed, and did not say why.");
  if (!hasOutput) throw hollow("it has no output");
  return usageAt === -1 ? undefined : readUsage(body, found[usageAt + 1]!, found[usageAt + 2]!);
}

/** Makes the body of a refusal of an error that stands within an answer, which may hold far more than clients are to be told. */
export function errorBody(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Buffer.concat([Buffer.from('{"error":'), bytes.subarray(start, end), Buffer.from("}")]);
}

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

function hollow(why: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's answer: ${why}.`);
}
