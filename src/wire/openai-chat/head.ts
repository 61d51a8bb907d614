import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import { parsePart, scanRequest } from "../read-json.ts";
import type { RequestHead } from "../wire.ts";

const MODEL = 0;
const scanner = new JsonScanner("model", "stream");

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Reads what the gateway has to know of a request. */
export function readHead(body: Uint8Array): RequestHead {
  return readBodyHead(body, false);
}

/**
 * The same for formats that have `model` and `stream` in the body. Hot path: one pass over the bytes, and one small object.
 * @param byDefault Whether those who say nothing want a stream.
 */
export function readBodyHead(body: Uint8Array, byDefault: boolean): RequestHead {
  const count = scanRequest(scanner, body);
  const { found } = scanner;
  let valueStart = -1;
  let valueEnd = -1;
  let stream = byDefault;
  for (let at = 0; at < count; at += 3) {
    // Scans write three numbers for each value.
    if (found[at] === MODEL) {
      valueStart = found[at + 1]!;
      valueEnd = found[at + 2]!;
    } else stream = readStream(body[found[at + 1]!]!, byDefault);
  }
  if (valueStart === -1) throw invalidModel("the body has none");
  if (body[valueStart] !== QUOTE) throw invalidModel("it must be a string");
  if (valueEnd - valueStart === 2) throw invalidModel("it is empty");
  const place = { valueStart, valueEnd, stream };
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
    case 0x74: // true
      return true;
    case 0x66: // false
      return false;
    case 0x6e: // null
      return byDefault;
    default:
      throw new OmniError("invalid_request", "Cannot tell whether to stream: `stream` must be true or false.", { param: "stream" });
  }
}

function invalidModel(why: string): OmniError {
  return new OmniError("invalid_model", `Cannot read the name of the model: ${why}. Put it into \`model\`.`, { param: "model" });
}
