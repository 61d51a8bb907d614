import { isJsonObject, type JsonObject } from "../../ir/json.ts";
import type { RerankRequest, RerankResult } from "../../ir/rerank.ts";
import { inputTokensTotal } from "../../ir/usage.ts";
import { Fields, faultAt } from "../fields.ts";
import { parseRequest } from "../read-json.ts";
import type { TaskAnswer, TaskAnswerContext } from "../task.ts";

/** @throws {OmniError} `invalid_request`, naming the field. */
export function decodeRequest(body: Uint8Array): RerankRequest {
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  const documents = fields.list("documents").map((document, index): string | JsonObject => {
    if (typeof document === "string" || isJsonObject(document)) return document;
    throw faultAt("invalid_request", `documents[${index}]`, "a text or an object", document);
  });
  if (documents.length === 0) throw fields.wrong("documents", "a list with something in it");
  return {
    query: fields.string("query"),
    documents,
    top: wholeMaybe(fields, "top_n") ?? wholeMaybe(fields, "top_k"),
    withDocuments: fields.booleanMaybe("return_documents") ?? false,
    tokensPerDocumentMax: wholeMaybe(fields, "max_tokens_per_doc"),
  };
}

function wholeMaybe(fields: Fields, key: string): number | undefined {
  const value = fields.numberMaybe(key);
  if (value !== undefined && !(Number.isInteger(value) && value > 0)) throw fields.wrong(key, "a whole number from 1");
  return value;
}

/** The answer as Cohere writes it, and with `usage` as the others do. Documents are the client's own, and only sent back if it wants them. */
export function encodeResult(
  { id, ranks }: RerankResult,
  request: RerankRequest,
  { requestId, model, usage }: TaskAnswerContext,
): TaskAnswer {
  const results = ranks.map(({ index, score }) => {
    const document = request.documents[index];
    const shown = typeof document === "string" ? { text: document } : document;
    return { index, relevance_score: score, ...(request.withDocuments && { document: shown }) };
  });
  const units = usage?.webSearches;
  const tokens = usage === undefined ? 0 : inputTokensTotal(usage);
  const answer = {
    id: id === "" ? requestId : id,
    model,
    results,
    meta: { api_version: { version: "2" }, ...(units !== undefined && { billed_units: { search_units: units } }) },
    ...(tokens > 0 && { usage: { total_tokens: tokens } }),
  };
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(answer)) };
}
