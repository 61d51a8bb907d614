import { HealthBook, lone } from "../../src/resilience/health.ts";
import { createTried, decide } from "../../src/routing/decide.ts";
import type { ProviderId, RouteId } from "../../src/routing/plan.ts";
import { NEEDS, NO_FACTS, type RequestFacts } from "../../src/routing/request-facts.ts";
import { STRATEGIES } from "../../src/routing/strategies/index.ts";
import { find, planOf } from "./compiled.ts";

// What `allocation.test.ts` runs in a process of its own. Everything is made here, once, and each call then routes one request.

const models = Array.from({ length: 200 }, (_, at) => `family-${at % 7}/model-${at}:free`);
const providers = Object.fromEntries(
  ["openai", "anthropic", "router", "local"].map((name) => [name, { kind: "bare", models: { chat: models } }]),
);
const facts = Object.fromEntries(
  models.map((model, index) => [model, index % 3 === 0 ? { images: false } : { contextTokens: 1000 * index }]),
);
const limited = { kind: "bare", models: { chat: models }, facts };
const at = (provider: string, model: number): string => `${provider}/${models[model]}`;
const plan = planOf({
  providers: { ...providers, limited },
  combos: {
    smart: { chat: [at("openai", 1), "combo:spread", at("local", 3)] },
    spread: { strategy: "weighted", chat: [{ to: "combo:cheap", weight: 2 }, { to: at("anthropic", 4), weight: 0.5 }, at("router", 5)] },
    cheap: { strategy: "weighted", chat: Array.from({ length: 12 }, (_, model) => ({ to: at("router", model), weight: model + 1 })) },
    // All strategies, among fifty each, with what a model can not do and what a target is for to be looked at as well.
    ...Object.fromEntries(
      STRATEGIES.map(({ name }) => [
        `by-${name}`,
        {
          strategy: name,
          chat: Array.from({ length: 50 }, (_, model) => ({
            to: at("limited", model),
            ...(model % 5 === 0 ? { when: { inputTokensMax: 100 * model, images: false, hoursUtc: "06:00-22:00" } } : {}),
          })),
        },
      ]),
    ),
  },
  aliases: { "gpt-4": "combo:smart" },
  default: "combo:smart",
});
const health = new HealthBook(
  plan.targets.map(({ name }) => lone(name)),
  () => 0.5,
);
// Some are out, so that every branch is taken.
for (const out of [at("openai", 1), at("router", 5), at("router", 7)]) {
  health.failed(plan.targets.find(({ name }) => name === out)!.id, "rate_limited", 1e9, 0, 0);
}
const tried = createTried();
tried.add(plan.targets.find(({ name }) => name === at("router", 2))!.id);
const untried = createTried();

for (const { id } of plan.targets) {
  if (id % 4 !== 0) health.observed(id, 100 + ((id * 7) % 50), 0);
  if (id % 3 !== 0) health.limited(id, ((id * 13) % 100) / 100, 1e9, 0);
}
const asking: RequestFacts = {
  ...NO_FACTS,
  inputTokens: 3_000,
  outputTokensMax: 100,
  needs: NEEDS.images | NEEDS.stream,
  minute: 700,
  affinity: 123_456,
};
const byStrategy = STRATEGIES.map(({ name }) => find(plan, `by-${name}`) as RouteId);

const requests = ["smart", "combo:spread", "gpt-4", "default", at("anthropic", 9), models[17]!, "no-such-model"].map((name) =>
  new TextEncoder().encode(`{"model":"${name}","messages":[]}`),
);
const ends = requests.map((bytes) => bytes.indexOf(0x22, 10));
const scoped = new TextEncoder().encode(`router/${models[3]}`);
let chance = 0;

/** Routes one request, by its name and then below a provider's path. @returns The targets, so that nothing can be left out as useless. */
export function route(call: number): number {
  const request = call % requests.length;
  chance = (chance + 0.618033988749895) % 1;
  const byName = plan.names.chat.find(requests[request]!, 10, ends[request]!);
  const byProvider = plan.names.chat.findAt((call & 3) as ProviderId, scoped, 0, scoped.length);
  return decideAt(byName, call, chance) + decideAt(byProvider, call, chance);
}

function decideAt(id: RouteId | -1, call: number, drawn: number): number {
  return id === -1 ? -1 : decide(plan, id, health, (call & 1) === 0 ? tried : untried, 100 + call * 0.25, drawn);
}

/** Decides once among fifty. @returns The target. */
export function choose(call: number): number {
  chance = (chance + 0.618033988749895) % 1;
  return decide(plan, byStrategy[call % byStrategy.length]!, health, untried, 100 + call * 0.25, chance, asking);
}

/** The last thing that was made: kept where others can see it, so that making it can not be left out. */
export let kept: object = {};

/** The same, and makes one small object: what the method must notice. */
export function routeAndAllocate(call: number): number {
  kept = { call };
  return route(call);
}
