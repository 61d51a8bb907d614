import { afterAll, describe, expect, test } from "bun:test";
import { FAULT_HEADER, faultOf } from "../../src/providers/simulator/fault.ts";
import { listen } from "../../src/providers/simulator/listen.ts";
import { SimulatorSession } from "../../src/providers/simulator/session.ts";
import { mannerOf, type SimulatorSettings } from "../../src/providers/simulator/settings.ts";
import type { Session } from "../../src/world/network.ts";
import { fetchNetwork, networkErrorOf } from "../../src/world/network-fetch.ts";
import { systemWorld } from "../../src/world/system.ts";

const settings: SimulatorSettings = { pace: "0ms", firstTokenDelay: "0ms", tokens: 12 };
const world = systemWorld();
const server = listen(world, { settings });
afterAll(() => server.stop());

const ways: Record<string, { session: Session; baseUrl: string }> = {
  "in-process": { session: new SimulatorSession({ ...world, manner: mannerOf(settings) }), baseUrl: "https://simulator.invalid/v1" },
  "over HTTP": { session: fetchNetwork.open(), baseUrl: server.baseUrl },
};

/** Long enough for whatever is to come on loopback; silence after it is taken for silence. */
const SILENCE_MS = 60;

interface Seen {
  /** 0 if there was no head. */
  status: number;
  /** Events with content, of a stream. */
  content: number;
  text: string;
  end: string;
  retryAfter?: string | null;
}

/** What a client sees: all that came, and how it ended. */
async function see(way: string, model: string, stream: boolean, headers: Record<string, string> = {}): Promise<Seen> {
  const { session, baseUrl } = ways[way]!;
  const controller = new AbortController();
  const chunks: Uint8Array[] = [];
  let status = 0;
  let retryAfter: string | null = null;
  let silence = setTimeout(() => controller.abort("silence"), SILENCE_MS);
  const body = Buffer.from(JSON.stringify({ model, stream, messages: [{ role: "user", content: "Hello" }] }));
  let end: string;
  try {
    const response = await session.send({ method: "POST", url: `${baseUrl}/chat/completions`, headers, body, signal: controller.signal });
    status = response.status;
    retryAfter = response.headers.get("retry-after");
    for await (const chunk of response.body ?? []) {
      chunks.push(Uint8Array.from(chunk));
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort("silence"), SILENCE_MS);
    }
    end = "whole";
  } catch (error) {
    end = error === "silence" ? "silence" : networkErrorOf(error).fault;
  }
  clearTimeout(silence);
  const text = Buffer.concat(chunks).toString();
  const content = text.split('"delta":{"content":"').filter((part, index) => index > 0 && !part.startsWith('"')).length;
  return { status, content, text, end, retryAfter };
}

/** In-process a refusal is a refusal; over HTTP the connection stands already, so that it can only be reset. */
const refused = (way: string) => ({ status: 0, text: "", end: way === "in-process" ? "refused" : "reset" });

