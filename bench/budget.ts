import { find } from "./figures.ts";
import { LOOK_UP } from "./micro/routing.ts";
import type { Report } from "./report.ts";

/** CPU per request of the gateway over that of the pass-through. */
export const CPU_RATIO_MAX = 1.5;
/** From a model's name to its route. */
export const LOOK_UP_NS_MAX = 100;

/**
 * Holds a run to what was promised.
 *
 * @returns A line for each promise that is broken, or that the run can not speak of because it did not measure it.
 */
export function budgetFaults({ ratios, figures, scenarios }: Pick<Report, "ratios" | "figures" | "scenarios">): readonly string[] {
  const faults: string[] = [];
  hold(faults, "CPU per request, times the pass-through's", ratios.cpuPerRequestVsPassThrough, CPU_RATIO_MAX, "");
  hold(faults, "routing look-up", find(figures, "routing", LOOK_UP, "nsPerCall")?.median ?? null, LOOK_UP_NS_MAX, " ns");
  const failures = scenarios.reduce((sum, scenario) => sum + scenario.failures, 0);
  if (failures > 0) faults.push(`${failures} answers were not what they should be`);
  return faults;
}

function hold(faults: string[], what: string, value: number | null, most: number, unit: string): void {
  if (value === null) faults.push(`${what}: not measured; run the suites micro and requests`);
  else if (!(value <= most)) faults.push(`${what}: ${value.toFixed(2)}${unit}, and at most ${most}${unit} is allowed`);
}
