import { describe, expect, test } from "bun:test";
import { CoarseTimers } from "../../src/world/coarse-timers.ts";

describe("CoarseTimers", () => {
  test("runs a timer not before its time, and soon after", async () => {
    const timers = new CoarseTimers(() => performance.now());
    const startedMs = performance.now();
    const delayMs = await new Promise<number>((resolve) => timers.start(250, () => resolve(performance.now() - startedMs)));
    expect(delayMs).toBeGreaterThanOrEqual(250);
    expect(delayMs).toBeLessThan(1_000);
  });

  test("does not run what was cancelled, and cancelling twice or too late harms nobody", async () => {
    const timers = new CoarseTimers(() => performance.now());
    const ran: string[] = [];
    const first = timers.start(120, () => ran.push("first"));
    const second = timers.start(120, () => ran.push("second"));
    const third = timers.start(120, () => ran.push("third"));
    timers.cancel(second);
    timers.cancel(second);
    await Bun.sleep(400);
    timers.cancel(first);
    timers.cancel(third);
    expect(ran.toSorted()).toEqual(["first", "third"]);
  });

  test("a timer may cancel its neighbours and start others while it runs", async () => {
    let nowMs = 0;
    const timers = new CoarseTimers(() => nowMs);
    const ran: string[] = [];
    const others = [timers.start(100, () => ran.push("a")), timers.start(100, () => ran.push("b"))];
    timers.start(100, () => {
      ran.push("c");
      for (const other of others) timers.cancel(other);
      timers.start(1, () => ran.push("d"));
    });
    nowMs = 500;
    await Bun.sleep(150);
    expect(ran).toEqual(["c"]);
    nowMs = 1_000;
    await Bun.sleep(150);
    expect(ran).toEqual(["c", "d"]);
  });

  test("a clock that stood still for longer than the wheel turns loses nothing", async () => {
    let nowMs = 0;
    const timers = new CoarseTimers(() => nowMs);
    const ran: number[] = [];
    for (const delayMs of [1, 1_000, 60_000, 600_000, 3_600_000]) timers.start(delayMs, () => ran.push(delayMs));
    nowMs = 700_000;
    await Bun.sleep(150);
    expect(ran.toSorted((a, b) => a - b)).toEqual([1, 1_000, 60_000, 600_000]);
  });

  test("does not keep a process alive", async () => {
    const file = `${import.meta.dir}/../../src/world/coarse-timers.ts`;
    const code = `const { CoarseTimers } = await import(${JSON.stringify(file)}); new CoarseTimers(() => performance.now()).start(60000, () => {});`;
    const child = Bun.spawn([process.execPath, "-e", code], { stdout: "ignore", stderr: "ignore" });
    expect(await child.exited).toBe(0);
  });
});
