import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { type GatewayProcess, startGateway } from "../support/gateway-process.ts";
import { type Script, Upstream } from "../support/upstream.ts";
import type { SeenRequest } from "../support/upstream-request.ts";

const env = { UPSTREAM_KEY: "sk-upstream", ALICE_KEY: "alice-0123456789abcdef", BOB_KEY: "bob-0123456789abcdef" };
const JSON_TYPE = { "content-type": "application/json" };

/** A provider that speaks chat as well as Responses, keeps answers, and says how often it was asked. */
class Vendor {
  readonly upstream: Upstream;
  readonly kept = new Map<string, object>();
  private readonly name: string;
  private asked = 0;

  constructor(name: string) {
    this.name = name;
    this.upstream = new Upstream((request) => this.answer(request));
  }

  private answer(request: SeenRequest): Script {
    const path = request.path.split("?")[0]!;
    const json = (body: object, status = 200): Script => ({ status, headers: JSON_TYPE, body: JSON.stringify(body) });
    this.asked++;
    if (path.endsWith("/chat/completions")) {
      const { messages, stream } = request.json as { messages: { content: unknown }[]; stream?: boolean };
      const text = `${this.name} heard ${messages.length}`;
      return stream ? chatStream(text) : json(chatAnswer(text));
    }
    if (path.endsWith("/responses/compact"))
      return json({ id: "cmp_1", object: "response.compaction", created_at: 1, output: [], usage: USAGE });
    if (path.endsWith("/responses")) {
      const {
        previous_response_id: previous,
        input,
        store,
      } = request.json as { previous_response_id?: string; input: unknown[]; store?: boolean };
      if (previous && !this.kept.has(previous))
        return json({ error: { message: `Previous response with id '${previous}' not found.`, code: "previous_response_not_found" } }, 400);
      const answer = responsesAnswer(
        `resp_${this.name}${this.asked}`,
        `${this.name} heard ${Array.isArray(input) ? input.length : 1}${previous ? " more" : ""}`,
      );
      if (store !== false) this.kept.set(answer.id, answer);
      return (request.json as { stream?: boolean }).stream ? responsesStream(answer) : json(answer);
    }
    const id = /\/responses\/([^/]+)/.exec(path)?.[1] ?? "";
    const found = this.kept.get(id);
    if (found === undefined)
      return json(
        { error: { message: `Response with id '${id}' not found.`, type: "invalid_request_error", param: null, code: null } },
        404,
      );
    if (request.method === "DELETE") this.kept.delete(id);
    if (path.endsWith("/input_items"))
      return json({ object: "list", data: [], first_id: null, last_id: null, has_more: false, query: request.path.split("?")[1] });
    return json(request.method === "DELETE" ? { id, object: "response", deleted: true } : found);
  }
}

