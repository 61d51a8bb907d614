import { describe, expect, test } from "bun:test";
import type { EmbeddingRequest, EmbeddingResult } from "../../src/ir/embedding.ts";
import { OmniError } from "../../src/ir/failure.ts";
import type { ModerationRequest, ModerationResult } from "../../src/ir/moderation.ts";
import type { Operation } from "../../src/ir/operation.ts";
import type { RerankRequest, RerankResult } from "../../src/ir/rerank.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { floatsOf } from "../../src/wire/embedding-vectors.ts";
import type { TaskCall, TaskUpstream } from "../../src/wire/task.ts";
import { exchangesOf, type RecordedExchange, recordings, responseBytes } from "../support/recordings.ts";

/** Which of our providers an exchange was recorded at. Perplexity's vectors are of bytes, which no client of OpenAI's could ask for. */
const KINDS: Readonly<Record<string, string>> = { azure: "azure-openai", vertex: "gemini" };

function recorded(operation: Operation, apis: readonly string[]): { name: string; half: TaskUpstream; exchange: RecordedExchange }[] {
  return apis.flatMap((api) =>
    recordings({ api }).flatMap((row) =>
      exchangesOf(row).flatMap((exchange, index) => {
        if (exchange.api !== api || exchange.provider === "perplexity") return [];
        const kind = KINDS[exchange.provider] ?? exchange.provider;
        const provider = PROVIDERS.find(({ name }) => name === kind);
        const half = provider?.services.find((service) => service.operation === operation)?.upstream.task;
        if (half === undefined) throw new Error(`${kind} does no ${operation}, but there is a recording: ${row.id}`);
        return [{ name: `${row.id} #${index}`, half, exchange }];
      }),
    ),
  );
}

/** Has a provider's half do the work with what was recorded for an answer. @returns What came of it, and what was asked. */
async function perform(half: TaskUpstream, request: unknown, exchange: RecordedExchange) {
  const calls: (TaskCall & { readonly json: Record<string, unknown> })[] = [];
  const performed = await half.perform(
    request as never,
    {
      model: String((exchange.request.body as { model?: string } | undefined)?.model ?? "recorded-model"),
      sheet: {},
      stream: false,
      requestId: "r",
      pause: async () => {},
      fetchUrl: () => Promise.reject(new Error("Nothing is to be fetched.")),
      call: async (call) => {
        calls.push({ ...call, json: JSON.parse(Buffer.from(call.body!).toString()) });
        return new Response(responseBytes(exchange.response) as Uint8Array<ArrayBuffer>, {
          headers: exchange.response.headers as Record<string, string>,
        });
      },
    } as Parameters<TaskUpstream["perform"]>[1],
  );
  if (performed.type !== "whole") throw new Error("No stream was asked for.");
  return { result: performed.result, usage: performed.usage, calls };
}

const ok = ({ exchange }: { exchange: RecordedExchange }) => exchange.response.status === 200 && exchange.request.body !== undefined;

describe("recorded embeddings", () => {
  const cases = recorded("embedding", ["embeddings", "v2-embed"]).filter(ok);

  test("are there", () => expect(cases.length).toBeGreaterThan(20));

  test.each(cases)("$name", async ({ half, exchange }) => {
    const asked = exchange.request.body as Record<string, unknown>;
    const input = (asked["input"] ?? asked["texts"]) as string | string[];
    const request: EmbeddingRequest = {
      inputs: Array.isArray(input) && typeof input[0] !== "number" ? input : [input as string],
      dimensions: (asked["dimensions"] ?? asked["output_dimension"] ?? undefined) as number | undefined,
      encoding: asked["encoding_format"] === "base64" ? "base64" : "float",
      purpose: asked["input_type"] as string | undefined,
      rest: undefined,
    };
    const { result, usage, calls } = await perform(half, request, exchange);
    const { vectors } = result as EmbeddingResult;
    expect(vectors).toHaveLength(request.inputs.length);
    const lengths = new Set(vectors.map((vector) => floatsOf(vector).length));
    expect(lengths.size).toBe(1);
    expect([...lengths][0]).toBeGreaterThanOrEqual(request.dimensions ?? 64);
    // The one whose answer says it counts no tokens is Azure's Cohere.
    expect(usage?.inputTokens).toBeGreaterThanOrEqual(0);
    // What the vendor's own client sent is what we send, wherever both say something.
    for (const [key, value] of Object.entries(calls[0]!.json)) {
      const said = asked[key];
      if (said === undefined || said === null) continue;
      expect([key, Array.isArray(said) && !Array.isArray(value) ? [value] : value]).toEqual([key, said]);
    }
  });
});

