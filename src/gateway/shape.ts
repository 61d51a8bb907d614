import { compressBody, isSwitchedOff, type Saving } from "../policies/compress/index.ts";
import type { Plan, Route } from "../routing/plan.ts";
import type { Downstream, RequestHead } from "../wire/wire.ts";
import type { Received } from "./gateway.ts";
import type { Live } from "./live.ts";

/** A request as it goes on, and what was left out of its tool results. */
export interface Shaped {
  readonly body: Uint8Array;
  readonly head: RequestHead;
  readonly savings: readonly Saving[];
}

const NOTHING: readonly Saving[] = [];

/**
 * Leaves out of a request's tool results what no model needs. Only the texts of those results change; all other bytes stay as they are, so that what
 * passes verbatim still does. On the hot path: a look for a few words where there is nothing to do.
 */
export function shapeRequest({ plan }: Live, received: Received, downstream: Downstream, head: RequestHead, route: Route): Shaped {
  const { rtk } = plan.policies;
  const { body, wire, headers, rest, query = "" } = received;
  if (!rtk.enabled || wire.operation !== "chat") return { body, head, savings: NOTHING };
  // Nearly always there is nothing to do, and to find that out costs less than to look at headers.
  const compressed = compressBody(wire.name, body, rtk);
  if (compressed.savings.length === 0 || isSwitchedOff(headers) || isExcepted(plan, received, route))
    return { body, head, savings: NOTHING };
  // Everything behind the first result stands elsewhere now.
  const { valueStart, valueEnd, modelBytes, modelStart, modelEnd, usageWish } = downstream.readHead(compressed.body, rest, query);
  const places = { valueStart, valueEnd, modelBytes, modelStart, modelEnd, usageWish };
  return { body: compressed.body, head: { ...head, ...places }, savings: compressed.savings };
}

/** Whether the operator wants the request's tool results left alone. */
function isExcepted({ policies, providers, targets }: Plan, { caller }: Received, route: Route): boolean {
  const { except } = policies.rtk;
  if (except === undefined) return false;
  if (except.keys.has(caller.keyName) || except.models?.permitsModel(route.name) === true) return true;
  return route.targets.some((target) => except.providers.has(providers[targets[target]!.provider]!.name)); // Ids are rows.
}
