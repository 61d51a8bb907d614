// What `import … from "omni/test"` finds: tests of a configuration, in milliseconds, without network and secrets.
import type { ConfigData } from "./config/data.ts";
import { durationMs } from "./config/duration.ts";
import { mergeEnvironment } from "./config/environment.ts";
import type { Duration } from "./config/grammar.ts";
import { hoursOf } from "./config/hours.ts";
import { isConfigFile, shapeFaults } from "./config/schema.ts";
import { validate } from "./config/validate.ts";
import { createTried, decide } from "./routing/decide.ts";
import type { Plan, TargetId } from "./routing/plan.ts";
import { NEEDS, type RequestFacts } from "./routing/request-facts.ts";
import { ALL_WELL, fitTargets, whyUnfit } from "./routing/why-unfit.ts";
import { isServed } from "./simulation/invariants.ts";
import { runScenario } from "./simulation/run.ts";
import type { SimulatedFaultType } from "./simulation/scenario.ts";
import { simulatedPlan } from "./simulation/simulated-plan.ts";

/** A request, as far as a choice may depend on it. */
export interface ExplainedRequest {
  /** The name that a client would send. */
  readonly model: string;
  /** Default 0. */
  readonly inputTokens?: number;
  readonly outputTokensMax?: number;
  readonly tools?: boolean;
  readonly images?: boolean;
  readonly structuredOutput?: boolean;
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Which session it belongs to. */
  readonly session?: string;
  /** The time of the day in UTC, such as `23:30`. Default `12:00`. */
  readonly time?: string;
  /** Providers, and targets such as `openai/gpt-5.1`, that are out of service. */
  readonly out?: readonly string[];
  /** What is left to chance: from 0 to 1. Default 0. */
  readonly chance?: number;
  /** How many requests the name had before. Default 0. */
  readonly turn?: number;
}

/** Where a request would go. */
export interface ExplainedRoute {
  /** The targets in the order in which they are asked while each one fails. */
  readonly targets: readonly string[];
  /** Why there is none, if there is none for this request even with all in service. */
  readonly reasons: readonly string[];
}

/** How to read a configuration. */
export interface TestOptions {
  /** Which of its environments to merge in. Default: none. */
  readonly environment?: string;
}

/**
 * Says where a request would go.
 * @param config What `omni.config.ts` exports.
 * @throws {Error} If the configuration does not hold, or has no such name.
 */
export function explain(config: object, request: ExplainedRequest, options: TestOptions = {}): ExplainedRoute {
  const plan = simulatedPlan(dataOf(config, options));
  const name = new TextEncoder().encode(request.model);
  const route = plan.names.chat.find(name, 0, name.length);
  if (route === -1) throw new Error(`Cannot explain "${request.model}": the configuration has no such name.`);
  const facts = factsOf(request);
  const out = new Set(plan.targets.filter((target) => isOut(plan, target.id, request.out ?? [])).map(({ id }): number => id));
  const health = { ...ALL_WELL, allows: (target: number) => !out.has(target), share: (target: number) => (out.has(target) ? 0 : 1) };
  const tried = createTried();
  const targets: string[] = [];
  for (;;) {
    const target = decide(plan, route, health, tried, 0, request.chance ?? 0, facts);
    if (target === -1) break;
    tried.add(target);
    targets.push(plan.targets[target]!.name); // Ids are rows.
  }
  const planned = plan.routes[route]!; // The same.
  return { targets, reasons: fitTargets(plan, planned, facts).length > 0 ? [] : whyUnfit(plan, planned, facts) };
}

/** Something that goes wrong. */
export interface OutageOptions {
  /** `*`, a provider's name, or `provider/model`. */
  readonly at: string;
  /** Since the start. Default: from the start. */
  readonly from?: Duration;
  /** Default: to the end. */
  readonly until?: Duration;
  /** Default `refuse`. */
  readonly type?: SimulatedFaultType;
  /** The part of the requests that it strikes. Default 1. */
  readonly share?: number;
}

/** What to simulate. */
export interface SimulateOptions extends TestOptions {
  /** The name that clients send. */
  readonly model: string;
  /** Default 100. */
  readonly requests?: number;
  /** Default 10. */
  readonly perSecond?: number;
  /** Default false. */
  readonly stream?: boolean;
  /** Default 10. */
  readonly inputTokens?: number;
  /** Whether they offer tools. Default false. */
  readonly tools?: boolean;
  /** Whether there are images in them. Default false. */
  readonly images?: boolean;
  readonly outages?: readonly OutageOptions[];
  /** What is left to chance follows from it. Default 1. */
  readonly seed?: number;
}

