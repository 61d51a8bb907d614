import { OmniError } from "../ir/failure.ts";
import type { JsonObject } from "../ir/json.ts";
import type { Caller } from "../policies/caller.ts";
import { tenantOf } from "../policies/tenant.ts";
import { Limit } from "../resilience/deadline.ts";
import type { Target } from "../routing/plan.ts";
import type { Keeping } from "../wire/keeping.ts";
import type { Upstream, Wire } from "../wire/wire.ts";
import type { NetworkResponse } from "../world/network.ts";
import { Cancellation, type CancelSignal } from "../world/cancellation.ts";
import type { World } from "../world/world.ts";
import { isOf } from "./continuation.ts";
import type { Reply } from "./gateway.ts";
import type { KeptAnswer, KeptAnswers, Maker } from "./kept-answers.ts";
import type { Live } from "./live.ts";

/** What a client asks of an answer that is kept. */
export interface KeptRequest {
  /** A format with `keeping`. */
  readonly wire: Wire;
  /** The provider's name in a path below `/v1/providers/{provider}`: then only its answers are there. */
  readonly provider: string | undefined;
  readonly id: string;
  /** `cancel` is for what a provider works on in the background. */
  readonly action: "get" | "delete" | "input_items" | "cancel";
  /** What stood behind the `?`, as it was sent. */
  readonly query: string;
  readonly caller: Caller;
  address(): string;
  /** Aborted when the client is gone. */
  readonly signal: CancelSignal;
}

/** How long a provider may take to say what it has. */
const LIMIT_MS = 60_000;
const ID = /^[\w-]{1,256}$/;

/**
 * Answers from what is kept here, or asks the account that has it. An answer of somebody else's is told as one that never was.
 * @throws {OmniError} What the client is to be told.
 */
export async function serveKept(
  request: KeptRequest,
  requestId: string,
  kept: KeptAnswers | undefined,
  live: Live,
  world: World,
): Promise<Reply> {
  const { wire, id, action, caller, provider } = request;
  const keeping = wire.downstream!.keeping!; // The server makes endpoints only for formats that have both.
  const tenant = tenantOf(caller, request.address());
  const known = ID.test(id) ? kept?.find(tenant, id) : undefined;
  const found = provider === undefined || known?.maker.provider === provider ? known : undefined;
  const place = found === undefined ? placeOfUnknown(request, live) : placeOf(found, wire, live);
  if (place !== undefined) {
    const reply = await forward(request, requestId, place, live, world);
    if (action === "delete" && reply.status === 200) kept?.delete(tenant, id, keeping);
    // A provider that has forgotten what we have not is no reason to know nothing.
    if (reply.status !== 404 || found?.turn === undefined) return reply;
  }
  if (kept === undefined || found?.turn === undefined) throw notFound(id);
  const json = answerHere(request, keeping, kept, tenant, live);
  return { status: 200, headers: headersOf(requestId, live), body: Buffer.from(JSON.stringify(json)) };
}

function answerHere({ action, id, query }: KeptRequest, keeping: Keeping, kept: KeptAnswers, tenant: string, live: Live): JsonObject {
  const turn = kept.find(tenant, id)?.turn;
  if (turn === undefined) throw notFound(id);
  const asked = new URLSearchParams(query);
  switch (action) {
    case "get":
      if (asked.get("stream") !== "true") return turn.answer;
      throw new OmniError("invalid_request", "Cannot stream this answer again: it is complete. Ask for it without `stream`.", {
        param: "stream",
      });
    case "delete":
      kept.delete(tenant, id, keeping);
      return keeping.deleted(id);
    case "input_items": {
      const turns = kept.turnsUpTo(tenant, id, live.plan.server.bodyBytesMax) ?? [turn];
      const [limit, order, after] = ["limit", "order", "after"].map((name) => asked.get(name) ?? undefined);
      return keeping.pageOf(turns, id, { limit, order, after });
    }
    case "cancel":
      throw new OmniError("invalid_request", "Cannot cancel this answer: only those that are made in the background can be cancelled.");
    default:
      return action satisfies never;
  }
}

/** An account that can be asked for an answer, by way of one of its targets. */
interface Place {
  readonly target: Target;
  readonly upstream: Upstream;
  readonly url: string;
}

