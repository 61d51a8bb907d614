import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cacheWishOf } from "../../src/gateway/cache-control.ts";
import { ANONYMOUS, type Caller } from "../../src/policies/caller.ts";
import { Rights } from "../../src/policies/rights.ts";
import type { NetworkRequest } from "../../src/world/network.ts";
import { type AskOptions, type Carried, Client, carry, delta, END, errorOf, planOf, Source, SSE, WHOLE } from "./carried.ts";

const JSON_TYPE = { "content-type": "application/json" };
const whole = (): Response => new Response(WHOLE, { headers: JSON_TYPE });
const callerOf = (keyId: string, more: Partial<Caller> = {}): Caller => ({ ...ANONYMOUS, keyId, keyName: keyId, ...more });
const CACHED = planOf({ policies: { cache: {} }, combos: { smart: { chat: ["a/m", "b/m"] } } });

type Asked = Awaited<ReturnType<Carried["ask"]>>;
const textOf = (reply: Asked): Promise<string> => new Response(reply.body as Uint8Array<ArrayBuffer>).text();
const cacheOf = ({ headers }: Asked): string | undefined => headers["x-omni-cache"];

describe("an answer", () => {
  test("is given again to an equal request, and no provider is asked", async () => {
    const { ask, asked, world, settlements } = await carry(CACHED, whole);
    const first = await ask("a/m");
    await world.clock.advance(5_500);
    const second = await ask("a/m");
    expect([cacheOf(first), cacheOf(second), second.headers["age"]]).toEqual(["miss", "hit", "5"]);
    expect(await textOf(second)).toBe(await textOf(first));
    expect(second.headers["x-omni-request-id"]).not.toBe(first.headers["x-omni-request-id"]);
    expect(second.headers).toMatchObject({ "x-omni-target": "a/m", "x-omni-attempts": "0" });
    expect([asked, settlements.map(({ cache }) => cache)]).toEqual([["a"], ["miss", "hit"]]);
  });

  test("that is a stream is given again as one, byte for byte", async () => {
    const { ask, asked } = await carry(CACHED, () => new Response(delta("he") + delta("y") + END, { headers: SSE }));
    const first = await textOf(await ask("a/m", { stream: true }));
    const second = await ask("a/m", { stream: true });
    expect([await textOf(second), cacheOf(second)]).toEqual([first, "hit"]);
    expect(second.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(first).toEndWith("data: [DONE]\n\n");
    expect(asked).toHaveLength(1);
  });

  test("is the same whatever order the members of the body stand in", async () => {
    const { ask, asked } = await carry(CACHED, whole);
    await ask("a/m", { body: { temperature: 0, seed: 1 } });
    expect(cacheOf(await ask("a/m", { body: { seed: 1, temperature: 0 } }))).toBe("hit");
    expect(asked).toHaveLength(1);
  });

  test("is not given again when its time is over", async () => {
    const { ask, world } = await carry(planOf({ policies: { cache: { ttl: "1m" } } }), whole);
    await ask("a/m");
    await world.clock.advance(60_000);
    expect(cacheOf(await ask("a/m"))).toBe("miss");
  });

  test("is not given again under another configuration", async () => {
    const { ask, gateway } = await carry(CACHED, whole);
    await ask("a/m");
    await gateway.adopt(planOf({ policies: { cache: {} }, aliases: { x: "a/m" } }), async () => "secret");
    expect(cacheOf(await ask("a/m"))).toBe("miss");
  });

  test("of a name that the cache is not for passes by", async () => {
    const { ask } = await carry(planOf({ policies: { cache: { models: ["b/*"] } } }), whole);
    expect([cacheOf(await ask("a/m")), cacheOf(await ask("b/m"))]).toEqual(["bypass", "miss"]);
  });

  test.each([{ previous_response_id: "r" }, { conversation: "c" }, { background: true }])("to %j passes by", async (body) => {
    const { ask } = await carry(CACHED, whole);
    expect(cacheOf(await ask("a/m", { body }))).toBe("bypass");
  });

  test("says nothing of a cache where there is none", async () => {
    const { ask, asked } = await carry(planOf({}), whole);
    expect(cacheOf(await ask("a/m"))).toBeUndefined();
    await ask("a/m");
    expect(asked).toHaveLength(2);
  });
});

describe("what is never kept", () => {
  const cases: { claim: string; answer: (request: NetworkRequest) => Response; stream?: true }[] = [
    { claim: "a refusal", answer: () => new Response('{"error":{"message":"no"}}', { status: 400, headers: JSON_TYPE }) },
    { claim: "a failure", answer: () => new Response("{}", { status: 500, headers: JSON_TYPE }) },
    { claim: "a 200 that holds an error", answer: () => new Response('{"error":{"message":"no"}}', { headers: JSON_TYPE }) },
    { claim: "a 200 without a choice", answer: () => new Response('{"id":"c","choices":[]}', { headers: JSON_TYPE }) },
    { claim: "an answer that is cut off", answer: () => new Response(WHOLE.slice(0, 60), { headers: JSON_TYPE }) },
    { claim: "a stream that breaks off", answer: () => new Response(delta("hey"), { headers: SSE }), stream: true },
    {
      claim: "a stream with an error in it",
      answer: () => new Response(`${delta("hey")}data: {"error":{"message":"no"}}\n\n`, { headers: SSE }),
      stream: true,
    },
  ];
  test.each(cases)("$claim", async ({ answer, stream = false }) => {
    let count = 0;
    const { ask, asked, world } = await carry(CACHED, (_, request) => {
      if (count++ === 0) return answer(request);
      return stream ? new Response(delta("hey") + END, { headers: SSE }) : whole();
    });
    const first = await ask("a/m", { stream });
    if (first.body instanceof ReadableStream) {
      const client = new Client(first);
      await world.clock.advance(1_000);
      expect(client.outcome).toBe("broken");
    } else expect(first.status).toBeGreaterThanOrEqual(400);
    await world.clock.advance(60_000);
    const second = await ask("a/m", { stream });
    expect([cacheOf(second), asked.length]).toEqual(["miss", 2]);
    await textOf(second);
    expect(cacheOf(await ask("a/m", { stream }))).toBe("hit");
  });

  test("a stream that its client left", async () => {
    const { ask, asked, world, settlements } = await carry(CACHED, (_, request) => new Source(request).write(delta("hey")).response);
    const client = new Client(await ask("a/m", { stream: true }));
    await world.clock.advance(10);
    await client.leave();
    await world.clock.advance(10);
    expect(settlements.map(({ failure }) => failure)).toEqual(["client_closed"]);
    const second = await ask("a/m", { stream: true });
    expect([cacheOf(second), asked.length]).toEqual(["miss", 2]);
    await new Client(second).leave();
  });
});

describe("cache-control", () => {
  test.each([
    { header: "no-store", seen: ["bypass", "miss"] },
    { header: "no-cache", seen: ["miss", "hit"] },
    { header: "max-age=0", seen: ["miss", "hit"] },
    { header: "max-age=60", seen: ["hit", "hit"] },
    { header: "private, Max-Age=3", seen: ["miss", "hit"] },
    { header: "no-transform", seen: ["hit", "hit"] },
  ])("$header", async ({ header, seen }) => {
    const { ask, world } = await carry(CACHED, whole);
    if (header !== "no-store") await ask("a/m");
    await world.clock.advance(5_000);
    const asked = await ask("a/m", { headers: { "cache-control": header } });
    expect([cacheOf(asked), cacheOf(await ask("a/m"))]).toEqual([...seen]);
  });

  test("an answer that was asked for with no-cache takes the place of the older one", async () => {
    let count = 0;
    const { ask } = await carry(CACHED, () => new Response(WHOLE.replace('"hi"', `"${++count}"`), { headers: JSON_TYPE }));
    await ask("a/m");
    await ask("a/m", { headers: { "cache-control": "no-cache" } });
    expect(await textOf(await ask("a/m"))).toContain('"content":"2"');
  });

  test("is read as it is written, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const { read, write, ageMsMax } = cacheWishOf(header);
        expect([typeof read, typeof write, ageMsMax >= 0]).toEqual(["boolean", "boolean", true]);
        expect(write || !read).toBe(true);
      }),
    );
  });
});