/** One request of a simulation. */
export interface SimulatedAnswer {
  /** Since the start. */
  readonly atMs: number;
  /** Whether the client got a whole answer. */
  readonly served: boolean;
  readonly status: number;
  /** The error's code, if there is one. */
  readonly code: string | undefined;
  /** Who was asked last. */
  readonly target: string | undefined;
  readonly attempts: number;
  readonly totalMs: number;
}

/** What came of a simulation. */
export interface SimulateResult {
  /** In the order in which they were sent. */
  readonly requests: readonly SimulatedAnswer[];
  /** Which part of them got a whole answer. From 0 to 1. */
  readonly availability: number;
  readonly attempts: number;
  /** How many each target served. */
  readonly servedBy: Readonly<Record<string, number>>;
  /** What must never be and was: none, or there is a bug in the gateway. */
  readonly violations: readonly string[];
}

/**
 * Sends requests through the gateway as it is, in simulated time, to providers that fail as told.
 * @param config What `omni.config.ts` exports.
 * @throws {Error} If the configuration does not hold.
 */
export async function simulate(config: object, options: SimulateOptions): Promise<SimulateResult> {
  const { model, requests = 100, perSecond = 10, stream = false, outages = [], seed = 1 } = options;
  const data = dataOf(config, options);
  const run = await runScenario({
    seed,
    config: data,
    requests: Array.from({ length: requests }, (_, at) => ({
      atMs: (at * 1000) / perSecond,
      model,
      stream,
      leavesAfterMs: undefined,
      tools: options.tools ?? false,
      images: options.images ?? false,
      length: 4 * (options.inputTokens ?? 10),
      session: `session ${at}`,
    })),
    faults: outages.map(({ at, from, until, type = "refuse", share = 1 }) => ({
      at,
      fromMs: from === undefined ? 0 : msOf(from),
      untilMs: until === undefined ? (requests * 1000) / perSecond : msOf(until),
      type,
      share,
    })),
    clockSteps: [],
    reloadsMs: [],
  });
  const answers = run.outcomes.map((outcome) => ({
    atMs: outcome.startedMs,
    served: isServed(outcome),
    status: outcome.status,
    code: outcome.code,
    target: outcome.target,
    attempts: outcome.attempts,
    totalMs: outcome.endedMs - outcome.startedMs,
  }));
  const served = answers.filter((answer) => answer.served);
  return {
    requests: answers,
    availability: answers.length === 0 ? 1 : served.length / answers.length,
    attempts: answers.reduce((sum, { attempts }) => sum + attempts, 0),
    servedBy: Object.fromEntries([...Map.groupBy(served, ({ target }) => target ?? "")].map(([target, all]) => [target, all.length])),
    violations: run.violations,
  };
}

function dataOf(config: object, { environment }: TestOptions): ConfigData {
  const plain: unknown = JSON.parse(JSON.stringify(config));
  if (!isConfigFile(plain)) throw refusal(shapeFaults(plain));
  const { data } = mergeEnvironment(plain, environment);
  const faults = validate(data).filter(({ severity }) => severity === "error");
  if (faults.length > 0) throw refusal(faults);
  return data;
}

function refusal(faults: readonly { readonly path: readonly string[]; readonly what: string }[]): Error {
  return new Error(`The configuration does not hold: ${faults.map(({ path, what }) => `${path.join(".")}: ${what}`).join("; ")}.`);
}

function factsOf(request: ExplainedRequest): RequestFacts {
  const { inputTokens = 0, outputTokensMax, tools, images, structuredOutput, stream, headers = {}, session = "", time = "12:00" } = request;
  const hours = hoursOf(`${time}-${time}`);
  if (hours === undefined) throw new Error(`Cannot explain "${request.model}": "${time}" is no time of the day, such as "23:30".`);
  return {
    inputTokens,
    outputTokensMax,
    needs:
      (tools ? NEEDS.tools : 0) |
      (images ? NEEDS.images : 0) |
      (structuredOutput ? NEEDS.structuredOutput : 0) |
      (stream ? NEEDS.stream : 0),
    headers: new Headers(headers),
    minute: hours.start,
    affinity: Bun.hash.xxHash32(session),
    turn: request.turn ?? 0,
  };
}

function isOut(plan: Plan, id: TargetId, out: readonly string[]): boolean {
  const { name, service, provider } = plan.targets[id]!; // Ids are rows.
  return out.some((other) => other === name || other === service || other === plan.providers[provider]?.name);
}

function msOf(duration: Duration): number {
  const ms = durationMs(duration);
  if (ms === undefined) throw new Error(`"${duration}" is no duration.`);
  return ms;
}
