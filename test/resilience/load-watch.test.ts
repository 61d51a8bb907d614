import { describe, expect, test } from "bun:test";
import { LoadWatch } from "../../src/resilience/load-watch.ts";
import type { Clock } from "../../src/world/clock.ts";

/** A process that stands still now and then: its timer runs when the test says so. */
function standing() {
  let nowMs = 0;
  let run: (() => void) | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    epochMs: () => nowMs,
    startTimer: (_, act) => {
      run = act;
      return {};
    },
    cancelTimer: () => {},
  };
  let rssBytes = 100;
  let looked = 0;
  const watch = new LoadWatch(clock, () => {
    looked++;
    return rssBytes;
  });
  return {
    isRefused(limits: { lagMs?: number; memoryBytes?: number }): string | undefined {
      try {
        watch.check({ lagMs: limits.lagMs, memoryBytes: limits.memoryBytes });
        return undefined;
      } catch (error) {
        return `${(error as { kind: string }).kind}: ${(error as Error).message}`;
      }
    },
    /** The timer that is due after 250 ms runs after so much more. */
    lateBy(ms: number): void {
      nowMs += 250 + ms;
      run?.();
    },
    grow(bytes: number): void {
      rssBytes = bytes;
    },
    get looked() {
      return looked;
    },
  };
}

describe("LoadWatch", () => {
  test("refuses while timers are late, and takes requests again soon after", () => {
    const process = standing();
    expect(process.isRefused({ lagMs: 100 })).toBeUndefined();
    process.lateBy(150);
    expect(process.isRefused({ lagMs: 100 })).toMatch(/^overloaded: .*150 ms behind/);
    process.lateBy(0);
    expect(process.isRefused({ lagMs: 100 })).toBeUndefined();
  });

  test("takes requests again within three samples, however long it stood still", () => {
    const process = standing();
    process.isRefused({ lagMs: 100 });
    process.lateBy(60_000);
    const refused: boolean[] = [];
    for (let at = 0; at < 4; at++) {
      refused.push(process.isRefused({ lagMs: 100 }) !== undefined);
      process.lateBy(0);
    }
    expect(refused).toEqual([true, true, false, false]);
  });

  test("refuses beyond its memory, looks at it four times a second at most, and not at all where it does not matter", () => {
    const process = standing();
    for (let at = 0; at < 100; at++) expect(process.isRefused({ memoryBytes: 200 })).toBeUndefined();
    expect(process.looked).toBe(1);
    process.grow(201);
    process.lateBy(0);
    expect(process.isRefused({ memoryBytes: 200 })).toContain("201 bytes");
    process.lateBy(0);
    process.isRefused({ lagMs: 100 });
    expect(process.looked).toBe(2);
  });
});
