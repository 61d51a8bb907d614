import type { Random } from "../../world/random.ts";

/** What goes wrong, as far as it is told by a name alone. */
const NAMES = [
  /** Nobody listens. Over real HTTP, where the connection stands already, the same as `reset`. */
  "refuse",
  /** The connection breaks before the answer's head. */
  "reset",
  /** Nothing comes, ever; with `after`, nothing more after so many events with content. */
  "stall",
  /** The connection breaks in the middle of the answer. */
  "cut",
  /** The answer ends in its middle, politely: no error, but not the protocol's own end either. */
  "truncate",
  /** An error event in the middle of a stream, and nothing after it. */
  "error-in-stream",
  /** An error body under status 200. */
  "error-in-200",
  /** A proper answer with nothing in it. */
  "empty",
  /** Status 200 and no bytes at all. */
  "blank",
  /** A web page under status 200, as captive portals send it. */
  "html",
  /** JSON that breaks off, in an answer that does not. */
  "malformed",
] as const;

/** What goes wrong with one request. */
export interface Fault {
  /** A name from the list above, or `status` for a refusal with that status. */
  readonly type: (typeof NAMES)[number] | "status";
  readonly status: number;
  /** Seconds, for a `retry-after` header. */
  readonly retryAfterS: number | undefined;
  /** Events with content that still come through. */
  readonly after: number;
}

/** The header that asks for a fault. Only simulators are sent it, and it is stronger than the model's name. */
export const FAULT_HEADER = "x-sim-fault";

/** Events with content before a fault in the middle, unless `after` says otherwise; a stall comes at once. */
const AFTER = 2;

/**
 * Says what is to go wrong.
 * @param header Such as `429;retry-after=2` or `cut;after=3;chance=50`; the chance is in percent.
 * @param model Such as `fail-429-retry-after-2`, `fail-cut-after-3-chance-50` or `flaky-50`.
 * @returns Undefined if all is to go well.
 * @throws {RangeError} If the header says nothing that is known.
 */
export function faultOf(header: string | null, model: string, random: Random): Fault | undefined {
  const wish = header === null ? wishOfModel(model) : wishOfHeader(header);
  if (wish === undefined) return undefined;
  const chance = wish.parameters.get("chance");
  if (chance !== undefined && random.unit() * 100 >= chance) return undefined;
  return wish.fault;
}

interface Wish {
  readonly fault: Fault;
  readonly parameters: ReadonlyMap<string, number>;
}

function wishOfHeader(header: string): Wish {
  const [name = "", ...rest] = header.split(";").map((part) => part.trim());
  const parameters = new Map(
    rest.map((part): [string, number] => [part.slice(0, part.indexOf("=")), Number(part.slice(part.indexOf("=") + 1))]),
  );
  const wish = wishOf(name, parameters);
  const isKnown = [...parameters].every(([key, value]) => /^(after|retry-after|chance)$/.test(key) && Number.isFinite(value));
  if (wish === undefined || !isKnown)
    throw new RangeError(`Cannot read ${FAULT_HEADER}: "${header}". One that works: "429;retry-after=2".`);
  return wish;
}

function wishOfModel(model: string): Wish | undefined {
  const flaky = /^flaky-(\d+)$/.exec(model)?.[1];
  if (flaky !== undefined) return wishOf("500", new Map([["chance", Number(flaky)]]));
  if (!model.startsWith("fail-")) return undefined;
  const parameters = new Map<string, number>();
  const name = model.slice("fail-".length).replace(/-(retry-after|after|chance)-(\d+)/g, (_, key: string, value: string) => {
    parameters.set(key, Number(value));
    return "";
  });
  return wishOf(name, parameters);
}

function wishOf(name: string, parameters: ReadonlyMap<string, number>): Wish | undefined {
  const isStatus = /^[45]\d\d$/.test(name);
  const type = isStatus ? "status" : NAMES.find((candidate) => candidate === name);
  if (type === undefined) return undefined;
  const after = parameters.get("after") ?? (type === "stall" ? 0 : AFTER);
  return { fault: { type, status: isStatus ? Number(name) : 200, retryAfterS: parameters.get("retry-after"), after }, parameters };
}
