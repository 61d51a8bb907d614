import { Gateway } from "../gateway/gateway.ts";
import type { Settlement } from "../gateway/settle.ts";
import type { Plan } from "../routing/plan.ts";
import { ManualClock, seededRandom, simulatedNetwork } from "../world/simulated.ts";
import { ask, type ClientOutcome } from "./client.ts";
import { violationsOf } from "./invariants.ts";
import type { Scenario, SimulatedRequest } from "./scenario.ts";
import { simulatedPlan } from "./simulated-plan.ts";
import { type SeenRequest, SimulatedUpstreams } from "./upstream.ts";

/** All that came of a scenario. */
export interface SimulationRun {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly outcomes: readonly ClientOutcome[];
  /** Requests that are sent when all faults are long over, one for each name. */
  readonly later: readonly ClientOutcome[];
  readonly settlements: readonly Settlement[];
  readonly mistakes: readonly unknown[];
  readonly seen: readonly SeenRequest[];
  /** What is left when everything should be over. */
  readonly left: { readonly exchanges: number; readonly timers: number; readonly inFlight: number };
  /** What must never be and was. */
  readonly violations: readonly string[];
}

/** By then every key that was refused, and every circuit, has been given another chance. */
const LATER_MS = 4_000_000;
/** No exchange takes longer than its deadline; none has a longer one in a simulation. */
const DEADLINE_MS_MAX = 700_000;

/**
 * Runs a scenario: the gateway as it is, with its plan, its decisions, its circuits and its dispatch, in a world in which time is turned by hand.
 * The same scenario runs the same.
 * @param plan What `simulatedPlan` made of the scenario's configuration, if it is there already.
 */
export async function runScenario(scenario: Scenario, plan: Plan = simulatedPlan(scenario.config)): Promise<SimulationRun> {
  const clock = new ManualClock();
  const random = seededRandom(scenario.seed, clock);
  const upstreams = new SimulatedUpstreams(clock, seededRandom(scenario.seed + 0x9e3779b9, clock), scenario.faults);
  const network = simulatedNetwork((request) => upstreams.answer(request));
  const settlements: Settlement[] = [];
  const mistakes: unknown[] = [];
  const gateway = new Gateway(
    { clock, random, network },
    { settled: (settlement) => settlements.push(settlement), mistaken: (error) => mistakes.push(error) },
  );
  const adopt = (): Promise<void> => gateway.adopt(plan, ({ name }) => Promise.resolve(String(name)));
  await adopt();

  for (const { atMs, byMs } of scenario.clockSteps) clock.startTimer(atMs, () => clock.stepWall(byMs));
  for (const atMs of scenario.reloadsMs) clock.startTimer(atMs, () => void adopt());
  const outcomes = sendAll(gateway, clock, scenario.requests);
  const lastMs = Math.max(0, ...scenario.requests.map(({ atMs }) => atMs), ...scenario.faults.map(({ untilMs }) => untilMs));
  await clock.advance(lastMs);
  await drain(gateway, clock);
  await clock.advance(LATER_MS);
  upstreams.calmFromMs = clock.nowMs();
  const names = [...new Set(scenario.requests.map(({ model }) => model))];
  const later = sendAll(
    gateway,
    clock,
    names.map((model, at) => ({
      atMs: at * 60_000,
      model,
      stream: at % 2 === 0,
      leavesAfterMs: undefined,
      tools: false,
      images: false,
      length: 10,
      session: "later",
    })),
  );
  await clock.advance(names.length * 60_000);
  await drain(gateway, clock);

  const health = gateway.health!; // A plan was adopted.
  const run = {
    scenario,
    plan,
    outcomes: await Promise.all(outcomes),
    later: await Promise.all(later),
    settlements,
    mistakes,
    seen: upstreams.seen,
    left: {
      exchanges: gateway.pending,
      timers: clock.pending,
      inFlight: plan.targets.reduce((sum, { id }) => sum + health.inFlight(id), 0),
    },
  };
  return { ...run, violations: [...upstreams.violations, ...violationsOf(run)] };
}

function sendAll(gateway: Gateway, clock: ManualClock, requests: readonly SimulatedRequest[]): Promise<ClientOutcome>[] {
  return requests.map(
    (request) => new Promise((resolve, reject) => clock.startTimer(request.atMs, () => ask(gateway, clock, request).then(resolve, reject))),
  );
}

/** Lets everything come to its end. */
async function drain(gateway: Gateway, clock: ManualClock): Promise<void> {
  const untilMs = clock.nowMs() + DEADLINE_MS_MAX;
  while (gateway.pending > 0 || clock.pending > 0) {
    const { nextMs } = clock;
    if (nextMs === undefined || nextMs > untilMs) return;
    await clock.advance(nextMs - clock.nowMs());
  }
}
