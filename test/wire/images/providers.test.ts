import { describe, expect, test } from "bun:test";
import type { ImageRequest, ImageResult } from "../../../src/ir/image.ts";
import { PROVIDERS } from "../../../src/providers/index.ts";
import type { ProviderDefinition } from "../../../src/providers/provider.ts";
import type { TaskCall, TaskContext, TaskUpstream } from "../../../src/wire/task.ts";
import { exchangesOf, recordings } from "../../support/recordings.ts";

const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

const ASK: ImageRequest = {
  work: "generate",
  prompt: "a red bicycle",
  sources: [],
  mask: undefined,
  count: 1,
  size: undefined,
  quality: undefined,
  style: undefined,
  background: undefined,
  format: undefined,
  compression: undefined,
  moderation: undefined,
  seed: undefined,
  negativePrompt: undefined,
  answerAs: undefined,
  partialImages: undefined,
  rest: undefined,
};

/** Has one provider make images, and answers it. */
async function make(kind: string, model: string, ask: Partial<ImageRequest>, answer: unknown) {
  const provider = (PROVIDERS as readonly ProviderDefinition[]).find(({ name }) => name === kind)!;
  const half = provider.services.find(({ operation }) => operation === "image")!.upstream.task as TaskUpstream;
  const calls: (TaskCall & { readonly json: Record<string, unknown> })[] = [];
  const context: TaskContext = {
    model,
    sheet: provider.sheets?.[model] ?? {},
    stream: false,
    requestId: "r",
    pause: async () => {},
    fetchUrl: () => Promise.reject(new Error("Nothing is to be fetched.")),
    call: async (call) => {
      calls.push({ ...call, json: JSON.parse(Buffer.from(call.body!).toString()) });
      return new Response(JSON.stringify(answer));
    },
  };
  const outcome = await half.perform({ ...ASK, ...ask } as never, context).then(
    (done) => ({
      result: (done as unknown as { result: ImageResult }).result,
      usage: (done as { usage?: object }).usage,
      failure: undefined,
    }),
    (error: { kind: string; param?: string }) => ({ result: undefined, usage: undefined, failure: [error.kind, error.param] }),
  );
  return { ...outcome, calls };
}

describe("OpenAI's recorded images", () => {
  const cases = recordings({ provider: "openai", api: "images-generations" }).flatMap((row) =>
    exchangesOf(row)
      .filter(({ response, request }) => response.status === 200 && request.body !== undefined)
      .map((exchange, index) => ({ name: `${row.id} #${index}`, exchange })),
  );

  test.each(cases)("$name", async ({ exchange }) => {
    const asked = exchange.request.body as { model: string; prompt: string; size: string };
    const answer = exchange.response.body as { data: { url: string; revised_prompt?: string }[] };
    const { result, calls } = await make("openai", asked.model, { prompt: asked.prompt, size: asked.size }, answer);
    expect(result!.images.map(({ source }) => source)).toEqual(answer.data.map(({ url }) => ({ url })));
    expect(calls[0]).toMatchObject({ path: "/images/generations", json: { model: asked.model, prompt: asked.prompt, size: asked.size } });
  });

  test("are there", () => expect(cases.length).toBeGreaterThan(2));
});

test("xAI's recorded edit is asked for as xAI's own client asked", async () => {
  const [{ request, response } = undefined!] = recordings({ provider: "xai", api: "images-edits" }).flatMap((row) => exchangesOf(row));
  const asked = request.body as { model: string; prompt: string; images: { url: string }[] };
  const sources = asked.images.map(({ url }) => ({ type: "url" as const, url, param: "image" }));
  const { result, calls } = await make("xai", asked.model, { work: "edit", prompt: asked.prompt, sources }, response.body);
  expect(calls[0]!.path).toBe("/images/edits");
  expect(calls[0]!.json).toEqual(request.body as Record<string, unknown>);
  expect(result!.images).toHaveLength(1);
});

describe("Google's images", () => {
  const answered = (part: object, more: object = {}) => ({
    candidates: [{ content: { parts: [{ text: "Here it is." }, part] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 1290 },
    ...more,
  });
  const drawn = answered({ inlineData: { mimeType: "image/png", data: PIXEL.toString("base64") } });

  test("come of a conversation, one call each, with the ratio of the size that was asked for", async () => {
    const { result, usage, calls } = await make("gemini", "gemini-2.5-flash-image", { count: 2, size: "1792x1024" }, drawn);
    expect(result!.images).toHaveLength(2);
    expect(usage).toMatchObject({ inputTokens: 14, outputTokens: 2580, images: 2 });
    expect(calls.map(({ path }) => path)).toEqual(Array(2).fill("/models/gemini-2.5-flash-image:generateContent"));
    expect(calls[0]!.json["generationConfig"]).toEqual({ responseModalities: ["TEXT", "IMAGE"], imageConfig: { aspectRatio: "16:9" } });
  });

  test("are changed with the image in the request", async () => {
    const source = { type: "bytes" as const, bytes: PIXEL, mediaType: "image/png", filename: "a.png", param: "image" };
    const { calls } = await make("gemini", "gemini-2.5-flash-image", { work: "edit", sources: [source] }, drawn);
    const [{ parts }] = calls[0]!.json["contents"] as [{ parts: object[] }];
    expect(parts).toEqual([{ text: "a red bicycle" }, { inlineData: { mimeType: "image/png", data: PIXEL.toString("base64") } }]);
  });

  test("of Imagen are predicted, four a call at most", async () => {
    const { result, calls } = await make(
      "gemini",
      "imagen-4.0-generate-001",
      { count: 6 },
      { predictions: [{ bytesBase64Encoded: "aaaa", mimeType: "image/png" }] },
    );
    expect(calls.map(({ json }) => (json["parameters"] as { sampleCount: number }).sampleCount)).toEqual([4, 2]);
    expect(result!.images).toHaveLength(2);
  });

  test.each([
    [{ candidates: [{ finishReason: "IMAGE_SAFETY" }] }, "content_policy_violation"],
    [{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }, "content_policy_violation"],
    [{ candidates: [{ content: { parts: [{ text: "I would rather not." }] }, finishReason: "STOP" }] }, "upstream_invalid"],
    [{ candidates: 7 }, "upstream_invalid"],
  ])("that are %j are %s", async (answer, kind) => {
    const { failure } = await make("gemini", "gemini-2.5-flash-image", {}, answer);
    expect(failure![0]).toBe(kind);
  });

  test("can not be varied, nor changed by a mask", async () => {
    const source = { type: "bytes" as const, bytes: PIXEL, mediaType: "image/png", filename: "a.png", param: "image" };
    expect((await make("gemini", "gemini-2.5-flash-image", { work: "vary", sources: [source] }, drawn)).failure).toEqual([
      "unsupported_by_model",
      "model",
    ]);
    expect((await make("gemini", "gemini-2.5-flash-image", { work: "edit", sources: [source], mask: source }, drawn)).failure).toEqual([
      "unsupported_by_model",
      "mask",
    ]);
  });
});

test("Together is told pixels, and its own word for base64", async () => {
  const { calls, result } = await make(
    "together",
    "black-forest-labs/FLUX.1-schnell",
    { size: "512x768", answerAs: "base64" },
    { data: [{ b64_json: "aaaa" }] },
  );
  expect(calls[0]!.json).toEqual({
    model: "black-forest-labs/FLUX.1-schnell",
    prompt: "a red bicycle",
    width: 512,
    height: 768,
    response_format: "base64",
  });
  expect(result!.images[0]!.source).toEqual({ base64: "aaaa" });
});
