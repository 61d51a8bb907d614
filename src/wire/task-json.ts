import { OmniError } from "../ir/failure.ts";
import type { Json } from "../ir/json.ts";
import type { NetworkResponse } from "../world/network.ts";

/** No whole answer is held in memory beyond this. 64 MiB. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** A body of JSON for a call. */
export function jsonBody(value: Json): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/**
 * Reads an answer whole.
 * @throws {OmniError} `upstream_invalid`, if it is longer than 64 MiB.
 */
export async function readBytes(response: NetworkResponse): Promise<Uint8Array> {
  const declared = response.headers.get("content-length");
  if ((declared !== null && Number(declared) <= ANSWER_BYTES_MAX) || response.body === null) return response.bytes();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early stops the reading.
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX)
      throw new OmniError("upstream_invalid", `Cannot use the answer: it is longer than ${ANSWER_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/**
 * Reads an answer as JSON.
 * @throws {OmniError} `upstream_invalid`, if it is none.
 */
export async function readJson(response: NetworkResponse): Promise<Json> {
  const bytes = await readBytes(response);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Json; // JSON.parse returns nothing else.
  } catch (cause) {
    throw new OmniError("upstream_invalid", "Cannot use the provider's answer: it is no JSON.", { cause });
  }
}
