import type { ComboData, ConfigData, ModelFactsData, StrategyName, WhenData } from "../config/data.ts";
import { STRATEGIES } from "../routing/strategies/index.ts";
import { ManualClock, seededRandom } from "../world/simulated.ts";
import { Draws } from "./draws.ts";
import { type Scenario, SIMULATED_FAULTS, type SimulatedFault, type SimulatedFaultType, type SimulatedRequest } from "./scenario.ts";

/** How long faults may go on. */
const FAULTS_MS_MAX = 60_000;
const REQUESTS_MAX = 30;

/**
 * Makes a scenario of a number: always the same of the same. Each uses a part of all faults only, so that rare combinations come up too.
 * @param config What is simulated; undefined makes that up as well.
 */
export function generateScenario(seed: number, config: ConfigData | undefined): Scenario {
  const draws = new Draws(seededRandom(seed, new ManualClock()));
  const used = config ?? generateConfig(draws);
  const models = modelsOf(used, draws);
  const faults = generateFaults(draws, used);
  // Now and then somebody is there to see when it is over.
  const faultsEndMs = Math.max(0, ...faults.map(({ untilMs }) => untilMs));
  const watching = draws.happens(0.25) ? generateRequests(draws, models, faultsEndMs) : [];
  return {
    seed,
    config: used,
    requests: [...generateRequests(draws, models, 0), ...watching],
    faults,
    clockSteps: draws.happens(0.2) ? [{ atMs: draws.whole(0, FAULTS_MS_MAX), byMs: draws.oneOf([-3_600_000, 3_600_000]) }] : [],
    reloadsMs: draws.happens(0.2) ? [draws.whole(0, FAULTS_MS_MAX)] : [],
  };
}

/** Combos first of all, since what stands for one target has few choices to make; but such names are asked for, too. */
function modelsOf(config: ConfigData, draws: Draws): string[] {
  const combos = Object.keys(config.combos ?? {}).map((name) => `combo:${name}`);
  const targets = Object.values(config.combos ?? {}).flatMap(({ chat = [] }) =>
    chat.map((item) => (typeof item === "string" ? item : item.to)),
  );
  const models = combos.length > 0 ? combos : ["auto"];
  return draws.happens(0.3) && targets.length > 0 ? [...models, draws.oneOf(targets)] : models;
}

function generateConfig(draws: Draws): ConfigData {
  const providers = Object.fromEntries(
    Array.from({ length: draws.whole(1, 4) }, (_, at) => {
      const accounts = draws.whole(1, 3);
      const keys = Array.from(
        { length: accounts },
        (_, key) => [`k${key}`, { apiKey: { $secret: "env", name: `P${at}_K${key}` } }] as const,
      );
      const models = Array.from({ length: draws.whole(1, 3) }, (_, model) => `m${model}`);
      const facts = Object.fromEntries(models.map((model) => [model, generateFacts(draws)]));
      const concurrency = draws.happens(0.2) ? { concurrency: draws.whole(1, 8) } : {};
      return [
        `p${at}`,
        {
          kind: "openai-compatible",
          baseUrl: "http://127.0.0.1:1/v1",
          accounts: Object.fromEntries(keys),
          models: { chat: models },
          facts,
          ...concurrency,
        },
      ] as const;
    }),
  );
  const targets = Object.entries(providers).flatMap(([name, { models }]) => models.chat.map((model) => `${name}/${model}`));
  const combos: Record<string, ComboData> = {};
  const count = draws.whole(1, 3);
  for (let at = count - 1; at >= 0; at--) {
    const below = Object.keys(combos).map((name) => `combo:${name}`);
    const chosen = draws.some([...below, ...targets], 0.6);
    combos[`c${at}`] = generateCombo(draws, chosen.length > 0 ? chosen : [draws.oneOf(targets)]);
  }
  return { providers, combos };
}

function generateFacts(draws: Draws): ModelFactsData {
  return {
    ...(draws.happens(0.2) ? { tools: false } : {}),
    ...(draws.happens(0.2) ? { images: false } : {}),
    ...(draws.happens(0.2) ? { contextTokens: draws.whole(100, 2_000) } : {}),
  };
}

function generateWhen(draws: Draws): WhenData {
  const some: WhenData[] = [
    { tools: draws.happens(0.5) },
    { images: draws.happens(0.5) },
    { stream: draws.happens(0.5) },
    { inputTokensMax: draws.whole(0, 1_000) },
    { inputTokensMin: draws.whole(0, 1_000) },
    { headers: { "x-omni-session": `s${draws.whole(0, 4)}` } },
    { hoursUtc: draws.oneOf(["00:00-12:00", "12:00-00:00", "23:30-00:30"]) },
  ];
  return draws.oneOf(some);
}

function generateCombo(draws: Draws, targets: readonly string[]): ComboData {
  const strategy: StrategyName = draws.oneOf(STRATEGIES.map(({ name }) => name));
  const asksWhen = strategy === "conditional" || draws.happens(0.2);
  return {
    strategy,
    chat: targets.map((to) => ({
      to,
      ...(strategy === "weighted" || strategy === "sticky" ? { weight: draws.whole(1, 5) } : {}),
      ...(asksWhen && draws.happens(0.5) ? { when: generateWhen(draws) } : {}),
    })),
    ...(draws.happens(0.3) ? { timeout: `${draws.whole(5, 60)}s` } : {}),
    ...(draws.happens(0.3) ? { firstByteTimeout: `${draws.whole(1, 5)}s` } : {}),
    ...(draws.happens(0.2) ? { attempts: draws.whole(1, 6) } : {}),
    ...(draws.happens(0.2) ? { resume: true } : {}),
    ...(draws.happens(0.2) ? { hedge: { after: `${draws.whole(50, 2_000)}ms`, share: draws.oneOf([0.05, 0.5, 1]) } } : {}),
  };
}

function generateRequests(draws: Draws, models: readonly string[], fromMs: number): SimulatedRequest[] {
  const model = draws.oneOf(models);
  // Some come all at once, others one by one.
  const gapMs = draws.oneOf([5, 100, 1_000]);
  let atMs = fromMs;
  return Array.from({ length: draws.whole(5, REQUESTS_MAX) }, () => {
    atMs += draws.whole(0, 2 * gapMs);
    return {
      atMs,
      model: draws.happens(0.8) ? model : draws.oneOf(models),
      stream: draws.happens(0.5),
      leavesAfterMs: draws.happens(0.1) ? draws.whole(0, 1_000) : undefined,
      tools: draws.happens(0.2),
      images: draws.happens(0.1),
      length: draws.oneOf([10, 10, 1_000, 6_000]),
      session: `s${draws.whole(0, 4)}`,
    };
  });
}

function generateFaults(draws: Draws, { providers }: ConfigData): SimulatedFault[] {
  const types = draws.some<SimulatedFaultType>(SIMULATED_FAULTS, 0.4);
  if (types.length === 0) return [];
  const places = Object.entries(providers).flatMap(([name, { models }]) => [
    name,
    ...(models?.chat ?? []).map((model) => `${name}/${model}`),
  ]);
  return Array.from({ length: draws.whole(0, 4) }, () => {
    const fromMs = draws.whole(0, 10_000);
    return {
      // Now and then all providers have the same trouble at the same time.
      at: draws.happens(0.15) ? "*" : draws.oneOf(places),
      fromMs,
      untilMs: Math.min(fromMs + draws.oneOf([200, 2_000, 20_000, FAULTS_MS_MAX]), FAULTS_MS_MAX),
      type: draws.oneOf(types),
      share: draws.oneOf([0.2, 0.5, 1, 1]),
    };
  });
}
