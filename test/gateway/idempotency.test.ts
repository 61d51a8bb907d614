import { describe, expect, test } from "bun:test";
import type { Received, Reply } from "../../src/gateway/gateway.ts";
import { Idempotency } from "../../src/gateway/idempotency.ts";
import type { OmniError } from "../../src/ir/failure.ts";
import { BoundedStore } from "../../src/store/bounded-store.ts";
import { openaiChat } from "../../src/wire/openai-chat/index.ts";
import { ManualClock } from "../../src/world/simulated.ts";
import { ANONYMOUS, type Caller } from "../../src/policies/caller.ts";
import type { NetworkRequest } from "../../src/world/network.ts";
import { type AskOptions, Client, type Carried, carry, delta, END, errorOf, planOf, Source, SSE, WHOLE } from "./carried.ts";

const JSON_TYPE = { "content-type": "application/json" };
const whole = (): Response => new Response(WHOLE, { headers: JSON_TYPE });
const callerOf = (keyId: string): Caller => ({ ...ANONYMOUS, keyId, keyName: keyId });
const KEYED = { headers: { "idempotency-key": "k1" } };

async function textOf(reply: Awaited<ReturnType<Carried["ask"]>>): Promise<string> {
  return new Response(reply.body as Uint8Array<ArrayBuffer>).text();
}