describe("equal requests at the same time", () => {
  test("are one to the provider, and each gets the whole answer", async () => {
    const gate = Promise.withResolvers<Response>();
    const { ask, asked, settlements } = await carry(CACHED, () => gate.promise);
    const asking = Array.from({ length: 5 }, () => ask("a/m"));
    await new Promise((resolve) => setImmediate(resolve));
    gate.resolve(whole());
    const replies = await Promise.all(asking);
    expect(await Promise.all(replies.map(textOf))).toEqual(Array.from({ length: 5 }, () => WHOLE));
    expect(replies.map(cacheOf)).toEqual(["miss", "hit", "hit", "hit", "hit"]);
    expect(new Set(replies.map(({ headers }) => headers["x-omni-request-id"])).size).toBe(5);
    expect([asked.length, settlements.length]).toEqual([1, 5]);
  });

  test("one stream goes to all of them, whenever they come", async () => {
    let source!: Source;
    const { ask, asked, world, settlements } = await carry(CACHED, (_, request) => {
      source = new Source(request);
      return source.response;
    });
    const asking = ask("a/m", { stream: true });
    await world.clock.advance(1);
    source.write(delta("one"));
    const first = new Client(await asking);
    await world.clock.advance(1);
    const second = new Client(await ask("a/m", { stream: true }));
    await world.clock.advance(1);
    expect(second.text).toBe(first.text);
    source.write(delta("two") + END).end();
    await world.clock.advance(1);
    expect([first.outcome, second.outcome, second.text]).toEqual(["ended", "ended", first.text]);
    expect([asked.length, settlements.map(({ failure }) => failure)]).toEqual([1, [undefined, undefined]]);
  });

  test.each([
    { claim: "the first", leaving: 0, staying: 1 },
    { claim: "a later one", leaving: 1, staying: 0 },
  ])("when $claim leaves, the other still gets all of it", async ({ leaving, staying }) => {
    let source!: Source;
    const { ask, world, asked, settlements } = await carry(CACHED, (_, request) => {
      source = new Source(request);
      return source.response;
    });
    const aborts = [new AbortController(), new AbortController()];
    const asking = aborts.map(({ signal }) => ask("a/m", { stream: true, signal }));
    await world.clock.advance(1);
    source.write(delta("one"));
    const clients = (await Promise.all(asking)).map((reply) => new Client(reply));
    await world.clock.advance(1);
    aborts[leaving]!.abort();
    await clients[leaving]!.leave();
    source.write(delta("two") + END).end();
    await world.clock.advance(1);
    expect(clients[staying]!).toMatchObject({ outcome: "ended", text: expect.stringContaining("[DONE]") });
    expect(source.released).toBe(false);
    expect(cacheOf(await ask("a/m", { stream: true }))).toBe("hit");
    expect([asked.length, settlements.length]).toEqual([1, 3]);
  });

  test("whole answers as well", async () => {
    const gate = Promise.withResolvers<Response>();
    const { ask, asked } = await carry(CACHED, () => gate.promise);
    const abort = new AbortController();
    const [first, second] = [ask("a/m", { signal: abort.signal }), ask("a/m")];
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect(errorOf(await first).code).toBe("client_closed");
    gate.resolve(whole());
    expect([await textOf(await second), asked.length]).toEqual([WHOLE, 1]);
  });

  test("when all have left, the provider is let go", async () => {
    let source!: Source;
    const { ask, world, settlements, gateway } = await carry(CACHED, (_, request) => {
      source = new Source(request).write(delta("one"));
      return source.response;
    });
    const clients = await Promise.all([ask("a/m", { stream: true }), ask("a/m", { stream: true })]);
    for (const reply of clients) await new Client(reply).leave();
    await world.clock.advance(1);
    expect([source.released, gateway.pending, settlements.map(({ failure }) => failure)]).toEqual([
      true,
      0,
      ["client_closed", "client_closed"],
    ]);
  });

  test("when all have left before there was an answer, the provider is let go as well", async () => {
    let isAborted = false;
    const { ask, world, gateway } = await carry(CACHED, (_, { signal }) => {
      signal.addEventListener("abort", () => (isAborted = true));
      return new Promise<never>(() => {});
    });
    const aborts = [new AbortController(), new AbortController()];
    const asking = aborts.map(({ signal }) => ask("a/m", { signal }));
    await world.clock.advance(1);
    for (const abort of aborts) abort.abort();
    expect((await Promise.all(asking)).map((reply) => errorOf(reply).code)).toEqual(["client_closed", "client_closed"]);
    await world.clock.advance(1);
    expect([isAborted, gateway.pending]).toEqual([true, 0]);
  });

  test("a failure goes to all of them, each with its own name, and none is kept", async () => {
    const gate = Promise.withResolvers<Response>();
    const { ask, asked, gateway } = await carry(CACHED, () => gate.promise);
    const asking = [ask("a/m"), ask("a/m")];
    await new Promise((resolve) => setImmediate(resolve));
    gate.resolve(new Response('{"error":{"message":"no"}}', { status: 400, headers: JSON_TYPE }));
    const replies = await Promise.all(asking);
    expect(replies.map(({ status }) => status)).toEqual([400, 400]);
    expect(new Set(replies.map(({ headers }) => headers["x-omni-request-id"])).size).toBe(2);
    expect([asked.length, gateway.pending]).toEqual([1, 0]);
  });

  test("a client that does not read keeps nobody else waiting", async () => {
    const pieces = Array.from({ length: 50 }, (_, at) => delta(`${at} ${"x".repeat(50)}`));
    const { ask, world } = await carry(CACHED, () => new Response(pieces.join("") + END, { headers: SSE }));
    const [lazy, eager] = await Promise.all([ask("a/m", { stream: true }), ask("a/m", { stream: true })]);
    const reading = new Client(eager!);
    await world.clock.advance(1);
    expect(reading.outcome).toBe("ended");
    expect(await textOf(lazy!)).toBe(reading.text);
  });
});

