import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { failureWithin } from "../provider-error.ts";
import { parsePart, scanAnswer } from "../read-json.ts";
import { decodeUsage } from "./usage.ts";

const scanner = new JsonScanner("output.message", "usage", "message");
const MESSAGE = 0;
const USAGE = 1;

/** Looks at a whole answer; throws if there is nothing in it for a client. */
export function inspectAnswer(contentType: string | null, body: Uint8Array): Usage | undefined {
  if (contentType !== null && /\bhtml\b/i.test(contentType)) throw hollow("it is a web page");
  if (body.length === 0) throw hollow("it is empty");
  const count = scanAnswer(scanner, body);
  const { found } = scanner;
  let hasMessage = false;
  let isError = false;
  let usage: Usage | undefined;
  for (let at = 0; at < count; at += 3) {
    const [start, end] = [found[at + 1]!, found[at + 2]!]; // Scans write three numbers for each value.
    if (found[at] === MESSAGE) hasMessage = body[start] === 0x7b;
    else if (found[at] === USAGE) usage = body[start] === 0x7b ? readUsage(body, start, end) : undefined;
    else isError = body[start] === 0x22;
  }
  if (!hasMessage) throw isError ? failureWithin(body) : hollow("it has no message");
  return usage;
}

/** undefined if the counts make no sense: that is no reason to withhold an answer. */
function readUsage(bytes: Uint8Array, start: number, end: number): Usage | undefined {
  try {
    return decodeUsage(Fields.of(parsePart(bytes, start, end), "usage", "upstream_invalid"));
  } catch {
    return undefined;
  }
}

function hollow(why: string): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the provider's answer: ${why}.`);
}
