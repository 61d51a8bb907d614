import { describe, expect, test } from "bun:test";
import type { ShadowData } from "../../src/config/data.ts";
import { Client, carry, delta, END, planOf, Source, SSE, WHOLE } from "./carried.ts";

const whole = (): Response => new Response(WHOLE, { headers: { "content-type": "application/json" } });
const planWith = (shadow: Partial<ShadowData>) =>
  planOf({ combos: { smart: { chat: ["a/m"], shadow: { to: "b/m", share: 1, ...shadow } } } });

describe("a mirrored request", () => {
  test("is sent as well, later than the client's own, and changes nothing for the client", async () => {
    const { ask, asked, world, settlements, gateway } = await carry(planWith({}), whole);
    const reply = await ask("smart");
    expect([reply.headers["x-omni-target"], reply.headers["x-omni-attempts"], asked]).toEqual(["a/m", "1", ["a"]]);
    await world.clock.advance(1);
    expect(asked).toEqual(["a", "b"]);
    expect(settlements.length).toBe(1);
    expect(gateway.health?.latencyMs(1, world.clock.nowMs())).toBeGreaterThanOrEqual(0);
    expect([0, 1].map((target) => gateway.health?.inFlight(target))).toEqual([0, 0]);
    expect(world.clock.pending).toBe(0);
  });

  test("that fails or never ends is nobody's trouble but its target's", async () => {
    const { ask, world, gateway, mistakes } = await carry(planWith({}), (provider, { signal }) =>
      provider === "a" ? whole() : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    expect((await ask("smart")).status).toBe(200);
    await world.clock.advance(1);
    expect([gateway.health?.inFlight(1), gateway.pending]).toEqual([1, 0]);
    await world.clock.advance(300_000);
    expect(gateway.health?.inFlight(1)).toBe(0);
    expect(mistakes).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  test("is not sent where as many as are allowed are under way", async () => {
    const sources: Source[] = [];
    const { ask, asked, world } = await carry(planWith({ concurrency: 2 }), (provider, request) => {
      if (provider === "a") return new Response(delta("hi") + END, { headers: SSE });
      const source = new Source(request).write(delta("hi"));
      sources.push(source);
      return source.response;
    });
    const one = async (): Promise<void> => {
      new Client(await ask("smart", { stream: true }));
      await world.clock.advance(1);
    };
    for (let at = 0; at < 5; at++) await one();
    expect(asked.filter((name) => name === "b").length).toBe(2);
    sources[0]?.write(END).end();
    await world.clock.advance(1);
    await one();
    expect(asked.filter((name) => name === "b").length).toBe(3);
  });

  test("is sent for its part of all requests only, and for none where nobody asked for it", async () => {
    const { ask, asked, world } = await carry(planWith({ share: 0.3, concurrency: 1_000 }), whole);
    for (let at = 0; at < 500; at++) await ask("smart");
    await world.clock.advance(1);
    expect(asked.filter((name) => name === "b").length).toBeWithin(100, 200);
    const plain = await carry(planOf({ combos: { smart: { chat: ["a/m"] } } }), whole);
    await plain.ask("smart");
    await plain.world.clock.advance(1);
    expect(plain.asked).toEqual(["a"]);
  });
});