const USAGE = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
const chatAnswer = (content: string) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
let chats = 0;
const chatStream = (content: string): Script => {
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({ id: `chatcmpl-s${chats}`, object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  chats++;
  return {
    headers: { "content-type": "text/event-stream" },
    body: `${chunk({ role: "assistant", content }, null)}${chunk({}, "stop")}data: [DONE]\n\n`,
  };
};
const responsesAnswer = (id: string, text: string) => ({
  id,
  object: "response",
  created_at: 1,
  status: "completed",
  model: "gpt-5",
  output: [
    { type: "reasoning", id: `rs_${id}`, summary: [] },
    { type: "message", id: `msg_${id}`, role: "assistant", status: "completed", content: [{ type: "output_text", text, annotations: [] }] },
  ],
  usage: USAGE,
});
const responsesStream = (answer: ReturnType<typeof responsesAnswer>): Script => {
  const event = (type: string, number: number, response: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, response })}\n\n`;
  const begun = { ...answer, status: "in_progress", output: [] };
  return {
    headers: { "content-type": "text/event-stream" },
    body: event("response.created", 0, begun) + event("response.completed", 1, answer),
  };
};

const configOf = (openai: Vendor, groq: Vendor, policies: string): string => `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    openai: provider.openai({ baseUrl: ${JSON.stringify(openai.upstream.baseUrl)}, apiKey: secret.env("UPSTREAM_KEY") }),
    groq: provider.groq({ baseUrl: ${JSON.stringify(groq.upstream.baseUrl)}, apiKey: secret.env("UPSTREAM_KEY") }),
  },
  combos: { both: { chat: ["groq/llama-3.3-70b-versatile", "openai/gpt-5"] } },
  policies: ${policies},
});
`;

const KEYS = '{ keys: { alice: { secret: secret.env("ALICE_KEY") }, bob: { secret: secret.env("BOB_KEY") } } }';
const GROQ = "groq/llama-3.3-70b-versatile";
const GPT = "openai/gpt-5";

let openai: Vendor;
let groq: Vendor;
let gateway: GatewayProcess;

beforeAll(async () => {
  openai = new Vendor("openai");
  groq = new Vendor("groq");
  gateway = await startGateway(configOf(openai, groq, KEYS), { env });
});

afterAll(async () => {
  await gateway.stop();
  openai.upstream.stop();
  groq.upstream.stop();
});

const clientOf = (key: string, at = gateway.url, below = "/v1"): OpenAI =>
  new OpenAI({ apiKey: key, baseURL: `${at}${below}`, maxRetries: 0 });
const alice = (below?: string): OpenAI => clientOf(env.ALICE_KEY, gateway.url, below);
const bob = (): OpenAI => clientOf(env.BOB_KEY);

async function failureOf(
  promise: Promise<unknown>,
): Promise<{ status: number | undefined; code: unknown; message: string; type: unknown }> {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof OpenAI.APIError)) throw new Error(`No APIError: ${error}`);
  const { status, code, message, type } = error;
  return { status: status as number | undefined, code, message, type };
}

const texts = (messages: unknown): unknown[] =>
  (messages as { role: string; content: unknown }[]).map(
    ({ role, content }) =>
      `${role}: ${typeof content === "string" ? content : (content as { text: string }[]).map(({ text }) => text).join()}`,
  );

describe.each([false, true])("an answer of a provider that keeps none (stream: %p)", (stream) => {
  const ask = async (client: OpenAI, more: object): Promise<OpenAI.Responses.Response> => {
    if (!stream) return await client.responses.create({ model: GROQ, ...more } as OpenAI.Responses.ResponseCreateParamsNonStreaming);
    const events = await client.responses.create({ model: GROQ, ...more, stream: true } as OpenAI.Responses.ResponseCreateParamsStreaming);
    for await (const event of events) if (event.type === "response.completed") return event.response;
    throw new Error("The stream has no end.");
  };

  test("is gone on from by its name, turn after turn", async () => {
    const first = await ask(alice(), { input: "One", instructions: "Be brief." });
    expect(first).toHaveProperty("store", true);
    const second = await ask(alice(), { input: [{ role: "user", content: "Two" }], previous_response_id: first.id });
    expect(second.previous_response_id).toBe(first.id);
    const third = await ask(alice(), { input: "Three", previous_response_id: second.id });
    expect(third.output[0]).toMatchObject({ content: [{ text: "groq heard 5" }] });
    // Instructions are of one request alone.
    expect(texts((groq.upstream.requests.at(-1)!.json as { messages: unknown }).messages)).toEqual([
      "user: One",
      "assistant: groq heard 2",
      "user: Two",
      "assistant: groq heard 3",
      "user: Three",
    ]);
  });

  test("is gone on from at another provider", async () => {
    const first = await ask(alice(), { input: "One" });
    const second = await alice().responses.create({ model: GPT, input: "Two", previous_response_id: first.id });
    expect(second.output_text).toBe("openai heard 3");
    const sent = openai.upstream.requests.at(-1)!.json as { input: object[]; previous_response_id?: string };
    expect(sent.previous_response_id).toBeUndefined();
    // Names that another one gave would only be refused.
    expect(sent.input.some((item) => "id" in item)).toBeFalse();
    // And from there both know it.
    expect((await alice().responses.create({ model: GPT, input: "Three", previous_response_id: second.id })).output_text).toBe(
      "openai heard 1 more",
    );
    expect((await alice().responses.create({ model: GROQ, input: "Three", previous_response_id: second.id })).output_text).toBe(
      "groq heard 5",
    );
  });

  test("is gone on from by the names of its items", async () => {
    const first = await ask(alice(), { input: "One" });
    const itemId = first.output[0]!.id!;
    await ask(alice(), {
      input: [
        { role: "user", content: "One" },
        { type: "item_reference", id: itemId },
        { role: "user", content: "Two" },
      ],
    });
    expect(texts((groq.upstream.requests.at(-1)!.json as { messages: unknown }).messages)).toEqual([
      "user: One",
      "assistant: groq heard 1",
      "user: Two",
    ]);
    const strange = ask(bob(), { input: [{ type: "item_reference", id: itemId }] });
    expect(await failureOf(strange)).toMatchObject({ status: 400, code: "previous_response_not_found" });
  });

  test("is fetched, listed and deleted by its owner", async () => {
    const first = await ask(alice(), { input: "One" });
    const second = await ask(alice(), {
      input: [{ role: "user", content: [{ type: "input_text", text: "Two" }] }],
      previous_response_id: first.id,
    });
    for (const client of [alice(), alice("/api/v1"), alice("/v1/providers/groq")]) {
      const { output_text, ...got } = await client.responses.retrieve(second.id);
      expect(got).toMatchObject({ id: second.id, status: "completed", output: second.output, previous_response_id: first.id });
      expect(output_text).toBe("groq heard 3");
    }
    expect(await failureOf(alice("/v1/providers/openai").responses.retrieve(second.id))).toMatchObject({ status: 404 });
    const all = await alice().responses.inputItems.list(second.id, { order: "asc" });
    expect(all.data.map((item) => (item as { content: { text: string }[] }).content[0]!.text)).toEqual(["One", "groq heard 1", "Two"]);
    expect(all.data.every((item) => typeof item.id === "string")).toBeTrue();
    const latest = await alice().responses.inputItems.list(second.id, { limit: 1 });
    expect(latest).toMatchObject({ has_more: true, data: [{ role: "user", content: [{ type: "input_text", text: "Two" }] }] });
    const rest: unknown[] = [];
    for await (const item of alice().responses.inputItems.list(second.id, { limit: 1 })) rest.push(item);
    expect(rest).toEqual(all.data.toReversed());
    await alice().responses.delete(second.id);
    expect(await failureOf(alice().responses.retrieve(second.id))).toMatchObject({ status: 404 });
    expect(await failureOf(ask(alice(), { input: "x", previous_response_id: second.id }))).toMatchObject({
      status: 400,
      code: "previous_response_not_found",
    });
    await ask(alice(), { input: "x", previous_response_id: first.id });
  });

  test("is nobody else's, and nobody can tell that it is there", async () => {
    const { id } = await ask(alice(), { input: "One" });
    const never = `${id.slice(0, -1)}~`.replace("~", id.endsWith("0") ? "1" : "0");
    const like = ({ message, ...rest }: { message: string; [key: string]: unknown }, name: string): object => ({
      ...rest,
      message: message.replace(name, ""),
    });
    for (const ways of [
      (name: string) => bob().responses.retrieve(name),
      (name: string) => bob().responses.delete(name),
      (name: string) => bob().responses.cancel(name),
      (name: string) => bob().responses.inputItems.list(name),
      (name: string) => ask(bob(), { input: "x", previous_response_id: name }),
      (name: string) => bob().responses.create({ model: GPT, input: "x", previous_response_id: name }),
    ]) {
      expect(like(await failureOf(Promise.resolve(ways(id))), id)).toEqual(like(await failureOf(Promise.resolve(ways(never))), never));
    }
    expect((await alice().responses.retrieve(id)).id).toBe(id);
  });

  test("is not kept if the client says so", async () => {
    const answer = await ask(alice(), { input: "One", store: false });
    expect(answer).toHaveProperty("store", false);
    expect(await failureOf(alice().responses.retrieve(answer.id))).toMatchObject({ status: 404 });
    expect(await failureOf(ask(alice(), { input: "Two", previous_response_id: answer.id }))).toMatchObject({ status: 400 });
  });
});

describe.each([false, true])("an answer of the provider that keeps them (stream: %p)", (stream) => {
  const ask = async (client: OpenAI, more: object): Promise<OpenAI.Responses.Response> => {
    if (!stream) return client.responses.create({ model: GPT, ...more } as OpenAI.Responses.ResponseCreateParamsNonStreaming);
    const events = await client.responses.create({ model: GPT, ...more, stream: true } as OpenAI.Responses.ResponseCreateParamsStreaming);
    for await (const event of events) if (event.type === "response.completed") return event.response;
    throw new Error("The stream has no end.");
  };

  test("is gone on from there, as it was sent, also where another would be asked first", async () => {
    const first = await ask(alice(), { input: "One" });
    const second = await ask(alice(), { model: "combo:both", input: "Two", previous_response_id: first.id });
    expect(second.output.at(-1)).toMatchObject({ content: [{ text: "openai heard 1 more" }] });
    expect(openai.upstream.requests.at(-1)!.json).toMatchObject({ input: "Two", previous_response_id: first.id });
    const elsewhere = await failureOf(ask(alice(), { model: GROQ, input: "Two", previous_response_id: first.id }));
    expect(elsewhere).toMatchObject({ status: 400, code: "previous_response_not_found" });
    expect(elsewhere.message).toContain('only provider "openai" keeps it');
  });

  test("is fetched, listed and deleted there", async () => {
    const { id } = await ask(alice(), { input: "One" });
    expect((await alice().responses.retrieve(id)).output).toHaveLength(2);
    const list = await alice().responses.inputItems.list(id, { limit: 3, order: "asc" });
    expect((list as unknown as { body: { query: string } }).body.query).toBe("limit=3&order=asc");
    const seen = openai.upstream.requests.at(-1)!;
    expect([seen.method, seen.headers.get("authorization")]).toEqual(["GET", `Bearer ${env.UPSTREAM_KEY}`]);
    const before = openai.upstream.requests.length;
    expect(await failureOf(Promise.resolve(bob().responses.retrieve(id)))).toMatchObject({ status: 404 });
    expect(await failureOf(Promise.resolve(bob().responses.delete(id)))).toMatchObject({ status: 404 });
    expect(await failureOf(ask(bob(), { input: "Two", previous_response_id: id }))).toMatchObject({ status: 400 });
    expect(openai.upstream.requests.length).toBe(before);
    await alice().responses.delete(id);
    expect(openai.kept.has(id)).toBeFalse();
    expect(await failureOf(alice().responses.retrieve(id))).toMatchObject({ status: 404 });
  });
});

describe("a shorter conversation", () => {
  test("is made by whoever can", async () => {
    const first = await alice().responses.create({ model: GROQ, input: "One" });
    const shorter = await alice().responses.compact({ model: "combo:both" as "gpt-5.4", input: "Two", previous_response_id: first.id });
    expect(shorter.object).toBe("response.compaction");
    const seen = openai.upstream.requests.at(-1)!;
    expect(seen.path).toEndWith("/responses/compact");
    expect((seen.json as { input: unknown[] }).input).toHaveLength(3);
  });

  test("is refused where nobody can", async () => {
    const refused = await failureOf(alice().responses.compact({ model: GROQ as "gpt-5.4", input: "Two" }));
    expect(refused).toMatchObject({ status: 400, code: "invalid_request" });
  });
});

describe("what the operator says", () => {
  test("`always`: a conversation goes on at another provider than the one that keeps it", async () => {
    await using own = await startGateway(configOf(openai, groq, '{ responses: { keep: "always" } }'), { env });
    const client = clientOf("any", own.url);
    const first = await client.responses.create({ model: GPT, input: "One" });
    const second = await client.responses.create({ model: GROQ, input: "Two", previous_response_id: first.id });
    expect(second.output_text).toBe("groq heard 3");
  }, 20_000);

  test("`never`: nothing is kept, and answers say so", async () => {
    await using own = await startGateway(configOf(openai, groq, '{ responses: { keep: "never" } }'), { env });
    const client = clientOf("any", own.url);
    const first = await client.responses.create({ model: GROQ, input: "One" });
    expect(first).toHaveProperty("store", false);
    expect(await failureOf(client.responses.retrieve(first.id))).toMatchObject({ status: 404 });
  }, 20_000);

  test("without keys a name from before a restart is looked for at the one provider that can have it", async () => {
    await using own = await startGateway(configOf(openai, groq, "{}"), { env });
    openai.kept.set("resp_old", responsesAnswer("resp_old", "old"));
    const client = clientOf("any", own.url);
    expect((await client.responses.retrieve("resp_old")).output_text).toBe("old");
    expect((await client.responses.create({ model: GPT, input: "Two", previous_response_id: "resp_old" })).output_text).toBe(
      "openai heard 1 more",
    );
  }, 20_000);

  test("`persist`: answers are found again after a restart", async () => {
    const folder = mkdtempSync(join(tmpdir(), "omni-kept-"));
    const config = `${configOf(openai, groq, `{ responses: { persist: true }, ${KEYS.slice(1)}`).replace("policies:", `ledger: { folder: ${JSON.stringify(folder)} },\n  policies:`)}`;
    try {
      let ids: string[] = [];
      {
        const own = await startGateway(config, { env });
        const client = clientOf(env.ALICE_KEY, own.url);
        ids = [
          await client.responses.create({ model: GROQ, input: "One" }),
          await client.responses.create({ model: GPT, input: "One" }),
        ].map(({ id }) => id);
        own.process.kill("SIGTERM");
        await own.process.exited;
      }
      await using own = await startGateway(config, { env });
      const client = clientOf(env.ALICE_KEY, own.url);
      expect((await client.responses.create({ model: GROQ, input: "Two", previous_response_id: ids[0]! })).output_text).toBe(
        "groq heard 3",
      );
      expect((await client.responses.create({ model: GPT, input: "Two", previous_response_id: ids[1]! })).output_text).toBe(
        "openai heard 1 more",
      );
      expect(await failureOf(clientOf(env.BOB_KEY, own.url).responses.retrieve(ids[1]!))).toMatchObject({ status: 404 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 30_000);
});
