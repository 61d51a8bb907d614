import { describe, expect, test } from "bun:test";
import type { HedgeData } from "../../src/config/data.ts";
import { type Carried, Client, carry, delta, END, errorOf, planOf, Source, SSE, WHOLE } from "./carried.ts";

const JSON_TYPE = { "content-type": "application/json" };
const after = (world: Carried["world"], ms: number, make: () => Response): Promise<Response> =>
  new Promise((resolve) => world.clock.startTimer(ms, () => resolve(make())));
const whole = (): Response => new Response(WHOLE, { headers: JSON_TYPE });
const stream = (word: string): Response => new Response(delta(word) + END, { headers: SSE });
const planWith = (hedge: HedgeData, more: object = {}) => planOf({ combos: { smart: { chat: ["a/m", "b/m", "c/m"], hedge, ...more } } });
const HALF = { after: "100ms", share: 1 };

/** Providers that take so long each. */
async function race(times: Readonly<Record<string, number>>, hedge: HedgeData = HALF, more: object = {}): Promise<Carried> {
  const carried: Carried = await carry(planWith(hedge, more), (provider) => after(carried.world, times[provider] ?? 1, whole));
  return carried;
}

describe("a target that is late", () => {
  test("is overtaken by another one, and its attempt is ended and told as lost", async () => {
    const { ask, asked, settlements, world, gateway } = await race({ a: 1_000, b: 50 });
    const reply = ask("smart");
    await world.clock.advance(99);
    expect(asked).toEqual(["a"]);
    await world.clock.advance(51);
    expect((await reply).headers["x-omni-target"]).toBe("b/m");
    expect((await reply).headers["x-omni-attempts"]).toBe("2");
    expect(settlements[0]?.attempts).toEqual([
      { target: "a/m", failure: "hedge_lost" },
      { target: "b/m", failure: undefined, isHedge: true },
    ]);
    expect(settlements[0]?.firstContentMs).toBe(150);
    expect([0, 1].map((target) => gateway.health?.inFlight(target))).toEqual([0, 0]);
    // It is slow, and not broken.
    expect(gateway.health?.latencyMs(0, world.clock.nowMs())).toBe(150);
    expect(gateway.health?.isBroken(0, world.clock.nowMs())).toBe(false);
  });

  test("may still win", async () => {
    const { ask, settlements, world } = await race({ a: 120, b: 500 });
    const reply = ask("smart");
    await world.clock.advance(120);
    expect((await reply).headers["x-omni-target"]).toBe("a/m");
    expect(settlements[0]?.attempts.map(({ failure }) => failure)).toEqual([undefined, "hedge_lost"]);
  });

  test("is waited for when the other one fails, and then the rest are asked", async () => {
    const carried: Carried = await carry(planWith(HALF), (provider) =>
      provider === "a"
        ? after(carried.world, 300, () => new Response("", { status: 500 }))
        : provider === "b"
          ? new Response("", { status: 503 })
          : whole(),
    );
    const reply = carried.ask("smart");
    await carried.world.clock.advance(300);
    expect((await reply).headers["x-omni-target"]).toBe("c/m");
    expect(carried.settlements[0]?.attempts.map(({ failure }) => failure)).toEqual(["upstream_failed", "upstream_overloaded", undefined]);
  });

  test("has no second one beside it where attempts are used up, nobody is left, or the first one is quick", async () => {
    for (const [times, more, hedge] of [
      [{ a: 500 }, { attempts: 1 }, HALF],
      [{ a: 500 }, {}, { after: "100ms", share: 0.5 }],
      [{ a: 99 }, {}, HALF],
    ] as const) {
      const { ask, asked, world } = await race(times, hedge, more);
      const reply = ask("smart");
      await world.clock.advance(500);
      expect((await reply).headers["x-omni-target"]).toBe("a/m");
      expect(asked).toEqual(["a"]);
    }
  });

  test("is late by what the combo took before, if nobody says when", async () => {
    const times = { a: 40, b: 5 };
    const { ask, asked, world } = await race(times, { share: 1 });
    for (let at = 0; at < 30; at++) {
      const reply = ask("smart");
      await world.clock.advance(40);
      await reply;
    }
    expect(asked.filter((name) => name === "b")).toEqual([]);
    times.a = 5_000;
    const reply = ask("smart");
    await world.clock.advance(60);
    expect((await reply).headers["x-omni-target"]).toBe("b/m");
  });

  test("leaves both when its client leaves", async () => {
    const { ask, settlements, world, gateway } = await race({ a: 1_000, b: 1_000 });
    const controller = new AbortController();
    const reply = ask("smart", { signal: controller.signal });
    await world.clock.advance(150);
    controller.abort();
    expect(errorOf(await reply).code).toBe("client_closed");
    expect(settlements[0]?.attempts.map(({ failure }) => failure)).toEqual(["client_closed", "client_closed"]);
    expect([0, 1].map((target) => gateway.health?.inFlight(target))).toEqual([0, 0]);
  });
});

describe("streams", () => {
  test("of the one that has content first goes on alone; the other connection is let go", async () => {
    let slow: Source | undefined;
    const { ask, world, settlements, mistakes } = await carry(planWith(HALF), (provider, request) => {
      if (provider !== "a") return stream("b ");
      slow = new Source(request).write(delta(""));
      return slow.response;
    });
    const reply = ask("smart", { stream: true });
    await world.clock.advance(100);
    const client = new Client(await reply);
    await world.clock.advance(10);
    expect(client.text).toBe(delta("b ") + END);
    expect(client.outcome).toBe("ended");
    expect(slow?.released).toBe(true);
    expect(settlements[0]?.failure).toBeUndefined();
    expect(mistakes).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  test("that break after their content are told as such, and nobody takes over", async () => {
    let quick: Source | undefined;
    const { ask, world, asked } = await carry(planWith(HALF), (provider, request) => {
      if (provider === "a")
        return new Promise<Response>((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
      quick = new Source(request).write(delta("half"));
      return quick.response;
    });
    const reply = ask("smart", { stream: true });
    await world.clock.advance(100);
    const client = new Client(await reply);
    await world.clock.advance(10);
    quick?.end();
    await world.clock.advance(200);
    expect(client.outcome).toBe("broken");
    expect(client.text).toContain("upstream_truncated");
    expect(asked).toEqual(["a", "b"]);
  });
});
