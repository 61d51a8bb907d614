import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import type { KeepWish } from "../keeping.ts";
import { headOf } from "../openai-chat/head.ts";
import { parsePart, scanRequest } from "../read-json.ts";
import { isWord } from "../verbatim-stream.ts";
import type { RequestHead } from "../wire.ts";

// The first two are where `headOf` looks for them.
const scanner = new JsonScanner("model", "stream", "store", "previous_response_id", "input[].type");
const STORE = 2;
const PREVIOUS = 3;
const ITEM_TYPE = 4;

const REFERENCE: Uint8Array = Buffer.from('"item_reference"');
const QUOTE = 0x22;
const NULL = 0x6e;
const FALSE = 0x66;

/** Reads what the gateway has to know of a request. Hot path: one pass over the bytes, and two small objects. */
export function readHead(body: Uint8Array): RequestHead {
  const count = scanRequest(scanner, body);
  return headOf(body, scanner.found, count, false, { keep: readWish(body, count) });
}

function readWish(body: Uint8Array, count: number): KeepWish {
  const { found } = scanner;
  let store = true;
  let previous: string | undefined;
  let refers = false;
  for (let at = 0; at < count; at += 3) {
    const start = found[at + 1]!; // Scans write three numbers for each value.
    const end = found[at + 2]!;
    if (found[at] === STORE) store = body[start] !== FALSE;
    else if (found[at] === PREVIOUS) previous = readName(body, start, end);
    else if (found[at] === ITEM_TYPE) refers ||= isWord(REFERENCE, body, start, end);
  }
  return { store, previous, refers };
}

function readName(body: Uint8Array, start: number, end: number): string | undefined {
  if (body[start] === NULL) return undefined;
  if (body[start] === QUOTE && end - start > 2) return String(parsePart(body, start, end));
  throw new OmniError("invalid_request", "Cannot go on from an answer: `previous_response_id` must be its name, as a string.", {
    param: "previous_response_id",
  });
}
