import type { Scenario } from "./scenario.ts";

/**
 * Makes a scenario that fails as small as it gets while it still fails: fewer faults, steps and reloads, fewer requests.
 * @param fails Whether a scenario still fails in the same way.
 */
export async function shrink(scenario: Scenario, fails: (smaller: Scenario) => Promise<boolean>): Promise<Scenario> {
  let smallest = scenario;
  let triesLeft = TRIES_MAX;
  for (let shrunk = true; shrunk && triesLeft > 0; ) {
    shrunk = false;
    for (const smaller of smallerThan(smallest)) {
      if (triesLeft-- <= 0) break;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      shrunk = true;
      break;
    }
  }
  return smallest;
}

/** A failure is worth a second or two. */
const TRIES_MAX = 150;

/** The big steps first: halves, then one by one. */
function* smallerThan(scenario: Scenario): Generator<Scenario> {
  for (const key of ["faults", "requests", "clockSteps", "reloadsMs"] as const) {
    const list = scenario[key];
    if (list.length > 1) {
      const half = list.length >> 1;
      yield { ...scenario, [key]: list.slice(0, half) };
      yield { ...scenario, [key]: list.slice(half) };
    }
    for (let at = 0; at < list.length; at++) yield { ...scenario, [key]: [...list.slice(0, at), ...list.slice(at + 1)] };
  }
}
