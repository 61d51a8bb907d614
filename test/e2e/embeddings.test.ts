import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";

let gateway: GatewayProcess;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway(`import { defineConfig, provider } from "omni";
    export default defineConfig({
      providers: { sim: provider.simulator({ facts: { embedder: { inputsMax: 3, inputTokensMax: 50 } } }) },
      combos: { vectors: { embedding: ["sim/embedder"] } },
    });`);
  client = new OpenAI({ apiKey: "sk-client", baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});

afterAll(() => gateway.stop());

describe("embeddings", () => {
  test("come to the official client, which asks for base64, as to one that asks for numbers", async () => {
    const input = ["one", "two"];
    const encoded = await client.embeddings.create({ model: "vectors", input });
    const plain = await client.embeddings.create({ model: "vectors", input, encoding_format: "float" });
    expect(encoded.data.map(({ embedding }) => [...embedding].map(Math.fround))).toEqual(
      plain.data.map(({ embedding }) => embedding.map(Math.fround)),
    );
    expect(encoded.usage).toEqual(plain.usage);
  });

  test("of more texts than a model takes at once are put together in order, and what they used is added up", async () => {
    const input = ["a", "b b", "c c c", "d", "e e", "f", "g g g g"];
    const together = await client.embeddings.create({ model: "vectors", input, encoding_format: "float" });
    const single = await Promise.all(
      input.map((each) => client.embeddings.create({ model: "vectors", input: each, encoding_format: "float" })),
    );
    expect(together.data.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(together.data.map(({ embedding }) => embedding)).toEqual(single.map(({ data }) => data[0]!.embedding));
    expect(together.usage.prompt_tokens).toBe(single.reduce((sum, { usage }) => sum + usage.prompt_tokens, 0));
  });

  test.each([
    [{ encoding_format: "hex" }, "invalid_encoding_format", "encoding_format"],
    [{ input: Array.from({ length: 51 }, () => 1) }, "input_too_long", "input"],
    [{ input: [] }, "invalid_request", "input"],
    [{ input: ["a", 7] }, "invalid_request", "input"],
    [{ dimensions: 0 }, "invalid_request", "dimensions"],
    [{ model: "vectorz" }, "invalid_model", "model"],
    [{ model: "sim/writer" }, "invalid_model", "model"],
  ])("with %p are refused as %s, naming %s", async (wrong, code, param) => {
    const answer = await gateway.post("/v1/embeddings", { model: "vectors", input: "x", ...wrong });
    const { error } = (await answer.json()) as { error: { code: string; param: string } };
    expect([answer.status, error.code, error.param]).toEqual([400, code, param]);
  });

  test("have a catalog that tells what models can do", async () => {
    const { data } = (await (await fetch(`${gateway.url}/v1/models/embedding`)).json()) as { data: Record<string, unknown>[] };
    expect(data.find(({ id }) => id === "sim/embedder")).toMatchObject({ owned_by: "sim", dimensions: 3072, max_input_tokens: 50 });
    expect(data.map(({ id }) => id)).toContain("vectors");
  });
});
