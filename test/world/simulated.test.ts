import { describe, expect, test } from "bun:test";
import { ManualClock, seededRandom, simulatedWorld } from "../../src/world/simulated.ts";

describe("ManualClock", () => {
  test("runs what is due, in order of time and then of setting, each at its own time", async () => {
    const clock = new ManualClock();
    const ran: string[] = [];
    for (const [name, delayMs] of [
      ["c", 30],
      ["a", 10],
      ["b", 10],
      ["late", 31],
    ] as const) {
      clock.startTimer(delayMs, () => ran.push(`${name}@${clock.nowMs()}`));
    }
    await clock.advance(30);
    expect(ran).toEqual(["a@10", "b@10", "c@30"]);
    expect(clock).toMatchObject({ pending: 1, nextMs: 31 });
  });

  test("lets promises go on between timers, with the timers that they set", async () => {
    const clock = new ManualClock();
    const ran: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => clock.startTimer(ms, resolve));
    const loop = async () => {
      for (let turn = 0; turn < 3; turn++) {
        await wait(10);
        ran.push(clock.nowMs());
      }
    };
    void loop();
    await clock.advance(25);
    expect(ran).toEqual([10, 20]);
  });

  test("does not run what was cancelled", async () => {
    const clock = new ManualClock();
    let ran = false;
    clock.cancelTimer(clock.startTimer(1, () => (ran = true)));
    await clock.advance(10);
    expect(ran).toBe(false);
  });

  test("the wall clock goes with it", async () => {
    const clock = new ManualClock(1_000_000);
    await clock.advance(5);
    expect(clock.epochMs()).toBe(1_000_005);
  });
});

describe("seededRandom", () => {
  test("repeats for a seed and differs for another", () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed, new ManualClock());
      return Array.from({ length: 100 }, random.unit);
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7).every((unit) => unit >= 0 && unit < 1)).toBe(true);
    const mean = draw(7).reduce((sum, unit) => sum + unit, 0) / 100;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.1);
  });

  test("identifiers are proper, all different, and rise", async () => {
    const clock = new ManualClock();
    const random = seededRandom(1, clock);
    const ids: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      for (let n = 0; n < 5000; n++) ids.push(random.uuid());
      await clock.advance(1);
    }
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });
});

describe("simulatedWorld", () => {
  const request = { method: "POST", url: "https://x.invalid/", headers: {}, signal: new AbortController().signal } as const;

  test("answers as told, and says which session asks", async () => {
    const { network } = simulatedWorld((_, session) => new Response(`from ${session}`));
    network.open();
    const response = await network.open().send(request);
    expect(Buffer.from(await response.bytes()).toString()).toBe("from 1");
  });

  test("hands on what is thrown", async () => {
    const { network } = simulatedWorld(() => {
      throw new Error("no");
    });
    await expect(network.open().send(request)).rejects.toThrow("no");
  });

  test("an abort comes before a slow answer", async () => {
    const { network } = simulatedWorld(() => new Promise(() => {}));
    const controller = new AbortController();
    const answer = network.open().send({ ...request, signal: controller.signal });
    controller.abort("left");
    await expect(answer).rejects.toBe("left");
  });
});