describe("who shares", () => {
  const team = (keyId: string, name: string, organisation?: string) => callerOf(keyId, { team: name, organisation });
  const cases: { per: "key" | "team" | "organisation" | "all"; first: AskOptions; second: AskOptions; hit: boolean }[] = [
    { per: "key", first: { caller: callerOf("a") }, second: { caller: callerOf("a") }, hit: true },
    { per: "key", first: { caller: callerOf("a") }, second: { caller: callerOf("b") }, hit: false },
    { per: "key", first: { address: "192.0.2.1" }, second: { address: "192.0.2.2" }, hit: false },
    { per: "team", first: { caller: team("a", "x") }, second: { caller: team("b", "x") }, hit: true },
    { per: "team", first: { caller: team("a", "x") }, second: { caller: team("b", "y") }, hit: false },
    { per: "team", first: { caller: team("a", "x", "o") }, second: { caller: team("b", "x", "p") }, hit: false },
    { per: "team", first: { caller: callerOf("x") }, second: { caller: team("b", "x") }, hit: false },
    { per: "team", first: { caller: callerOf("a") }, second: { caller: callerOf("b") }, hit: false },
    { per: "organisation", first: { caller: team("a", "x", "o") }, second: { caller: team("b", "y", "o") }, hit: true },
    { per: "organisation", first: { caller: team("a", "x", "o") }, second: { caller: team("b", "x", "p") }, hit: false },
    { per: "all", first: { caller: callerOf("a") }, second: { caller: callerOf("b") }, hit: true },
  ];
  test.each(cases)("per $per: $first.caller.keyId and $second.caller.keyId: $hit", async ({ per, first, second, hit }) => {
    const { ask } = await carry(planOf({ policies: { cache: { per } } }), whole);
    await ask("a/m", first);
    expect(cacheOf(await ask("a/m", second))).toBe(hit ? "hit" : "miss");
  });

  test("nobody gets an answer that was not looked at by the guardrails that are for the key", async () => {
    const told = WHOLE.replace('"hi"', '"write to jane@example.com"');
    const guardrails = { mail: { type: "pii", on: "output", action: "redact", detect: ["email"], for: { keys: ["careful"] } } } as const;
    const plan = planOf({ policies: { cache: { per: "all" }, guardrails } });
    const { ask } = await carry(plan, () => new Response(told, { headers: JSON_TYPE }));
    const free = await ask("a/m", { caller: callerOf("free") });
    const careful = await ask("a/m", { caller: callerOf("careful") });
    expect([cacheOf(careful), (await textOf(free)).includes("jane@"), (await textOf(careful)).includes("jane@")]).toEqual([
      "miss",
      true,
      false,
    ]);
    expect(await textOf(await ask("a/m", { caller: callerOf("other") }))).toContain("jane@");
  });

  test("nobody gets an answer of a provider that the key has no right to", async () => {
    const { ask, asked } = await carry(planOf({ policies: { cache: { per: "all" } }, combos: { smart: { chat: ["a/m", "b/m"] } } }), whole);
    await ask("smart", { caller: callerOf("rich") });
    const poor = callerOf("poor", { rights: new Rights({ providers: ["b"] }) });
    const second = await ask("smart", { caller: poor });
    expect([cacheOf(second), second.headers["x-omni-target"], asked]).toEqual(["miss", "b/m", ["a", "b"]]);
  });
});