describe.each(Object.keys(ways))("%s", (way) => {
  type Row = { model: string; stream?: boolean; whole?: boolean; sees: Partial<Record<keyof Seen, unknown>> | ((seen: Seen) => void) };
  const both: readonly Row[] = [
    { model: "fail-401", sees: { status: 401, text: expect.stringContaining("invalid_api_key"), end: "whole" } },
    { model: "fail-404", sees: { status: 404, text: expect.stringContaining("model_not_found") } },
    { model: "fail-418", sees: { status: 418 } },
    { model: "fail-429", sees: { status: 429, text: expect.stringContaining("rate_limit_exceeded"), retryAfter: null } },
    { model: "fail-429-retry-after-2", sees: { status: 429, retryAfter: "2" } },
    { model: "fail-500", sees: { status: 500, text: expect.stringContaining("server_error") } },
    { model: "fail-503", sees: { status: 503, text: expect.stringContaining("overloaded") } },
    { model: "fail-refuse", sees: refused(way) },
    { model: "fail-reset", sees: { status: 0, text: "", end: "reset" } },
    { model: "fail-blank", sees: { status: 200, text: "", end: "whole" } },
    { model: "fail-html", sees: { status: 200, text: expect.stringMatching(/^<!doctype html>/), end: "whole" } },
    { model: "fail-nothing-known", sees: { status: 200, end: "whole" } },
    { model: "fail-500-chance-0", sees: { status: 200, end: "whole" } },
    { model: "fail-500-chance-100", sees: { status: 500 } },
  ];
  test.each(
    both.flatMap((row) => [
      { ...row, stream: true },
      { ...row, stream: false },
    ]),
  )("$model, stream: $stream", async ({ model, stream, sees }) => {
    expect(await see(way, model, stream)).toMatchObject(sees as object);
  });

  const done = "data: [DONE]\n\n";
  test.each([
    { model: "writer", sees: { content: 12, end: "whole", text: expect.stringContaining(done) } },
    { model: "fail-stall", sees: { content: 0, end: "silence", text: expect.stringContaining('"role":"assistant"') } },
    { model: "fail-stall-after-3", sees: { content: 3, end: "silence" } },
    { model: "fail-cut", sees: { content: 2, end: "reset" } },
    { model: "fail-cut-after-5", sees: { content: 5, end: "reset" } },
    { model: "fail-truncate", sees: { content: 2, end: "whole", text: expect.not.stringMatching(/DONE|"finish_reason":"/) } },
    { model: "fail-error-in-stream", sees: { content: 2, end: "whole", text: expect.stringMatching(/\n\ndata: \{"error":\{.*\}\n\n$/) } },
    { model: "fail-error-in-stream-after-0", sees: { content: 0, end: "whole", text: expect.stringContaining('"error"') } },
    {
      model: "fail-error-in-200",
      sees: { status: 200, content: 0, end: "whole", text: expect.stringMatching(/^data: \{"error":\{.*\}\n\n$/) },
    },
    { model: "fail-empty", sees: { status: 200, end: "whole", text: done } },
    { model: "fail-malformed", sees: { content: 2, end: "whole", text: expect.stringMatching(/\n\ndata: \{"id":"chatcmpl-\n\n$/) } },
  ])("$model as a stream", async ({ model, sees }) => {
    expect(await see(way, model, true)).toMatchObject({ status: 200, ...sees });
  });

  test.each([
    { model: "writer", sees: { status: 200, end: "whole", text: expect.stringMatching(/"finish_reason":"stop"/) } },
    { model: "fail-stall", sees: { status: 0, end: "silence" } },
    { model: "fail-cut", sees: { status: 200, end: "reset", text: expect.stringMatching(/^\{"id"/) } },
    { model: "fail-truncate", sees: { status: 200, end: "whole", text: expect.not.stringMatching(/\}$/) } },
    { model: "fail-malformed", sees: { status: 200, end: "whole", text: expect.not.stringMatching(/\}$/) } },
    { model: "fail-error-in-stream", sees: { status: 200, end: "whole", text: expect.stringMatching(/^\{"error":/) } },
    { model: "fail-error-in-200", sees: { status: 200, end: "whole", text: expect.stringMatching(/^\{"error":/) } },
    { model: "fail-empty", sees: { status: 200, end: "whole", text: expect.stringContaining('"choices":[]') } },
  ])("$model as a whole", async ({ model, sees }) => {
    expect(await see(way, model, false)).toMatchObject(sees);
  });

  test("a header asks for a fault as well, and is stronger than the name", async () => {
    const header = (text: string) => ({ [FAULT_HEADER]: text });
    expect(await see(way, "writer", false, header("429; retry-after=7"))).toMatchObject({ status: 429, retryAfter: "7" });
    expect(await see(way, "fail-500", true, header("cut;after=1"))).toMatchObject({ status: 200, content: 1, end: "reset" });
    expect(await see(way, "writer", true, header("explode"))).toMatchObject({ status: 400, text: expect.stringContaining("explode") });
    expect(await see(way, "writer", true, header("429;sometimes=1"))).toMatchObject({ status: 400 });
  });
});

test("flaky-N fails N times of a hundred", () => {
  let turn = 0;
  const random = { unit: () => (turn++ % 100) / 100, uuid: () => "" };
  const failures = Array.from({ length: 100 }, () => faultOf(null, "flaky-30", random)).filter((fault) => fault?.status === 500);
  expect(failures).toHaveLength(30);
});