describe("a request with an Idempotency-Key", () => {
  test("is answered once; the second time it gets the same answer, and nobody is asked", async () => {
    const { ask, asked } = await carry(planOf({}), whole);
    const first = await ask("a/m", KEYED);
    const second = await ask("a/m", KEYED);
    expect(await textOf(second)).toBe(await textOf(first));
    expect([first.headers["idempotent-replayed"], second.headers["idempotent-replayed"]]).toEqual([undefined, "true"]);
    expect(second.headers).toEqual({ ...first.headers, "idempotent-replayed": "true" });
    expect(asked).toEqual(["a"]);
  });

  test("a stream is given again as a stream, byte for byte", async () => {
    const { ask, asked } = await carry(planOf({}), () => new Response(delta("he") + delta("y") + END, { headers: SSE }));
    const first = await textOf(await ask("a/m", { ...KEYED, stream: true }));
    const second = await ask("a/m", { ...KEYED, stream: true });
    expect(await textOf(second)).toBe(first);
    expect(first).toContain('"content":"he"');
    expect(second.headers).toMatchObject({ "content-type": "text/event-stream; charset=utf-8", "idempotent-replayed": "true" });
    expect(asked).toEqual(["a"]);
  });

  test.each<{ claim: string; other: AskOptions & { model?: string } }>([
    { claim: "another question", other: { body: { messages: [] } } },
    { claim: "another model", other: { model: "b/m" } },
    { claim: "a stream instead", other: { stream: true } },
  ])("with $claim under the same key is refused", async ({ other: { model = "a/m", ...other } }) => {
    const { ask, asked } = await carry(planOf({}), whole);
    await ask("a/m", KEYED);
    const second = await ask(model, { ...KEYED, ...other });
    expect([second.status, errorOf(second).code]).toEqual([422, "idempotency_mismatch"]);
    expect(asked).toEqual(["a"]);
  });

  test("that is being answered is refused, and told when to ask again", async () => {
    const gate = Promise.withResolvers<Response>();
    const { ask, asked } = await carry(planOf({}), () => gate.promise);
    const first = ask("a/m", KEYED);
    const second = await ask("a/m", KEYED);
    expect([second.status, errorOf(second).code, second.headers["retry-after"]]).toEqual([409, "idempotency_in_flight", "1"]);
    const other = await ask("a/m", { ...KEYED, body: { messages: [] } });
    expect(errorOf(other).code).toBe("idempotency_mismatch");
    gate.resolve(whole());
    expect((await first).status).toBe(200);
    expect((await ask("a/m", KEYED)).headers["idempotent-replayed"]).toBe("true");
    expect(asked).toEqual(["a"]);
  });

  test("is under way until its stream has come to its end", async () => {
    let source: Source | undefined;
    const { ask } = await carry(planOf({}), (_, request) => {
      source = new Source(request).write(delta("hey"));
      return source.response;
    });
    const client = new Client(await ask("a/m", { ...KEYED, stream: true }));
    expect((await ask("a/m", { ...KEYED, stream: true })).status).toBe(409);
    source!.write(END).end();
    while (client.outcome === "open") await new Promise((resolve) => setImmediate(resolve));
    expect((await ask("a/m", { ...KEYED, stream: true })).headers["idempotent-replayed"]).toBe("true");
  });

  const cases: { claim: string; first: (request: NetworkRequest) => Response; again: boolean }[] = [
    { claim: "a 500", first: () => new Response("{}", { status: 500, headers: JSON_TYPE }), again: true },
    { claim: "a 503", first: () => new Response("{}", { status: 503, headers: JSON_TYPE }), again: true },
    { claim: "a 429", first: () => new Response("{}", { status: 429, headers: { ...JSON_TYPE, "retry-after": "0" } }), again: true },
    { claim: "a 401", first: () => new Response("{}", { status: 401, headers: JSON_TYPE }), again: true },
    { claim: "a 200 that holds an error", first: () => new Response('{"error":{"message":"no"}}', { headers: JSON_TYPE }), again: true },
    { claim: "a 200 that is cut off", first: () => new Response(WHOLE.slice(0, 40), { headers: JSON_TYPE }), again: true },
    { claim: "a 400", first: () => new Response('{"error":{"message":"no"}}', { status: 400, headers: JSON_TYPE }), again: false },
  ];
  test.each(cases)("asks again after $claim: $again", async ({ first, again }) => {
    let count = 0;
    const { ask, world, asked } = await carry(planOf({ combos: { both: { chat: ["a/m", "b/m"], attempts: 1 } } }), (_, request) =>
      count++ === 0 ? first(request) : whole(),
    );
    const before = await ask("both", KEYED);
    expect(before.status).toBeGreaterThanOrEqual(400);
    await world.clock.advance(60_000);
    const after = await ask("both", KEYED);
    expect([after.status === 200, asked.length]).toEqual([again, again ? 2 : 1]);
    expect(after.headers["idempotent-replayed"]).toBe(again ? undefined : "true");
  });

  test.each([
    { claim: "broke off", end: (source: Source) => source.end(), leave: false },
    { claim: "was abandoned by its client", end: () => {}, leave: true },
  ])("is carried anew when its stream $claim", async ({ end, leave }) => {
    const sources: Source[] = [];
    const { ask, asked, world } = await carry(planOf({}), (_, request) => {
      const source = new Source(request).write(delta("hey"));
      sources.push(source);
      return source.response;
    });
    const client = new Client(await ask("a/m", { ...KEYED, stream: true }));
    await world.clock.advance(10);
    if (leave) await client.leave();
    else end(sources[0]!);
    await world.clock.advance(1_000);
    const again = await ask("a/m", { ...KEYED, stream: true });
    expect([again.status, again.headers["idempotent-replayed"], asked.length]).toEqual([200, undefined, 2]);
    await new Client(again).leave();
  });

  test("is carried anew when its client left before it asked for the body", async () => {
    const { ask, asked, world } = await carry(planOf({}), (_, request) => new Source(request).write(delta("hey")).response);
    const abort = new AbortController();
    await ask("a/m", { ...KEYED, stream: true, signal: abort.signal });
    abort.abort();
    await world.clock.advance(10);
    const again = await ask("a/m", { ...KEYED, stream: true });
    expect([again.status, asked.length]).toEqual([200, 2]);
    await new Client(again).leave();
  });

  test("is not the same as another caller's, nor as a stranger's at another address", async () => {
    const { ask, asked } = await carry(planOf({}), whole);
    for (const who of [{ caller: callerOf("alice") }, { caller: callerOf("bob") }, { address: "192.0.2.1" }, { address: "192.0.2.2" }]) {
      expect((await ask("a/m", { ...KEYED, ...who })).headers["idempotent-replayed"]).toBeUndefined();
      expect((await ask("a/m", { ...KEYED, ...who })).headers["idempotent-replayed"]).toBe("true");
    }
    expect(asked).toHaveLength(4);
  });

  test("is forgotten when its time is over", async () => {
    const { ask, asked, world } = await carry(planOf({ policies: { idempotency: { ttl: "1m" } } }), whole);
    await ask("a/m", KEYED);
    await world.clock.advance(60_000);
    await ask("a/m", KEYED);
    expect(asked).toHaveLength(2);
  });

  test("is kept across a reload", async () => {
    const { ask, asked, gateway } = await carry(planOf({}), whole);
    await ask("a/m", KEYED);
    await gateway.adopt(planOf({ aliases: { x: "a/m" } }), async () => "secret");
    expect((await ask("a/m", KEYED)).headers["idempotent-replayed"]).toBe("true");
    expect(asked).toHaveLength(1);
  });

  test.each(["", "k".repeat(256)])("is refused if the key can not be one", async (key) => {
    const { ask, asked } = await carry(planOf({}), whole);
    const reply = await ask("a/m", { headers: { "idempotency-key": key } });
    expect([reply.status, errorOf(reply).code, asked]).toEqual([400, "invalid_request", []]);
  });

  test("is like any other where that is switched off", async () => {
    const { ask, asked } = await carry(planOf({ policies: { idempotency: { enabled: false } } }), whole);
    await ask("a/m", KEYED);
    expect((await ask("a/m", KEYED)).headers["idempotent-replayed"]).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  test("a long answer passes and is not kept", async () => {
    const long = WHOLE.replace('"hi"', JSON.stringify("x".repeat(20_000)));
    const { ask, asked } = await carry(
      planOf({ policies: { idempotency: { bytesMax: 100_000 } } }),
      () => new Response(long, { headers: JSON_TYPE }),
    );
    expect(await textOf(await ask("a/m", KEYED))).toBe(long);
    expect(await textOf(await ask("a/m", KEYED))).toBe(long);
    expect(asked).toHaveLength(2);
  });
});

describe("a form", () => {
  const form = (boundary: string, text: string): Received => ({
    wire: openaiChat,
    provider: undefined,
    rest: "",
    body: Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n${text}\r\n--${boundary}--\r\n`),
    headers: new Headers({ "content-type": `multipart/form-data; boundary=${boundary}` }),
    caller: ANONYMOUS,
    address: () => "",
    signal: new AbortController().signal,
  });
  const REPLY: Reply = { status: 200, headers: {}, body: new Uint8Array([1]) };

  test("is the same whatever its parts are divided by, and another when a part is", async () => {
    const [once, store] = [new Idempotency(), new BoundedStore({ bytesMax: 1e6, ttlMs: 1e6 }, new ManualClock())];
    const ask = (received: Received): Promise<Reply | string> =>
      once.serve(store, "k", received, async () => REPLY).catch((error: OmniError) => error.kind);
    expect(await ask(form("one", "x"))).toBe(REPLY);
    expect(await ask(form("another", "x"))).toMatchObject({ headers: { "idempotent-replayed": "true" } });
    expect(await ask(form("another", "y"))).toBe("idempotency_mismatch");
  });
});

test("a request without the header is not looked at any further", async () => {
  const { ask, asked } = await carry(planOf({}), whole);
  await ask("a/m");
  await ask("a/m");
  expect(asked).toHaveLength(2);
});
