import { defaultConfig } from "../config/default-config.ts";
import { loadConfig } from "../config/load.ts";
import { PROVIDERS } from "../providers/index.ts";
import { compile } from "../routing/compile.ts";
import { guardsAnswers } from "../routing/plan-guardrails.ts";
import type { Plan } from "../routing/plan.ts";
import { bridgeOf, translatedBridgeOf } from "../wire/bridge.ts";
import { WIRES } from "../wire/index.ts";
import { ConfigRefusal, type LoadedPlan } from "./reload.ts";

/** What is loaded: a file with one of its environments, or what is built in. */
export interface PlanSource {
  /** undefined for the built-in configuration. */
  readonly file: string | undefined;
  readonly environment: string | undefined;
  /** How logs look where the configuration does not say. */
  readonly logs: Plan["server"]["logs"];
}

/**
 * Loads a configuration and compiles it.
 * @throws {ConfigRefusal} If it does not hold.
 */
export async function loadPlan({ file, environment, logs }: PlanSource, signal: AbortSignal): Promise<LoadedPlan> {
  const surroundings = { definitions: PROVIDERS, wires: WIRES, bridgeOf, logs };
  if (file === undefined) return { plan: compile(defaultConfig, surroundings), sources: [], warnings: [] };
  const result = await loadConfig({ file, environment, signal });
  if (!result.ok) throw new ConfigRefusal(result.diagnostics, result.files);
  // What has to be looked at can not pass untouched.
  const ways = guardsAnswers(result.data) ? { ...surroundings, bridgeOf: translatedBridgeOf } : surroundings;
  return { plan: compile(result.data, ways), sources: result.files, warnings: result.warnings };
}