describe("the key", () => {
  /** Fields that change an answer, by values that they may have. Absent is one of them. */
  const FIELDS = {
    temperature: [undefined, 0, 1],
    top_p: [undefined, 1, 0.5],
    seed: [undefined, 1, 2, 9007199254740991],
    max_tokens: [undefined, 10, 20],
    stop: [undefined, "a", ["a"], ["b"]],
    tools: [undefined, [], [{ type: "function", function: { name: "f" } }], [{ type: "function", function: { name: "g" } }]],
    tool_choice: [undefined, "auto", "none"],
    response_format: [undefined, { type: "text" }, { type: "json_object" }],
    reasoning_effort: [undefined, "low", "high"],
    user: [undefined, "u", "v"],
    n: [undefined, 1, 2],
    logprobs: [undefined, true, false],
    stream_options: [undefined, { include_usage: true }],
    messages: [
      [{ role: "user", content: "hi" }],
      [{ role: "user", content: "hi " }],
      [{ role: "system", content: "hi" }],
      [
        { role: "user", content: "h" },
        { role: "user", content: "i" },
      ],
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] }],
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAB" } }] }],
    ],
  } as const;
  const body = fc.record(Object.fromEntries(Object.entries(FIELDS).map(([name, values]) => [name, fc.constantFrom<unknown>(...values)])));
  const question = fc.record({
    body,
    model: fc.constantFrom("a/m", "b/m", "smart"),
    stream: fc.boolean(),
    keyId: fc.constantFrom("a", "b"),
    beta: fc.constantFrom("", "one"),
  });

  test("two requests share an answer exactly when nothing in them differs", async () => {
    await fc.assert(
      fc.asyncProperty(question, question, fc.boolean(), async (one, drawn, isSame) => {
        const two = isSame ? one : drawn;
        const { ask, asked } = await carry(CACHED, (_, { body: sent }) => {
          const { stream } = JSON.parse(Buffer.from(sent!).toString()) as { stream: boolean };
          return stream ? new Response(delta("hey") + END, { headers: SSE }) : whole();
        });
        for (const { body: fields, model, stream, keyId, beta } of [one, two]) {
          const headers: Record<string, string> = beta === "" ? {} : { "openai-organization": beta };
          await textOf(await ask(model, { body: fields, stream, caller: callerOf(keyId), headers }));
        }
        const meaning = (asking: typeof one): string => JSON.stringify({ ...asking, beta: undefined });
        // Headers that go on to no provider change nothing.
        expect(asked.length).toBe(meaning(one) === meaning(two) ? 1 : 2);
      }),
      { numRuns: 150 },
    );
  });

  test("a header that decides between targets is part of it", async () => {
    const plan = planOf({
      policies: { cache: {} },
      combos: { tiers: { strategy: "conditional", chat: [{ to: "a/m", when: { headers: { "x-tier": "gold" } } }, "b/m"] } },
    });
    const { ask, asked } = await carry(plan, whole);
    await ask("tiers", { headers: { "x-tier": "gold" } });
    await ask("tiers");
    await ask("tiers", { headers: { "x-tier": "gold" } });
    expect(asked).toEqual(["a", "b"]);
  });
});
