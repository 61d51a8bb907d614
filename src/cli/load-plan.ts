import type { ConfigData } from "../config/data.ts";
import { withBuiltIn } from "../config/built-in-providers.ts";
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
  if (file === undefined) {
    const data = withBuiltIn(defaultConfig);
    return { plan: planOf(data, logs), data, sources: [], warnings: [] };
  }
  const result = await loadConfig({ file, environment, signal });
  if (!result.ok) throw new ConfigRefusal(result.diagnostics, result.files);
  return { plan: planOf(result.data, logs), data: result.data, sources: result.files, warnings: result.warnings };
}

/** Compiles a configuration that was checked. */
export function planOf(data: ConfigData, logs: Plan["server"]["logs"]): Plan {
  // What has to be looked at can not pass untouched.
  const ways = guardsAnswers(data) ? translatedBridgeOf : bridgeOf;
  return compile(data, { definitions: PROVIDERS, wires: WIRES, bridgeOf: ways, logs });
}
