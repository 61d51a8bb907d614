import { createHash } from "node:crypto";
import { type JsonMember, jsonMembers } from "../bytes/json-members.ts";
import { tenantOf } from "../policies/tenant.ts";
import type { Plan } from "../routing/plan.ts";
import type { PlannedCache } from "../routing/plan-policies.ts";
import type { Exchange } from "./exchange.ts";

/** Where an answer is to be looked for. */
export interface AnswerKey {
  readonly tenant: string;
  readonly key: string;
}

/** Fields that join a request to what its vendor keeps, or that ask for work behind the answer: equal requests are not the same there. */
const BOUND: ReadonlySet<string> = new Set(["previous_response_id", "conversation", "background", "container"]);
/** What is told otherwise: the route stands for the model, and the head says whether it is a stream. */
const TOLD: ReadonlySet<string> = new Set(["model", "stream"]);

/**
 * Says where the answer to a request would be kept: by all that may change it. That is every member of the body as it goes on, byte for byte; the way it came
 * by; the route and the whole configuration; the headers that go on to a provider or decide between providers; and which providers may serve the caller.
 * The order of the body's members does not matter.
 * @returns undefined if an answer to this request must not be given to another.
 */
export function answerKeyOf(
  { continuation, guarded, live, received, request, route }: Exchange,
  per: PlannedCache["per"],
): AnswerKey | undefined {
  const { body, head } = request;
  // An answer that its caller will ask for by name, or that is made of what is kept for one caller, is nobody else's.
  if (received.compacts || continuation?.goesOn || (per !== "key" && continuation?.stores)) return undefined;
  const members = jsonMembers(body);
  if (members === undefined || members.some(({ name, start, end }) => BOUND.has(name) && !isNothing(body, start, end))) return undefined;
  const { wire, provider, rest, query = "", headers, caller } = received;
  const names = headersOf(live.plan, wire.name, route.targets);
  const providers = [...new Set(route.targets.map((target) => live.plan.providers[live.plan.targets[target]!.provider]!.name))]; // Ids are rows.
  const hash = createHash("sha256").update(
    JSON.stringify([
      live.plan.hash,
      wire.name,
      provider ?? null,
      rest,
      query,
      route.operation,
      route.name,
      head.stream,
      names.map((name) => headers.get(name)),
      providers.filter((name) => caller.rights?.permitsProvider(name) !== false),
      // What a guardrail has made of an answer for one caller is for nobody who has other guardrails, or none.
      guarded?.looksAtAnswer === true ? tenantOf(caller, received.address()) : null,
    ]),
  );
  for (const { name, start, end } of members.filter((member) => !TOLD.has(member.name)).sort(byName)) {
    hash.update(`\n${JSON.stringify(name)} ${end - start} `).update(body.subarray(start, end));
  }
  return { tenant: sharedBy(per, received), key: hash.digest("base64url") };
}

function byName(a: JsonMember, b: JsonMember): number {
  return a.name < b.name ? -1 : 1;
}

/** Whether a value is null or false. */
function isNothing(body: Uint8Array, start: number, end: number): boolean {
  const text = Buffer.from(body.buffer, body.byteOffset + start, end - start).toString("latin1");
  return text === "null" || text === "false";
}

/** Who shares answers, named so that no key can be called like another's team. */
function sharedBy(per: PlannedCache["per"], { caller, address }: Exchange["received"]): string {
  switch (per) {
    case "all":
      return "all";
    case "organisation":
      if (caller.organisation !== undefined) return `organisation ${caller.organisation}`;
      break;
    case "team":
      if (caller.team !== undefined) return `team ${JSON.stringify([caller.organisation ?? null, caller.team])}`;
      break;
    case "key":
      break;
    default:
      return per satisfies never;
  }
  return `key ${tenantOf(caller, address())}`;
}

const HEADERS = new WeakMap<Plan, Map<string, readonly string[]>>();

/** The names of headers on which an answer may depend, in a fixed order. Found once per plan, format and set of targets. */
function headersOf(plan: Plan, wire: string, targets: Exchange["route"]["targets"]): readonly string[] {
  const known = HEADERS.get(plan) ?? new Map<string, readonly string[]>();
  HEADERS.set(plan, known);
  const name = `${wire} ${targets.join(" ")}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const sent = targets.flatMap((target) => plan.targets[target]!.bridges.get(wire)?.bridge.upstream.requestHeaders ?? []); // Ids are rows.
  const deciding = plan.choices.conditions.flatMap(({ headers }) => headers.map(([header]) => header));
  const names = [...new Set([...sent, ...deciding])].sort();
  known.set(name, names);
  return names;
}
