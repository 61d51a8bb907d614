import { Refusal, type SimulatedOperation } from "./operation.ts";
import { tokensOf } from "./tokens.ts";

/**
 * Reranking, as Cohere answers it: the more of the question's words a document has, the higher it stands.
 * https://docs.cohere.com/reference/rerank
 */
export const rerank: SimulatedOperation = {
  path: "/rerank",
  perform: (body) => {
    const { model, query, documents, top_n: top } = body as Record<string, unknown>;
    if (typeof model !== "string" || typeof query !== "string") throw new Refusal(400, "invalid request: model and query are required");
    if (!Array.isArray(documents) || !documents.every((each) => typeof each === "string"))
      throw new Refusal(400, "invalid request: documents must be a list of strings");
    const asked = wordsOf(query);
    const results = documents
      .map((document, index) => ({ index, relevance_score: likeness(asked, wordsOf(document)) }))
      .sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
      .slice(0, typeof top === "number" ? top : undefined);
    const meta = { api_version: { version: "2" }, billed_units: { search_units: Math.ceil(documents.length / 100) } };
    const answer = { id: `rerank-${Bun.hash.xxHash32(query)}`, results, meta };
    return {
      type: "whole",
      contentType: "application/json",
      body: JSON.stringify(answer),
      hollow: JSON.stringify({ ...answer, results: undefined }),
      events: 1,
    };
  },
};

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(tokensOf(text.toLowerCase()).map((word) => word.trim()));
}

/** The share of the question's words that the document has. */
function likeness(asked: ReadonlySet<string>, words: ReadonlySet<string>): number {
  return asked.intersection(words).size / Math.max(asked.size, 1);
}
