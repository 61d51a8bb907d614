import { JsonFault, type JsonScanner } from "../bytes/json-scan.ts";
import { OmniError } from "../ir/failure.ts";

/**
 * Scans a client's body.
 * @throws {OmniError} `malformed_json`, saying what is wrong and at which byte.
 */
export function scanRequest(scanner: JsonScanner, body: Uint8Array): number {
  try {
    return scanner.scan(body);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new OmniError("malformed_json", `Cannot read the body as a JSON object: ${error.message}.`, { cause: error });
  }
}

/**
 * Scans a provider's whole answer.
 * @throws {OmniError} `upstream_invalid`.
 */
export function scanAnswer(scanner: JsonScanner, body: Uint8Array): number {
  try {
    return scanner.scan(body);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new OmniError("upstream_invalid", `Cannot use the provider's answer: as JSON, ${error.message}.`, { cause: error });
  }
}

const { toString: textOf } = Buffer.prototype;

/** Makes an object of a part of scanned JSON. Meant for small parts. */
export function parsePart(bytes: Uint8Array, start: number, end: number): unknown {
  // Not by way of a view: to ask for one makes the runtime move the bytes first.
  return JSON.parse(textOf.call(bytes, "utf8", start, end));
}

/**
 * Makes an object of a client's whole body, which must have been scanned before (its depth is bounded by that).
 * @throws {OmniError} `malformed_json`.
 */
export function parseRequest(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new OmniError("malformed_json", "Cannot read the body as JSON.", { cause });
  }
}
