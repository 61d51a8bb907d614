import { describe, expect, test } from "bun:test";
import { PROVIDERS } from "../../src/providers/index.ts";
import { compile } from "../../src/routing/compile.ts";
import { bridgeOf } from "../../src/wire/bridge.ts";
import { WIRES } from "../../src/wire/index.ts";
import { NetworkError, type NetworkFault } from "../../src/world/network.ts";
import { Client, carry, delta, END, errorOf, planOf, Source, SSE, WHOLE } from "./carried.ts";

const SMART = { combos: { smart: { chat: ["a/m", "b/m"] } } } as const;
const whole = (status = 200, headers: Record<string, string> = {}) =>
  new Response(status === 200 ? WHOLE : "{}", { status, headers: { "content-type": "application/json", ...headers } });
const never = () => new Promise<never>(() => {});

describe("Gateway", () => {
  test("says on every answer who gave it, at which attempt, under which configuration", async () => {
    const { ask, gateway } = await carry(planOf(SMART), () => whole());
    const { status, headers } = await ask("smart");
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "x-omni-target": "a/m", "x-omni-attempts": "1", "x-omni-config": gateway.plan!.hash });
    expect(headers["x-omni-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    { model: "smrt", code: "invalid_model", hint: '"smart"' },
    { model: "a/mm", code: "invalid_model", hint: '"a/m"' },
  ])("refuses the unknown name $model and names what is near", async ({ model, code, hint }) => {
    const { ask, asked } = await carry(planOf(SMART), () => whole());
    const reply = await ask(model);
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toMatchObject({ code, message: expect.stringContaining(hint) });
    expect(asked).toEqual([]);
  });

  test("asks the next target when one fails, and tells health of it", async () => {
    const { ask, asked } = await carry(planOf(SMART), (provider) => (provider === "a" ? whole(500) : whole()));
    for (let i = 0; i < 6; i++) expect((await ask("smart")).headers["x-omni-target"]).toBe("b/m");
    // The fifth failure opened the circuit: the sixth request does not ask `a` any more.
    expect(asked.filter((provider) => provider === "a").length).toBe(5);
  });

  test("shares what was asked among weighted targets by their weights", async () => {
    const plan = planOf({
      combos: {
        split: {
          strategy: "weighted",
          chat: [
            { to: "a/m", weight: 3 },
            { to: "b/m", weight: 1 },
          ],
        },
      },
    });
    const { ask, asked } = await carry(plan, () => whole());
    for (let i = 0; i < 400; i++) await ask("split");
    const share = asked.filter((provider) => provider === "a").length / asked.length;
    expect(share).toBeGreaterThan(0.68);
    expect(share).toBeLessThan(0.82);
  });

  test.each<{ fault: NetworkFault; sent: boolean; code: string; status: number }>([
    { fault: "refused", sent: false, code: "upstream_unreachable", status: 502 },
    { fault: "name-not-found", sent: false, code: "upstream_unreachable", status: 502 },
    { fault: "tls", sent: false, code: "upstream_unreachable", status: 502 },
    { fault: "reset", sent: true, code: "upstream_reset", status: 502 },
    { fault: "invalid-response", sent: true, code: "upstream_invalid", status: 502 },
  ])("tells $fault as $code", async ({ fault, sent, code, status }) => {
    const { ask, world } = await carry(planOf({}), () => Promise.reject(new NetworkError(fault, sent)));
    const asking = ask("a/m");
    await world.clock.advance(5_000);
    const reply = await asking;
    expect(reply.status).toBe(status);
    expect(errorOf(reply).code).toBe(code);
  });

  test("a name for one target shows its provider's failure as it is, and does not try again", async () => {
    const { ask, asked } = await carry(planOf({}), () => whole(500));
    expect((await ask("a/m")).status).toBe(500);
    expect(asked).toEqual(["a"]);
  });

  test("a rate limit is told with when to come back, and until then nobody is asked", async () => {
    const { ask, asked, world } = await carry(planOf({}), () => whole(429, { "retry-after": "20" }));
    const first = await ask("a/m");
    expect([first.status, first.headers["retry-after"]]).toEqual([429, "20"]);
    await world.clock.advance(5_000);
    const second = await ask("a/m");
    expect([second.status, second.headers["retry-after"], errorOf(second).code]).toEqual([429, "15", "rate_limited"]);
    expect(asked.length).toBe(1);
    await world.clock.advance(15_000);
    await ask("a/m");
    expect(asked.length).toBe(2);
  });

  test("an open circuit is 503 circuit_open with when to come back", async () => {
    const { ask } = await carry(planOf({}), () => whole(500));
    for (let i = 0; i < 5; i++) await ask("a/m");
    const reply = await ask("a/m");
    expect([reply.status, errorOf(reply).code]).toEqual([503, "circuit_open"]);
    expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("gives up a target that does not answer in time and goes to the next", async () => {
    const plan = planOf({ combos: { smart: { chat: ["a/m", "b/m"], firstByteTimeout: "8s" } } });
    const { ask, asked, world } = await carry(plan, (provider) => (provider === "a" ? never() : whole()));
    const reply = ask("smart");
    await world.clock.advance(7_999);
    expect(asked).toEqual(["a"]);
    await world.clock.advance(1);
    expect((await reply).headers["x-omni-target"]).toBe("b/m");
  });

  test("all attempts share one deadline", async () => {
    const plan = planOf({ combos: { smart: { chat: ["a/m", "b/m", "c/m"], timeout: "10s", firstByteTimeout: "4s" } } });
    const { ask, asked, world } = await carry(plan, never);
    const reply = ask("smart");
    await world.clock.advance(10_000);
    expect(asked).toEqual(["a", "b", "c"]);
    expect([(await reply).status, errorOf(await reply).code]).toEqual([504, "deadline_exceeded"]);
  });

  test("makes no more attempts than the combo allows", async () => {
    const plan = planOf({ combos: { smart: { chat: ["a/m", "b/m", "c/m"], attempts: 2 } } });
    const { ask, asked } = await carry(plan, () => whole(500));
    await ask("smart");
    expect(asked).toEqual(["a", "b"]);
  });

  test("an answer that is no answer goes to the next target", async () => {
    for (const body of ["", "<html>", '{"choices":[]}', '{"error":{"message":"no"}}', "[]"]) {
      const { ask } = await carry(planOf(SMART), (provider) => (provider === "a" ? new Response(body) : whole()));
      expect((await ask("smart")).headers["x-omni-target"]).toBe("b/m");
    }
  });

  test("a client's own fault is told as the provider tells it, and nobody else is asked", async () => {
    const body = '{"error":{"message":"bad temperature","type":"invalid_request_error","param":"temperature","code":null}}';
    const { ask, asked } = await carry(planOf(SMART), () => new Response(body, { status: 400 }));
    const reply = await ask("smart");
    expect([reply.status, Buffer.from(reply.body as Uint8Array).toString()]).toEqual([400, body]);
    expect(asked).toEqual(["a"]);
  });

  test("exchanges under way keep the plan that they began with", async () => {
    const first = planOf(SMART);
    let source: Source | undefined;
    const { ask, gateway, world } = await carry(first, (_, request) => {
      source = new Source(request);
      return source.response;
    });
    const asking = ask("smart", { stream: true });
    await world.clock.advance(0);
    source!.write(delta("a"));
    const reply = await asking;
    const client = new Client(reply);
    const second = planOf({}, ["z"]);
    await gateway.adopt(second, async () => "secret");
    source!.write(delta("b") + END);
    source!.end();
    await world.clock.advance(0);
    expect(client.text).toBe(delta("a") + delta("b") + END);
    expect(reply.headers["x-omni-config"]).toBe(first.hash);
    expect((await ask("smart")).headers["x-omni-config"]).toBe(second.hash);
  });

  test("a plan whose secret can not be read does not take effect", async () => {
    const plan = planOf({});
    const { gateway } = await carry(plan, () => whole());
    const other = planOf({}, ["z"]);
    const withKey = { ...other, accounts: other.accounts.map((one) => ({ ...one, apiKey: { $secret: "env" as const, name: "NOPE" } })) };
    expect(gateway.adopt(withKey, () => Promise.reject(new Error("not there")))).rejects.toThrow("not there");
    await Bun.sleep(0);
    expect(gateway.plan?.hash).toBe(plan.hash);
  });

  test("a bug of ours is told to nobody but the log", async () => {
    const { ask, mistakes, settlements } = await carry(planOf({}), () => {
      throw new RangeError("secret detail");
    });
    const reply = await ask("a/m");
    expect([reply.status, errorOf(reply).code]).toEqual([500, "internal_error"]);
    expect(errorOf(reply).message).not.toContain("secret detail");
    expect(mistakes.length).toBe(1);
    expect(settlements[0]?.failure).toBe("internal_error");
  });
});

describe("what would be lost on the way", () => {
  const config = (
    onLoss: "warn" | "skip-target" | "error",
    chat: readonly [string, ...string[]] = ["claude/claude-opus-4-5", "a/m"],
  ): Parameters<typeof compile>[0] => ({
    providers: {
      claude: { kind: "anthropic", baseUrl: "http://claude.test/v1", apiKey: { $secret: "env", name: "K" } },
      a: { kind: "openai-compatible", baseUrl: "http://a.test/v1", models: { chat: ["m"] } },
    },
    combos: { smart: { chat, onLoss } },
  });
  const MESSAGE = JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: "hi" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  });
  const answer = (provider: string): Response =>
    provider === "a" ? whole() : new Response(MESSAGE, { headers: { "content-type": "application/json" } });
  const ask = async (onLoss: "warn" | "skip-target" | "error", more: object, chat?: readonly [string, ...string[]]) => {
    const carried = await carry(compile(config(onLoss, chat), { definitions: PROVIDERS, wires: WIRES, bridgeOf }), answer);
    const reply = await carried.ask("smart", { body: more });
    return { ...carried, reply };
  };

  test("is named and left out, unless the combo says otherwise", async () => {
    const { asked, reply } = await ask("warn", { seed: 1 });
    expect([asked, reply.status, reply.headers["x-omni-loss"]]).toEqual([["claude"], 200, "seed"]);
  });

  test("makes the combo go to the next target, and harms nobody's health", async () => {
    const { asked, reply, gateway } = await ask("skip-target", { seed: 1 });
    expect([asked, reply.status, reply.headers["x-omni-loss"], reply.headers["x-omni-target"]]).toEqual([["a"], 200, undefined, "a/m"]);
    expect(gateway.health!.allows(gateway.plan!.targets.find(({ name }) => name === "claude/claude-opus-4-5")!.id, 0)).toBeTrue();
  });

  test("is told where no target would lose nothing", async () => {
    const { asked, reply } = await ask("skip-target", { seed: 1 }, ["claude/claude-opus-4-5"]);
    expect([asked, reply.status, errorOf(reply)]).toMatchObject([
      [],
      400,
      { code: "lossy_translation", message: expect.stringContaining("no place for seed") },
    ]);
  });

  test("is refused at once where the combo says so", async () => {
    const { asked, reply } = await ask("error", { seed: 1, logprobs: true });
    expect([asked, reply.status, errorOf(reply)]).toMatchObject([
      [],
      400,
      { code: "invalid_request", message: expect.stringContaining("seed, logprobs") },
    ]);
  });

  test.each(["skip-target", "error"] as const)("is not the trifles that no answer depends on: %s", async (onLoss) => {
    expect((await ask(onLoss, { user: "u", metadata: { a: "b" } })).asked).toEqual(["claude"]);
  });
});

