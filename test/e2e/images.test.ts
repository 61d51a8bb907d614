import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";

let gateway: GatewayProcess;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway(`import { defineConfig, provider } from "omni";
    export default defineConfig({
      providers: { sim: provider.simulator({ settings: { pace: "0ms", firstTokenDelay: "0ms" }, facts: {
        slow: { capabilities: ["generate"], sizes: ["256x256"] },
        "flaky-50": { fileBytesMax: 100, formats: ["jpeg"] },
      } }) },
      combos: { pictures: { image: ["sim/fail-500", "sim/painter"] }, either: { image: ["sim/slow", "sim/painter"] } },
    });`);
  client = new OpenAI({ apiKey: "sk-client", baseURL: `${gateway.url}/v1`, maxRetries: 0 });
});

afterAll(() => gateway.stop());

/** Width and height, as a PNG's head says them. */
function sizeOf(png: Uint8Array): string {
  const view = new DataView(png.buffer, png.byteOffset);
  return `${view.getUint32(16)}x${view.getUint32(20)}`;
}

const bytesOf = (base64: string | undefined): Buffer<ArrayBuffer> => Buffer.from(base64!, "base64");

async function drawn(): Promise<File> {
  const { data } = await client.images.generate({ model: "sim/painter", prompt: "a source", size: "256x256" });
  return toFile(bytesOf(data![0]!.b64_json), "source.png", { type: "image/png" });
}

describe("images", () => {
  test("are drawn as the official client asks, of the size and number asked for, and the same for the same words", async () => {
    const ask = { model: "pictures", prompt: "a red bicycle", size: "512x512", n: 2, response_format: "b64_json" } as const;
    const [one, two] = [await client.images.generate(ask), await client.images.generate(ask)];
    const images = one.data!.map(({ b64_json }) => bytesOf(b64_json));
    expect(images.map(sizeOf)).toEqual(["512x512", "512x512"]);
    expect(images[0]!.equals(images[1]!)).toBe(false);
    expect(two.data).toEqual(one.data);
    expect(one.created).toBeGreaterThan(1_700_000_000);
    expect(one.usage).toMatchObject({ input_tokens: 4, output_tokens: 200, total_tokens: 204 });
    expect(one.size as string).toBe("512x512");
    expect(await new Bun.Image(images[0]!).metadata()).toMatchObject({ width: 512, height: 512, format: "png" });
  });

  test("come as a data: URL to those who want a URL where the provider has none", async () => {
    const { data } = await client.images.generate({ model: "sim/painter", prompt: "x", response_format: "url", size: "256x256" });
    expect(data![0]!.url).toStartWith("data:image/png;base64,iVBORw0KGgo");
    expect(sizeOf(bytesOf(data![0]!.url!.split(",")[1]))).toBe("256x256");
  });

  test("are streamed unfinished first", async () => {
    const stream = await client.images.generate({
      model: "sim/painter",
      prompt: "x",
      size: "64x64" as "256x256",
      stream: true,
      partial_images: 2,
    });
    const events = await Array.fromAsync(stream);
    expect(events.map(({ type }) => type)).toEqual([
      "image_generation.partial_image",
      "image_generation.partial_image",
      "image_generation.completed",
    ]);
    expect(events.map((event) => ("partial_image_index" in event ? event.partial_image_index : undefined))).toEqual([0, 1, undefined]);
    expect(events.at(-1)).toMatchObject({ usage: { total_tokens: 101 } });
  });

  test("are streamed to those who want a stream of a model that has none", async () => {
    const stream = await client.images.generate({ model: "sim/slow", prompt: "x", stream: true, size: "256x256" });
    const events = await Array.fromAsync(stream);
    expect(events.map(({ type }) => type)).toEqual(["image_generation.completed"]);
    expect(sizeOf(bytesOf(events[0]!.b64_json))).toBe("256x256");
  });

  test("break off in the client's words where a stream does", async () => {
    const body = { model: "sim/painter", prompt: "x", stream: true, partial_images: 3 };
    const answer = await gateway.post("/v1/images/generations", body, { headers: { "x-sim-fault": "truncate;after=1" } });
    const text = await answer.text().catch((error) => String(error));
    expect(text).not.toContain("completed");
  });

  test("are changed: one or several, with a mask, by forms and by URL", async () => {
    const file = await drawn();
    const edit = await client.images.edit({ model: "sim/painter", prompt: "paint it blue", image: file, size: "256x256" });
    const several = await client.images.edit({
      model: "sim/painter",
      prompt: "paint it blue",
      image: [file, file],
      mask: file,
      size: "256x256",
    });
    expect(sizeOf(bytesOf(edit.data![0]!.b64_json))).toBe("256x256");
    expect(several.data![0]!.b64_json).not.toBe(edit.data![0]!.b64_json!);
    const url = `data:image/png;base64,${Buffer.from(await file.arrayBuffer()).toString("base64")}`;
    const body = { model: "sim/painter", prompt: "paint it blue", images: [{ image_url: url }], size: "256x256" };
    const named = await gateway.post("/v1/images/edits", body);
    expect(await named.json()).toMatchObject({ data: [{ b64_json: edit.data![0]!.b64_json! }] });
  });

  test("that are changed can be streamed", async () => {
    const stream = await client.images.edit({
      model: "sim/painter",
      prompt: "blue",
      image: await drawn(),
      stream: true,
      partial_images: 1,
    });
    expect((await Array.fromAsync(stream)).map(({ type }) => type)).toEqual(["image_edit.partial_image", "image_edit.completed"]);
  });

  test("are varied", async () => {
    const { data } = await client.images.createVariation({ model: "sim/painter", image: await drawn(), n: 2, size: "256x256" });
    expect(data!.map(({ b64_json }) => sizeOf(bytesOf(b64_json)))).toEqual(["256x256", "256x256"]);
  });

  test("have a catalog that tells sizes and what models can do", async () => {
    const { data } = (await (await fetch(`${gateway.url}/v1/models/image`)).json()) as { data: Record<string, unknown>[] };
    expect(data.find(({ id }) => id === "sim/painter")).toMatchObject({
      owned_by: "sim",
      kind: "image",
      sizes: expect.arrayContaining(["1024x1024"]),
      capabilities: ["generate", "edit", "mask", "vary", "stream"],
    });
    expect(data.map(({ id }) => id)).toContain("pictures");
  });
});

