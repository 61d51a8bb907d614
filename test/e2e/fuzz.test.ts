import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { brokenValuesOf, type Schema, valuesOf } from "../support/arbitrary-schema.ts";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";

/** As much of the document as is walked. */
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

let gateway: GatewayProcess;
let document: Document;
let models: readonly string[];

beforeAll(async () => {
  gateway = await startGateway(`import { defineConfig, provider } from "omni";
    // What it would fetch is not of this machine, and so not for a test.
    export default defineConfig({ localReader: false, providers: { sim: provider.simulator({ settings: { pace: "0ms", firstTokenDelay: "0ms" } }) } });`);
  document = (await (await fetch(`${gateway.url}/api/openapi/spec`)).json()) as Document;
  const { data } = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
  models = data.map(({ id }) => id).filter((id) => !/fail|flaky|slow/.test(id));
});

afterAll(() => gateway.stop());

test("the document tells of every endpoint what comes of it", () => {
  expect(document.openapi).toStartWith("3.1");
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations))
      expect([path, method, Object.keys(operation.responses).length > 0]).toEqual([path, method, true]);
});

test("whatever is sent by the document, or against it, nothing of ours breaks", async () => {
  const posts = Object.entries(document.paths).flatMap(([path, { post }]) => {
    const [[type, body] = []] = Object.entries(post?.requestBody?.content ?? {});
    // One provider's paths and those below /api are the same code.
    return type === undefined || body === undefined || path.includes("{") || path.startsWith("/api/v1")
      ? []
      : [{ path, type, schema: body.schema }];
  });
  expect(posts.length).toBeGreaterThan(8);
  const request = fc
    .constantFrom(...posts)
    .chain(({ path, type, schema }) =>
      fc
        .tuple(fc.oneof(valuesOf(schema), brokenValuesOf(schema)), fc.constantFrom(...models, undefined))
        .map(([value, model]) => ({ path, type, value: model === undefined || typeof value !== "object" ? value : { ...value, model } })),
    );
  await fc.assert(
    fc.asyncProperty(request, async ({ path, type, value }) => {
      const init = type === "application/json" ? jsonOf(value) : { body: formOf(value) };
      const answer = await fetch(`${gateway.url}${path}`, { method: "POST", ...init });
      const text = await answer.text();
      expect([path, answer.status, answer.status >= 500 ? text : ""]).toEqual([path, answer.status < 500 ? answer.status : -1, ""]);
    }),
    { numRuns: 600 },
  );
}, 60_000);

function jsonOf(value: unknown): RequestInit {
  return { body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}

function formOf(value: unknown): FormData {
  const form = new FormData();
  for (const [name, field] of Object.entries((value ?? {}) as object))
    form.append(name, name === "file" ? new File([String(field)], "f") : typeof field === "string" ? field : JSON.stringify(field));
  return form;
}