describe("streams", () => {
  const streaming = async (config: Parameters<typeof planOf>[0] = {}) => {
    const sources: Source[] = [];
    const carried = await carry(planOf(config), (_, request) => {
      const source = new Source(request);
      sources.push(source);
      return source.response;
    });
    return { ...carried, sources };
  };

  test("tell what they used to the gateway's books, and to the client only if it asked", async () => {
    const usage = `data: ${JSON.stringify({ id: "c", choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } })}\n\n`;
    const { ask, settlements } = await carry(planOf(SMART), (_, { body }) => {
      const { stream_options } = JSON.parse(Buffer.from(body!).toString()) as { stream_options?: { include_usage?: boolean } };
      return new Response(`${delta("hi")}${delta("", "stop")}${stream_options?.include_usage ? usage : ""}data: [DONE]\n\n`, {
        headers: SSE,
      });
    });
    const client = new Client(await ask("smart", { stream: true }));
    await Bun.sleep(0);
    expect(client).toMatchObject({ text: delta("hi") + END, outcome: "ended" });
    expect(settlements[0]?.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });

  test("nothing is sent before the first content", async () => {
    const { ask, sources, world } = await streaming();
    let replied = false;
    const reply = ask("a/m", { stream: true }).then((answer) => {
      replied = true;
      return answer;
    });
    await world.clock.advance(0);
    sources[0]!.write(delta(""));
    await world.clock.advance(10);
    expect(replied).toBe(false);
    sources[0]!.write(delta("a"));
    await world.clock.advance(10);
    expect(replied).toBe(true);
    expect((await reply).headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  });

  test("a client that waits is sent something every 15 seconds, before the first content and after", async () => {
    const { ask, sources, world } = await streaming();
    const reply = ask("a/m", { stream: true });
    await world.clock.advance(15_000);
    const client = new Client(await reply);
    await world.clock.advance(20_000);
    expect(client.text).toBe(": keep-alive\n\n: keep-alive\n\n");
    sources[0]!.write(delta("a"));
    await world.clock.advance(14_999);
    expect(client.text.endsWith(delta("a"))).toBe(true);
    await world.clock.advance(1);
    expect(client.text.endsWith(`${delta("a")}: keep-alive\n\n`)).toBe(true);
    sources[0]!.write(END);
    sources[0]!.end();
    await world.clock.advance(0);
    expect(client.outcome).toBe("ended");
  });

  test("while a client is kept waiting, another target may still take over", async () => {
    const { ask, sources, world } = await streaming(SMART);
    const reply = ask("smart", { stream: true });
    await world.clock.advance(15_000);
    const client = new Client(await reply);
    await world.clock.advance(45_000);
    expect(sources.length).toBe(2);
    expect(sources[0]!.released).toBe(true);
    sources[1]!.write(delta("b") + END);
    sources[1]!.end();
    await world.clock.advance(0);
    expect(client.text.replaceAll(": keep-alive\n\n", "")).toBe(delta("b") + END);
    expect(client.outcome).toBe("ended");
  });

  test("a stream that falls silent for a minute is broken off, and the client is told why", async () => {
    const { ask, sources, world, settlements } = await streaming();
    const reply = ask("a/m", { stream: true });
    await world.clock.advance(0);
    sources[0]!.write(delta("a"));
    const client = new Client(await reply);
    await world.clock.advance(61_000);
    expect(client.text).toContain('"code":"upstream_timeout"');
    expect(client.text).not.toContain("[DONE]");
    expect(client.outcome).toBe("broken");
    expect(sources[0]!.released).toBe(true);
    expect(settlements[0]?.failure).toBe("upstream_timeout");
  });

  test.each([
    { claim: "ends without its end", act: (source: Source) => source.end(), code: "upstream_truncated" },
    {
      claim: "ends in the middle of an event",
      act: (source: Source) => source.write(delta("b").slice(0, 30)).end(),
      code: "upstream_truncated",
    },
    {
      claim: "says [DONE] too early",
      act: (source: Source) => source.write("data: [DONE]\n\n").end(),
      code: "upstream_truncated",
    },
    { claim: "breaks JSON", act: (source: Source) => source.write("data: {]\n\n"), code: "upstream_invalid" },
  ])("a stream that $claim is an error that the client can see", async ({ act, code }) => {
    const { ask, sources, world, settlements } = await streaming(SMART);
    const reply = ask("smart", { stream: true });
    await world.clock.advance(0);
    sources[0]!.write(delta("a"));
    const client = new Client(await reply);
    await world.clock.advance(0);
    act(sources[0]!);
    await world.clock.advance(1_000);
    const [first, second] = client.text.split("\n\n");
    expect(`${first}\n\n`).toBe(delta("a"));
    expect(JSON.parse(second!.replace("data: ", "")).error.code).toBe(code);
    expect(client.text).not.toContain("data: [DONE]");
    expect(client.outcome).toBe("broken");
    expect(settlements[0]?.failure).toBe(code as never);
    expect(sources.length).toBe(1);
  });

  test("an error inside the stream is handed on as it is, and nothing after it", async () => {
    const { ask, sources, world } = await streaming();
    const reply = ask("a/m", { stream: true });
    await world.clock.advance(0);
    sources[0]!.write(delta("a"));
    const client = new Client(await reply);
    const error = 'data: {"error":{"message":"overloaded","code":"overloaded"}}\n\n';
    sources[0]!.write(`${error}${delta("b")}`);
    await world.clock.advance(1_000);
    expect(client.text).toBe(delta("a") + error);
    expect(client.outcome).toBe("broken");
  });

  test("a client that leaves takes the provider's work with it, whatever it waits for", async () => {
    for (const phase of ["head", "content", "more", "kept-waiting"]) {
      const { ask, sources, world, settlements, gateway } = await streaming();
      const leaving = new AbortController();
      const reply = ask("a/m", { stream: true, signal: leaving.signal });
      await world.clock.advance(phase === "kept-waiting" ? 16_000 : 0);
      if (phase === "content") sources[0]!.write(delta(""));
      if (phase === "more") {
        sources[0]!.write(delta("a"));
        new Client(await reply);
      }
      await world.clock.advance(0);
      leaving.abort();
      await world.clock.advance(0);
      expect(sources[0]!.released).toBe(true);
      expect(settlements.map(({ failure }) => failure)).toEqual(["client_closed"]);
      expect(gateway.pending).toBe(0);
      expect(world.clock.pending).toBe(0);
    }
  });

  test("a reply whose body nobody reads is settled when the client is gone", async () => {
    const { ask, sources, world, settlements, gateway } = await streaming();
    const leaving = new AbortController();
    const reply = ask("a/m", { stream: true, signal: leaving.signal });
    await world.clock.advance(0);
    sources[0]!.write(delta("a"));
    await reply;
    leaving.abort();
    await world.clock.advance(0);
    expect([sources[0]!.released, settlements.length, gateway.pending]).toEqual([true, 1, 0]);
  });

  test("a client that reads nothing for a minute is given up", async () => {
    const { ask, sources, world, settlements } = await streaming();
    const reply = ask("a/m", { stream: true });
    await world.clock.advance(0);
    sources[0]!.write(delta("a"));
    await reply;
    await world.clock.advance(76_000);
    expect(sources[0]!.released).toBe(true);
    expect(settlements[0]?.failure).toBe("client_closed");
  });

  test("when no target gives content, the client gets a status and not a stream", async () => {
    const { ask, world } = await carry(planOf(SMART), () => new Response("data: [DONE]\n\n", { headers: SSE }));
    const asking = ask("smart", { stream: true });
    await world.clock.advance(5_000);
    const reply = await asking;
    expect(reply.status).toBe(502);
    expect(errorOf(reply).code).toMatch(/^upstream_/);
  });
});