describe("recorded reranking", () => {
  const cases = recorded("rerank", ["rerank", "v2-rerank"]).filter(({ exchange }) => exchange.response.status === 200);

  test("is there", () => expect(cases.length).toBeGreaterThan(3));

  test.each(cases)("$name", async ({ half, exchange }) => {
    const asked = (exchange.request.body ?? {}) as Record<string, unknown>;
    const rows = ((exchange.response.body as Record<string, unknown>)["results"] ??
      (exchange.response.body as Record<string, unknown>)["data"]) as {
      index: number;
      relevance_score?: number;
      relevanceScore?: number;
    }[];
    const documents = (asked["documents"] ?? Array.from({ length: 6 }, (_, index) => `document ${index}`)) as string[];
    const request: RerankRequest = {
      query: String(asked["query"] ?? "?"),
      documents,
      top: (asked["top_n"] ?? asked["top_k"] ?? undefined) as number | undefined,
      withDocuments: false,
      tokensPerDocumentMax: undefined,
    };
    const { result, calls } = await perform(half, request, exchange);
    expect((result as RerankResult).ranks).toEqual(
      rows.map(({ index, relevance_score, relevanceScore }) => ({ index, score: (relevance_score ?? relevanceScore)! })),
    );
    for (const key of ["query", "top_n", "top_k", "documents"]) {
      if (asked[key] === undefined || asked[key] === null) continue;
      expect([key, calls[0]!.json[key]]).toEqual([key, asked[key]]);
    }
  });
});

describe("recorded moderations", () => {
  const cases = recorded("moderation", ["moderations"]).filter(ok);

  test("are there", () => expect(cases.length).toBeGreaterThan(1));

  test.each(cases)("$name", async ({ half, exchange }) => {
    const { input } = exchange.request.body as { input: string | { type: string; text?: string; image_url?: { url: string } }[] };
    const parts = (list: Exclude<typeof input, string>) =>
      list.map((part) => (part.type === "text" ? { type: "text", text: part.text! } : { type: "image", url: part.image_url!.url }));
    const request = { inputs: [typeof input === "string" ? input : parts(input)], rest: undefined } as ModerationRequest;
    const { result, calls } = await perform(half, request, exchange);
    const [row] = (exchange.response.body as { results: { flagged: boolean; categories: object; category_scores: object }[] }).results;
    const [verdict] = (result as ModerationResult).verdicts;
    expect([verdict!.flagged, verdict!.categories, verdict!.scores] as unknown[]).toEqual([
      row!.flagged,
      row!.categories,
      row!.category_scores,
    ]);
    expect(calls[0]!.json["input"]).toEqual(input);
  });
});

describe("answers that are not what they should be", () => {
  const hostile = [
    null,
    [],
    {},
    { data: 7 },
    { data: [{ index: 9, embedding: [1] }] },
    { results: [{ index: 0 }] },
    { embeddings: {} },
    { embeddings: [] },
  ];
  const halves = PROVIDERS.flatMap((provider) =>
    provider.services.flatMap(({ operation, wire, upstream }) =>
      upstream.task !== undefined && ["embedding", "rerank", "moderation"].includes(operation)
        ? [{ name: `${provider.name} ${wire.name}`, half: upstream.task, operation }]
        : [],
    ),
  );
  const requests: Readonly<Record<string, unknown>> = {
    embedding: { inputs: ["a", "b"], dimensions: undefined, encoding: "float", purpose: undefined, rest: undefined },
    rerank: { query: "q", documents: ["a", "b"], top: undefined, withDocuments: false, tokensPerDocumentMax: undefined },
    moderation: { inputs: ["a", "b"], rest: undefined },
  };

  test.each(halves)("are told as the provider's fault by $name, whatever they are", async ({ half, operation }) => {
    for (const body of hostile) {
      const exchange = { request: {}, response: { status: 200, headers: {}, body } } as unknown as RecordedExchange;
      const failure = await perform(half, requests[operation], exchange).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) continue;
      expect(failure).toBeInstanceOf(OmniError);
      expect((failure as OmniError).kind).toBe("upstream_invalid");
    }
  });
});
