import { JsonScanner } from "../../bytes/json-scan.ts";
import { OmniError } from "../../ir/failure.ts";
import { scanRequest } from "../read-json.ts";
import type { RequestHead } from "../wire.ts";
import { JSON_ARRAY } from "./json-array.ts";

// Clients may say the model in the body as well; the path is what counts, and the two must not differ.
const scanner = new JsonScanner("model", "contents");
const MODEL = 0;

/** Reads what the gateway has to know of a request: `rest` is `MODEL:METHOD`. Without `alt=sse` a stream is a list that grows. */
export function readHead(body: Uint8Array, rest: string, query: string): RequestHead {
  const colon = rest.lastIndexOf(":");
  const method = colon === -1 ? "" : rest.slice(colon + 1);
  if (method !== "generateContent" && method !== "streamGenerateContent" && method !== "countTokens") {
    throw new OmniError(
      "not_found",
      `Cannot call a model's method ${JSON.stringify(method)}: generateContent, streamGenerateContent and countTokens are served.`,
    );
  }
  if (colon === 0) throw new OmniError("invalid_model", "Cannot read the name of the model: the path has none.", { param: "model" });
  const count = scanRequest(scanner, body);
  const { found } = scanner;
  let valueStart = -1;
  let valueEnd = -1;
  for (let at = 0; at < count; at += 3) {
    if (found[at] !== MODEL) continue;
    valueStart = found[at + 1]!; // Scans write three numbers for each value.
    valueEnd = found[at + 2]!;
  }
  const modelBytes = Buffer.from(rest.slice(0, colon));
  const stream = method === "streamGenerateContent";
  const head = { modelBytes, modelStart: 0, modelEnd: modelBytes.length, valueStart, valueEnd, stream };
  if (method === "countTokens") return { ...head, counts: true };
  return stream && !asksForEvents(query) ? { ...head, streamForm: JSON_ARRAY } : head;
}

function asksForEvents(query: string): boolean {
  const params = new URLSearchParams(query);
  return (params.get("alt") ?? params.get("$alt")) === "sse";
}
