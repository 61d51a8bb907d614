import type { WhenData } from "../config/data.ts";
import { type Hours, hoursOf } from "../config/hours.ts";
import type { Condition } from "./plan.ts";
import { NEEDS, type RequestFacts } from "./request-facts.ts";

/** Compiles what an operator says of the requests that a target is for. */
export function compileCondition(data: WhenData): Condition {
  const { inputTokensMin = 0, inputTokensMax = Number.POSITIVE_INFINITY, tools, images, stream, headers = {}, hoursUtc } = data;
  let needs = 0;
  let needsNot = 0;
  for (const [asked, bit] of [[tools, NEEDS.tools] as const, [images, NEEDS.images] as const, [stream, NEEDS.stream] as const]) {
    if (asked === true) needs |= bit;
    if (asked === false) needsNot |= bit;
  }
  return {
    inputTokensMin,
    inputTokensMax,
    needs,
    needsNot,
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const),
    hours: hoursUtc === undefined ? undefined : hoursOf(hoursUtc),
    data,
  };
}

/** Whether a request is one of those that a condition is for. Hot path: allocates nothing, but headers may where they are asked for. */
export function holds(condition: Condition, facts: RequestFacts): boolean {
  if (facts.inputTokens < condition.inputTokensMin || facts.inputTokens > condition.inputTokensMax) return false;
  if ((facts.needs & condition.needs) !== condition.needs || (facts.needs & condition.needsNot) !== 0) return false;
  if (condition.hours !== undefined && !isWithin(condition.hours, facts.minute)) return false;
  for (let at = 0; at < condition.headers.length; at++) {
    const [name, value] = condition.headers[at]!; // Below the length.
    if (facts.headers.get(name) !== value) return false;
  }
  return true;
}

function isWithin({ start, end }: Hours, minute: number): boolean {
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}