describe("a bad request", () => {
  test.each([
    [{ size: "1023x1023" }, 400, "invalid_size", "size"],
    [{ prompt: "" }, 400, "invalid_request", "prompt"],
    [{ prompt: 7 }, 400, "invalid_request", "prompt"],
    [{ n: 0 }, 400, "invalid_request", "n"],
    [{ n: 11 }, 400, "invalid_request", "n"],
    [{ response_format: "jpeg" }, 400, "invalid_request", "response_format"],
    [{ output_format: "gif" }, 400, "invalid_request", "output_format"],
    [{ output_compression: 101 }, 400, "invalid_request", "output_compression"],
    [{ partial_images: 4 }, 400, "invalid_request", "partial_images"],
    [{ model: "paintress" }, 400, "invalid_model", "model"],
    [{ model: "sim/writer" }, 400, "invalid_model", "model"],
    [{ model: "sim/censor" }, 400, "content_policy_violation", null],
    [{ model: "sim/fail-503" }, 503, "upstream_overloaded", null],
    [{ model: "sim/fail-empty" }, 502, "upstream_invalid", null],
    [{ model: "sim/fail-error-in-200" }, 502, "upstream_failed", null],
  ])("with %p is refused: %d %s, naming %p", async (wrong, status, code, param) => {
    const answer = await gateway.post("/v1/images/generations", { model: "sim/painter", prompt: "x", size: "64x64", ...wrong });
    const { error } = (await answer.json()) as { error: { code: string; param: string; message: string } };
    expect([answer.status, error.code, error.param] as unknown[]).toEqual([status, code, param]);
    if (code === "invalid_size") expect(error.message).toContain("256x256, 512x512");
  });

  const post = async (path: string, fields: Record<string, string | Blob>): Promise<[number, string, string | null]> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const answer = await fetch(`${gateway.url}${path}`, { method: "POST", body: form });
    const { error } = (await answer.json()) as { error: { code: string; param: string | null } };
    return [answer.status, error.code, error.param];
  };

  test("as a form is refused by what its file is, and not by how it is called", async () => {
    const model = "sim/painter";
    const text = new File(["I am no image"], "cat.png", { type: "image/png" });
    const png = new File([await (await drawn()).arrayBuffer()], "notes.txt", { type: "text/plain" });
    expect(await post("/v1/images/variations", { model, image: text })).toEqual([400, "invalid_file_format", "image"]);
    expect(await post("/v1/images/edits", { model, prompt: "x", image: png, mask: text })).toEqual([400, "invalid_file_format", "mask"]);
    expect(await post("/v1/images/edits", { model, image: png })).toEqual([400, "invalid_request", "prompt"]);
    expect(await post("/v1/images/edits", { model, prompt: "x" })).toEqual([400, "invalid_request", "image"]);
    expect(await post("/v1/images/edits", { model, prompt: "x", image: "a text" })).toEqual([400, "invalid_request", "image"]);
    expect(await post("/v1/images/edits", { prompt: "x", image: png })).toEqual([400, "invalid_model", "model"]);
    expect(await post("/v1/images/edits", { model, prompt: "x", image: png, n: "two" })).toEqual([400, "invalid_request", "n"]);
    expect(await post("/v1/images/edits", { model: "sim/flaky-50", prompt: "x", image: png })).toEqual([400, "file_too_large", "image"]);
  });

  test("to a model that can not do it goes to one that can, and is refused where there is none", async () => {
    const image = await drawn();
    expect(await post("/v1/images/variations", { model: "sim/slow", image })).toEqual([400, "unsupported_by_model", "model"]);
    const { data } = await client.images.createVariation({ model: "either", image, size: "256x256" });
    expect(data).toHaveLength(1);
    const { data: larger } = await client.images.generate({ model: "either", prompt: "x", size: "512x512" });
    expect(sizeOf(bytesOf(larger![0]!.b64_json))).toBe("512x512");
  });
});
