import { FAILURES } from "../ir/failure.ts";
import { NEEDS } from "../routing/request-facts.ts";
import type { ClientOutcome } from "./client.ts";
import type { SimulationRun } from "./run.ts";

/** All that holds in every run, whatever goes wrong in it. Each gives what was found to break it. */
const INVARIANTS: readonly ((run: Omit<SimulationRun, "violations">) => string[])[] = [
  /** No bug of ours shows. */
  ({ mistakes }) => mistakes.map((error) => `The gateway made a mistake: ${error instanceof Error ? error.stack : String(error)}`),

  /** Every exchange is settled once. */
  ({ outcomes, later, settlements }) =>
    settlements.length === outcomes.length + later.length
      ? []
      : [`${outcomes.length + later.length} requests were settled ${settlements.length} times.`],

  /** Slots and timers come back. */
  ({ left }) =>
    Object.entries(left)
      .filter(([, count]) => count !== 0)
      .map(([what, count]) => `${count} ${what} are left when all is over.`),

  /** Attempts and time of an exchange are bounded, over the whole tree. */
  ({ settlements, plan }) =>
    settlements.flatMap(({ route: name, attempts, totalMs, failure }) => {
      const route = plan.routes.find((candidate) => candidate.name === name)!; // Settlements speak of the plan's routes.
      const found: string[] = [];
      if (attempts.length > route.attemptsMax) found.push(`${attempts.length} attempts were made for "${name}", of ${route.attemptsMax}.`);
      if (totalMs > route.deadlineMs + 1_000) found.push(`"${name}" took ${totalMs} ms of ${route.deadlineMs}.`);
      const perTarget = Map.groupBy(attempts, ({ target }) => target);
      for (const [target, tries] of perTarget)
        if (tries.length > 2) found.push(`${target} was asked ${tries.length} times for one request.`);
      const repeated = [...perTarget.values()].filter(
        ([first, second]) => second !== undefined && first?.failure !== undefined && FAILURES[first.failure].retry === "once",
      );
      if (repeated.length > 1) found.push("More than one attempt that may have done its work was repeated.");
      const follow = attempts.filter(({ isHedge }) => !isHedge);
      const ended = follow.filter((attempt, at) => attempt.failure === undefined && at < follow.length - 1);
      if (ended.length > 0 && failure === undefined) found.push("Another attempt followed one that was good.");
      return found;
    }),

  /** Second attempts beside the first are no more than their part of all requests, and only one of an exchange's attempts is good. */
  ({ settlements, plan }) =>
    [...Map.groupBy(settlements, ({ route }) => route)].flatMap(([name, all]) => {
      const share = plan.routes.find((candidate) => candidate.name === name)?.hedge?.share ?? 0;
      const hedges = all.flatMap(({ attempts }) => attempts).filter(({ isHedge }) => isHedge).length;
      const doubled = all.filter(({ attempts }) => attempts.filter(({ failure }) => failure === undefined).length > 1).length;
      return [
        ...(hedges > share * all.length + 1e-9 ? [`"${name}" asked ${hedges} second targets for ${all.length} requests.`] : []),
        ...(doubled > 0 ? [`${doubled} requests to "${name}" had two good attempts.`] : []),
      ];
    }),

  /** What a client reads comes from one attempt, or from two, and then it says so. */
  ({ outcomes }) =>
    outcomes.flatMap(({ text, request }) => {
      const sources = new Set(text.match(/\ba\d+(?= )/g));
      const allowed = text.includes("\n: omni-resumed ") ? 2 : 1;
      return sources.size > allowed ? [`An answer to "${request.model}" was put together of ${[...sources].join(", ")}.`] : [];
    }),

  /** No end is made up: what looks finished was finished by its provider. */
  ({ outcomes, later, seen }) =>
    [...outcomes, ...later].flatMap((outcome) => {
      if (outcome.end !== "whole") return [];
      const source = /"a(\d+)"/.exec(outcome.text)?.[1];
      if (source === undefined) return [`A complete answer to "${outcome.request.model}" has nothing in it.`];
      const isFinished = outcome.request.stream ? outcome.text.includes('"finish_reason":"stop"') : isJson(outcome.text);
      return isFinished && seen[Number(source)] !== undefined ? [] : [`An answer to "${outcome.request.model}" looks finished and is not.`];
    }),

  /** Whoever is refused for want of somebody to ask is told when to come back. */
  ({ outcomes }) =>
    outcomes.flatMap(({ code, retryAfterMs, status, request }) =>
      (code === "circuit_open" || code === "rate_limited" || code === "overloaded") && status !== 200 && !((retryAfterMs ?? -1) >= 0)
        ? [`"${request.model}" was refused with ${code} and no time to come back.`]
        : [],
    ),

  /** A key that is refused is nobody else's business: clients never see 401 or 403. */
  ({ outcomes }) =>
    outcomes.flatMap(({ status, request }) => (status === 401 || status === 403 ? [`A client of "${request.model}" got ${status}.`] : [])),

  /** No model is given what it can not serve. */
  ({ seen, plan }) =>
    seen.flatMap(({ provider, model, tools, images, bytes }) => {
      const target = plan.targets.find(({ service }) => service === `${provider}/${model}`)!; // Only targets of the plan are asked.
      const lacks = plan.models.lacks[target.id]!; // Targets are rows.
      const isTooLong = bytes / 8 > plan.models.contextTokens[target.id]! + 1_000; // The same. An image may count for a thousand.
      const asksTooMuch = (tools && (lacks & NEEDS.tools) !== 0) || (images && (lacks & NEEDS.images) !== 0) || isTooLong;
      return asksTooMuch ? [`${target.service} was given a request that it can not serve.`] : [];
    }),

  /** When faults are over, everything comes back. */
  ({ later }) =>
    later.flatMap((outcome) =>
      isServed(outcome) || isUnfit(outcome) ? [] : [`"${outcome.request.model}" does not come back: ${outcome.status} ${outcome.code}.`],
    ),

  /** Without a fault nobody fails. */
  ({ scenario, outcomes, plan }) =>
    scenario.faults.length > 0 || plan.providers.some(({ attemptsMax }) => attemptsMax !== undefined)
      ? []
      : outcomes.flatMap((outcome) =>
          isServed(outcome) ||
          isUnfit(outcome) ||
          outcome.end === "left" ||
          outcome.code === "deadline_exceeded" ||
          outcome.code === "upstream_timeout"
            ? []
            : [`"${outcome.request.model}" failed though nothing was wrong: ${outcome.status} ${outcome.code}.`],
        ),
];

/** What was broken of all that must hold. */
export function violationsOf(run: Omit<SimulationRun, "violations">): string[] {
  return INVARIANTS.flatMap((invariant) => invariant(run));
}

/** Whether a client got all of an answer. */
export function isServed({ status, end }: ClientOutcome): boolean {
  return status === 200 && end === "whole";
}

/** Whether nobody was asked since the request was for nobody. */
function isUnfit({ status, code, attempts }: ClientOutcome): boolean {
  return status === 400 && code === "invalid_request" && attempts === 0;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
