import { JsonScanner } from "../../bytes/json-scan.ts";
import type { Patch } from "../../bytes/splice.ts";
import { OmniError } from "../../ir/failure.ts";
import { parsePart, scanRequest } from "../read-json.ts";
import type { RequestHead } from "../wire.ts";

const MODEL = 0;
const STREAM = 1;
const OPTIONS = 2;
const scanner = new JsonScanner("model", "stream");
const chatScanner = new JsonScanner("model", "stream", "stream_options", "stream_options.include_usage");

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const NULL = 0x6e;
const FALSE = 0x66;
const TRUE = 0x74;

/** Reads what the gateway has to know of a request. Hot path: as below. */
export function readHead(body: Uint8Array): RequestHead {
  const count = scanRequest(chatScanner, body);
  return headOf(body, chatScanner.found, count, false, { usageWish: wishFor(body, chatScanner.found, count) });
}

/**
 * The same for formats that have `model` and `stream` in the body. Hot path: one pass over the bytes, and one small object.
 * @param byDefault Whether those who say nothing want a stream.
 */
export function readBodyHead(body: Uint8Array, byDefault: boolean): RequestHead {
  return headOf(body, scanner.found, scanRequest(scanner, body), byDefault, NOTHING_MORE);
}

const NOTHING_MORE = {};

/**
 * Makes a head of what a scan has found.
 * @param found Of a scanner whose first two paths are `model` and `stream`; `count` numbers of it are the scan's.
 * @param more What a format reads besides.
 */
export function headOf(
  body: Uint8Array,
  found: readonly number[],
  count: number,
  byDefault: boolean,
  more: Pick<RequestHead, "usageWish" | "keep">,
): RequestHead {
  let valueStart = -1;
  let valueEnd = -1;
  let stream = byDefault;
  for (let at = 0; at < count; at += 3) {
    // Scans write three numbers for each value.
    if (found[at] === MODEL) {
      valueStart = found[at + 1]!;
      valueEnd = found[at + 2]!;
    } else if (found[at] === STREAM) stream = readStream(body[found[at + 1]!]!, byDefault);
  }
  if (valueStart === -1) throw invalidModel("the body has none");
  if (body[valueStart] !== QUOTE) throw invalidModel("it must be a string");
  if (valueEnd - valueStart === 2) throw invalidModel("it is empty");
  const { usageWish, keep } = more;
  const place = { valueStart, valueEnd, stream, usageWish, keep };
  for (let at = valueStart; at < valueEnd; at++) {
    if (body[at] === BACKSLASH) {
      const modelBytes = Buffer.from(String(parsePart(body, valueStart, valueEnd)));
      return { modelBytes, modelStart: 0, modelEnd: modelBytes.length, ...place };
    }
  }
  return { modelBytes: body, modelStart: valueStart + 1, modelEnd: valueEnd - 1, ...place };
}

/** The first byte tells apart what the scan has found to be well-formed. */
function readStream(firstByte: number, byDefault: boolean): boolean {
  switch (firstByte) {
    case TRUE:
      return true;
    case FALSE:
      return false;
    case NULL:
      return byDefault;
    default:
      throw new OmniError("invalid_request", "Cannot tell whether to stream: `stream` must be true or false.", { param: "stream" });
  }
}

const YES: Uint8Array = Buffer.from("true");
const OPTIONS_JSON: Uint8Array = Buffer.from('{"include_usage":true}');
const MEMBER: Uint8Array = Buffer.from(',"stream_options":{"include_usage":true}');
const FIRST_OPTION: Uint8Array = Buffer.from('"include_usage":true');
const FURTHER_OPTION: Uint8Array = Buffer.from('"include_usage":true,');

/** Where a request that does not ask for usage would have to. What is of the wrong type is left for the provider to refuse. */
function wishFor(body: Uint8Array, found: readonly number[], count: number): Patch | undefined {
  let modelEnd = 0;
  let streams = false;
  let optionsAt = -1;
  let usageAt = -1;
  for (let at = 0; at < count; at += 3) {
    // Scans write three numbers for each value.
    if (found[at] === MODEL) modelEnd = found[at + 2]!;
    else if (found[at] === STREAM) streams = body[found[at + 1]!] === TRUE;
    else if (found[at] === OPTIONS) optionsAt = at;
    else usageAt = at;
  }
  if (!streams) return undefined;
  if (optionsAt === -1) return { start: modelEnd, end: modelEnd, text: MEMBER };
  const start = found[optionsAt + 1]!;
  if (usageAt !== -1) {
    const [usageStart, usageEnd] = [found[usageAt + 1]!, found[usageAt + 2]!];
    return isNo(body[usageStart]) ? { start: usageStart, end: usageEnd, text: YES } : undefined;
  }
  if (body[start] === NULL) return { start, end: found[optionsAt + 2]!, text: OPTIONS_JSON };
  if (body[start] !== OPEN_OBJECT) return undefined;
  return { start: start + 1, end: start + 1, text: isEmptyObject(body, start) ? FIRST_OPTION : FURTHER_OPTION };
}

function isNo(firstByte: number | undefined): boolean {
  return firstByte === FALSE || firstByte === NULL;
}

/** Of well-formed JSON. */
function isEmptyObject(body: Uint8Array, start: number): boolean {
  let at = start + 1;
  while (body[at]! <= 0x20) at++; // The object has an end.
  return body[at] === 0x7d;
}

function invalidModel(why: string): OmniError {
  return new OmniError("invalid_model", `Cannot read the name of the model: ${why}. Put it into \`model\`.`, { param: "model" });
}
