import { type Choosing, countOpen, evenly, openAt, type Strategy, take } from "./strategy.ts";

/**
 * The better one of two drawn by chance: time to first content times requests under way, over what is left of the rate limit. Two are enough to keep
 * away from the slow, and few enough that not everybody runs to the quickest at once.
 */
export const p2c: Strategy = {
  name: "p2c",
  summary: "of two drawn by chance, the quicker and less busy one",
  asksHeadroom: true,
  pick(choosing) {
    const open = countOpen(choosing);
    if (open < 2) return openAt(choosing, 0);
    const pair = take(choosing.draw, open * (open - 1));
    const first = Math.floor(pair / (open - 1));
    const second = pair % (open - 1);
    const one = openAt(choosing, first);
    const other = openAt(choosing, second >= first ? second + 1 : second);
    return isBetter(choosing, other, one) ? other : one;
  },
  shares: evenly,
};

function isBetter(choosing: Choosing, a: number, b: number): boolean {
  const { candidates, health, nowMs } = choosing;
  const left = candidates[a]!; // Both are open.
  const right = candidates[b]!;
  const leftMs = health.latencyMs(left, nowMs);
  const rightMs = health.latencyMs(right, nowMs);
  // Where one is not known yet, nothing is said by the other's being quick.
  const known = leftMs > 0 && rightMs > 0;
  return loadOf(choosing, left, known ? leftMs : 1) < loadOf(choosing, right, known ? rightMs : 1);
}

function loadOf({ health, nowMs }: Choosing, target: number, latencyMs: number): number {
  // Somebody who is at the end of its limit is still better than nobody.
  return (latencyMs * (health.inFlight(target) + 1)) / Math.max(health.headroom(target, nowMs), 0.01);
}
