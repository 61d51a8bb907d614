import { OmniError } from "../../ir/failure.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { ModelSheet } from "../../ir/model-sheet.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { Rank, RerankRequest } from "../../ir/rerank.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";

/** Where providers depart from Cohere. */
export interface RerankDialect {
  /** The path below the base URL. Default `/rerank`. */
  path(model: string): string;
  /** How many to give back. Default `top_n`; `none` where all come back, and are cut here. */
  readonly topField: "top_n" | "top_k" | "none";
  /** What documents are called. Default `documents`. */
  readonly documentsField: "documents" | "texts";
  /** Whether the body names the model. Default true. */
  readonly namesModel: boolean;
  /** What else the body has to say. */
  readonly extra: JsonObject;
  /** Whether a limit of tokens for each document is known there. Default false. */
  readonly tokensPerDocument: boolean;
}

/** Has documents put into order, in one call: scores of several calls could not be compared. */
export async function perform(
  request: RerankRequest,
  { call, model, sheet }: TaskContext,
  { path = () => "/rerank", topField = "top_n", ...departures }: Partial<RerankDialect>,
): Promise<Performed<Tasks["rerank"]>> {
  const { documents, query, top } = request;
  checkDocuments(request, sheet);
  const body = {
    ...departures.extra,
    ...(departures.namesModel !== false && { model }),
    query,
    [departures.documentsField ?? "documents"]: documents.map(textOf),
    ...(top !== undefined && topField !== "none" && { [topField]: Math.min(top, documents.length) }),
    ...(departures.tokensPerDocument && request.tokensPerDocumentMax !== undefined && { max_tokens_per_doc: request.tokensPerDocumentMax }),
  };
  const response = await call({ path: path(model), body: jsonBody(body) });
  const { id, ranks, usage } = decodeAnswer(await readJson(response), documents.length);
  return { type: "whole", result: { id, ranks: ranks.slice(0, top) }, usage };
}

function checkDocuments({ documents }: RerankRequest, { inputsMax }: ModelSheet): void {
  if (inputsMax === undefined || documents.length <= inputsMax) return;
  const message = `Cannot order ${documents.length} documents: this model takes ${inputsMax} at most. Send fewer.`;
  throw new OmniError("input_too_long", message, { param: "documents" });
}

/** Providers take texts alone: an object is its `text`, or its fields line by line, as Cohere advises. */
function textOf(document: string | JsonObject): string {
  if (typeof document === "string") return document;
  if (typeof document["text"] === "string") return document["text"];
  return Object.entries(document)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n");
}

interface Decoded {
  readonly id: string;
  readonly ranks: readonly Rank[];
  readonly usage: Usage | undefined;
}

/** @throws {OmniError} `upstream_invalid`, if a place is none of the request's, or comes twice. */
function decodeAnswer(json: Json, count: number): Decoded {
  // TEI answers with the bare list.
  const answer = Fields.of(Array.isArray(json) ? { results: json } : json, "", "upstream_invalid");
  const seen = new Set<number>();
  const ranks = answer.objects(answer.has("results") ? "results" : "data").map((row): Rank => {
    const index = row.numberMaybe("index");
    if (index === undefined || !Number.isInteger(index) || index < 0 || index >= count || seen.has(index))
      throw row.wrong("index", `a number from 0 to ${count - 1} that comes once`);
    seen.add(index);
    const score = row.numberMaybe("relevance_score") ?? row.numberMaybe("relevanceScore") ?? row.numberMaybe("score");
    if (score === undefined) throw row.wrong("relevance_score", "a number");
    return { index, score };
  });
  // Nearly all sort; TEI does, and its likes may not.
  const sorted = ranks.every(({ score }, at) => at === 0 || score <= (ranks[at - 1]?.score ?? score));
  return {
    id: answer.stringMaybe("id") ?? "",
    ranks: sorted ? ranks : ranks.toSorted((a, b) => b.score - a.score),
    usage: readUsage(answer),
  };
}

function readUsage(answer: Fields): Usage | undefined {
  const webSearches = answer.objectMaybe("meta")?.objectMaybe("billed_units")?.numberMaybe("search_units");
  const inputTokens = answer.objectMaybe("usage")?.numberMaybe("total_tokens");
  if (webSearches === undefined && inputTokens === undefined) return undefined;
  return {
    inputTokens: inputTokens ?? 0,
    inputTokensCached: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    ...(webSearches !== undefined && { webSearches }),
  };
}
