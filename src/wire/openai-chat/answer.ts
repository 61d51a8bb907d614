import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { failureWithin } from "../provider-error.ts";
import { scanAnswer } from "../read-json.ts";
import { readUsage } from "./read-usage.ts";

// Groq has had its usage in a place of its own, too.
const scanner = new JsonScanner("error", "choices[]", "choices[].error", "usage", "x_groq.usage");
const ERROR = 0;
const CHOICE = 1;
const CHOICE_ERROR = 2;

/** Looks at a whole answer; throws if there is nothing in it for a client. */
export function inspectAnswer(contentType: string | null, body: Uint8Array): Usage | undefined {
  if (contentType !== null && /\bhtml\b/i.test(contentType)) throw hollow("it is a web page");
  if (body.length === 0) throw hollow("it is empty");
  const count = scanAnswer(scanner, body);
  const { found } = scanner;
  let choices = 0;
  let usageAt = -1;
  for (let at = 0; at < count; at += 3) {
    const path = found[at];
    const start = found[at + 1]!; // Scans write three numbers for each value.
    if (path === CHOICE) choices++;
    else if (path === ERROR || path === CHOICE_ERROR) {
      if (isError(body, start, found[at + 2]!)) throw failureWithin(path === ERROR ? body : wrap(body, start, found[at + 2]!));
    } else if (body[start] === 0x7b) usageAt = at;
  }
  if (choices === 0) throw hollow("it has no choices");
  return usageAt === -1 ? undefined : readUsage(body, found[usageAt + 1]!, found[usageAt + 2]!);
}

/** Whether a field named `error` tells of one: providers also send null, or an empty text, for none. */
export function isError(bytes: Uint8Array, start: number, end: number): boolean {
  const byte = bytes[start];
  return byte === 0x7b || (byte === 0x22 && end - start > 2);
}

/** Makes an error body of an error that stands within a choice. */
export function wrap(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return Buffer.concat([Buffer.from('{"error":'), bytes.subarray(start, end), Buffer.from("}")]);
}

function hollow(why: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's answer: ${why}.`);
}
