import { HealthBook, lone } from "../../src/resilience/health.ts";
import { compile } from "../../src/routing/compile.ts";
import { createTried, decide } from "../../src/routing/decide.ts";
import type { Plan, RouteId } from "../../src/routing/plan.ts";
import type { Bridge } from "../../src/wire/bridge.ts";
import type { Downstream, Upstream, Wire } from "../../src/wire/wire.ts";
import type { MicroCase } from "./timing.ts";

/** The piece that the budget holds: from a name's bytes to its route. */
export const LOOK_UP = "look up a name";

const MODELS = 1_000;
const TARGETS = 8;

/** Routing as it is done once per exchange, in a plan of a thousand names. */
export function routingCases(): readonly MicroCase[] {
  const plan = planOfManyNames();
  return [
    lookUp(plan),
    decideBetween(plan, "one target", "vendor/model-17", 1),
    decideBetween(plan, `${TARGETS} by order`, "in-order", TARGETS),
    decideBetween(plan, `${TARGETS} by weight`, "by-weight", TARGETS),
  ];
}

function planOfManyNames(): Plan {
  const models = Array.from({ length: MODELS }, (_, number) => `model-${number}`);
  const chat = models.slice(0, TARGETS).map((model) => `vendor/${model}`);
  const combos = {
    "in-order": { strategy: "fallback", chat },
    "by-weight": { strategy: "weighted", chat: chat.map((to, at) => ({ to, weight: at + 1 })) },
  } as const;
  const definition = {
    name: "vendor",
    reference: "https://example.com",
    baseUrl: "https://vendor.example.com/v1",
    auth: { name: "none", headers: () => ({}) },
    keyRequired: false,
    services: [{ operation: "chat", wire, upstream: half }],
    models: { chat: models },
  } as const;
  const bridgeOf = () => ({ type: "verbatim", upstream: half }) as Bridge; // Routing hands it on and never looks inside.
  return compile({ providers: { vendor: { kind: "vendor" } }, combos }, { definitions: [definition], wires: [wire], bridgeOf });
}

// A format that carries nothing: routing asks it for its name and its path alone.
const half = { wire: "none", path: () => "/none" } as unknown as Upstream;
const wire: Wire = { name: "none", operation: "chat", downstream: { paths: ["/none"] } as unknown as Downstream, upstream: () => half };

function lookUp(plan: Plan): MicroCase {
  const names = Array.from({ length: 64 }, (_, number) => new TextEncoder().encode(`vendor/model-${(number * 37) % MODELS}`));
  const index = plan.names.chat;
  return {
    name: LOOK_UP,
    about: `one of ${plan.names.chat.names.length} names, each time another`,
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) {
        const name = names[count & 63]!; // There are 64.
        sum += index.find(name, 0, name.length);
      }
      return sum;
    },
  };
}

function decideBetween(plan: Plan, label: string, name: string, targets: number): MicroCase {
  const bytes = new TextEncoder().encode(name);
  const route = plan.names.chat.find(bytes, 0, bytes.length) as RouteId; // It was just declared; checked in the next line.
  if (plan.routes[route]?.targets.length !== targets) throw new Error(`The plan of the benchmark has no route "${name}" of ${targets}.`);
  const health = new HealthBook(
    plan.targets.map((target) => lone(target.name)),
    () => 0.5,
  );
  const tried = createTried();
  return {
    name: `decide: ${label}`,
    about: "the next target, all healthy and none tried",
    run(times) {
      let sum = 0;
      for (let count = 0; count < times; count++) sum += decide(plan, route, health, tried, count, (count & 255) / 256);
      return sum;
    },
  };
}