function placeOf({ isThere, maker }: KeptAnswer, wire: Wire, live: Live): Place | undefined {
  return isThere ? placesOf(wire, live, maker).at(0) : undefined;
}

/**
 * A name that is not known here, as after a restart, may still be one that a provider knows. It is only asked where there are no keys, so that nobody
 * reaches another's answers by it, and only if there is but one who could have it.
 */
function placeOfUnknown({ wire, provider, id }: KeptRequest, live: Live): Place | undefined {
  if (live.house.door.ring.size > 0 || !ID.test(id)) return undefined;
  const places = placesOf(wire, live).filter(
    ({ target }) => provider === undefined || live.plan.providers[target.provider]?.name === provider,
  );
  const accounts = new Set(places.map(({ target }) => target.account));
  return accounts.size === 1 ? places[0] : undefined;
}

function placesOf({ name, operation }: Wire, { plan }: Live, maker?: Maker): Place[] {
  return plan.targets.flatMap((target) => {
    if (target.operation !== operation || (maker !== undefined && !isOf(plan, target, maker))) return [];
    const way = target.bridges.get(name);
    if (way === undefined || way.bridge.type !== "verbatim" || way.bridge.upstream.keepsAnswers !== true) return [];
    return [{ target, upstream: way.bridge.upstream, url: way.url }];
  });
}

/** Asks the provider, and hands on what it says. */
async function forward(
  request: KeptRequest,
  requestId: string,
  { target, upstream, url }: Place,
  live: Live,
  world: World,
): Promise<Reply> {
  const { action, id, query, signal } = request;
  const cancellation = new Cancellation();
  const onGone = (): void => cancellation.abort(new OmniError("client_closed", "The client closed the connection."));
  if (signal.aborted) onGone();
  signal.addEventListener("abort", onGone);
  const limit = new Limit(world.clock, LIMIT_MS, () => cancellation.abort(tooSlow(target)));
  try {
    const account = live.accounts[target.account]!; // Ids are rows.
    const path = action === "get" || action === "delete" ? "" : `/${action}`;
    const sent = {
      method: action === "delete" ? "DELETE" : action === "cancel" ? "POST" : "GET",
      url: `${url}/${id}${path}${query === "" ? "" : `?${query}`}`,
      headers: account.headersFor(upstream, "application/json"),
    } as const;
    const signature = account.sign?.(sent, world.clock.epochMs());
    const session = live.providers[target.provider]!.session; // The same.
    const response = await session.send({ ...sent, headers: { ...sent.headers, ...signature }, signal: cancellation });
    return await replyOf(response, requestId, target, upstream, live, world);
  } catch (error) {
    if (error instanceof OmniError) throw error;
    throw new OmniError("upstream_unreachable", `Cannot reach ${target.name}, which keeps this answer.`, { cause: error });
  } finally {
    limit.cancel();
  }
}

async function replyOf(
  response: NetworkResponse,
  requestId: string,
  target: Target,
  upstream: Upstream,
  live: Live,
  world: World,
): Promise<Reply> {
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "application/json";
  const own = { ...headersOf(requestId, live), "x-omni-target": target.name, "content-type": type };
  if (status === 200 && type.startsWith("text/event-stream") && response.body !== null)
    return { status, headers: own, body: response.body };
  const body = await response.bytes();
  if (status >= 200 && status <= 299) return { status, headers: own, body };
  const failure = upstream.decodeRefusal(status, headers, body, world.clock.epochMs());
  // What is said of our own credential is nobody's.
  if (failure.body === undefined) throw failure;
  return { status: failure.status, headers: own, body: failure.body };
}

function headersOf(requestId: string, { plan }: Live): Record<string, string> {
  return { "content-type": "application/json", "x-omni-request-id": requestId, "x-omni-config": plan.hash };
}

function tooSlow({ name }: Target): OmniError {
  return new OmniError("upstream_timeout", `Cannot get an answer from ${name}: nothing came within ${LIMIT_MS / 1000} s.`);
}

/** One answer for what never was, what is no more, and what is another's. */
function notFound(id: string): OmniError {
  const shown = id.length > 100 ? `${id.slice(0, 100)}…` : id;
  return new OmniError("not_found", `Response with id '${shown}' not found.`);
}
