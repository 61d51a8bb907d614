import { OmniError } from "../ir/failure.ts";
import { tenantOf } from "../policies/tenant.ts";
import type { Plan, Route, Target, TargetId } from "../routing/plan.ts";
import type { Bridge, CrossingContext } from "../wire/bridge.ts";
import { ClientRequest } from "../wire/client-request.ts";
import type { AnswerSink, Keeping, KeepWish } from "../wire/keeping.ts";
import type { Downstream } from "../wire/wire.ts";
import type { Received } from "./gateway.ts";
import type { KeptAnswers, Maker, Provenance } from "./kept-answers.ts";
import type { Live } from "./live.ts";

/** How a request goes on from earlier answers, and what becomes of its own. Only in formats whose answers are kept. */
export class Continuation {
  /** The request with everything in it that it goes on from, as far as it is kept here. */
  readonly request: ClientRequest;
  /** Targets under the account that keeps what the request goes on from. */
  readonly homes: readonly TargetId[];
  /** Whether nobody else could go on from there. */
  readonly isBound: boolean;
  private readonly original: ClientRequest;
  private readonly wish: KeepWish;
  private readonly keeping: Keeping;
  private readonly kept: KeptAnswers | undefined;
  private readonly tenant: string;
  private readonly plan: Plan;
  /** Whether its own answer will be found again under its name. */
  readonly stores: boolean;

  /**
   * @throws {OmniError} `previous_response_not_found`, if what the request goes on from is not there, or not this caller's.
   */
  constructor(kept: KeptAnswers | undefined, live: Live, received: Received, keeping: Keeping, original: ClientRequest, route: Route) {
    const { wish, downstream } = { wish: original.head.keep ?? NOTHING, downstream: received.wire.downstream! }; // The server only receives wires that have one.
    this.kept = kept;
    this.keeping = keeping;
    this.original = original;
    this.wish = wish;
    this.plan = live.plan;
    this.tenant = tenantOf(received.caller, received.address());
    this.stores = kept !== undefined && wish.store && original.head.counts !== true && received.compacts !== true;
    const { homes, isBound, request } = this.goOn(live, route, received, downstream);
    this.homes = homes;
    this.isBound = isBound;
    this.request = request;
  }

  /** Whether it stands on what was said before and is not in it. */
  get goesOn(): boolean {
    return this.wish.previous !== undefined || this.wish.refers;
  }

  private goOn(live: Live, route: Route, received: Received, downstream: Downstream): Pick<Continuation, "homes" | "isBound" | "request"> {
    const { kept, keeping, original, tenant, wish } = this;
    const { previous, refers } = wish;
    const free = { homes: NOWHERE, isBound: false, request: original };
    if (kept === undefined || (previous === undefined && !refers)) return free;
    const found = previous === undefined ? undefined : kept.find(tenant, previous);
    // Where everybody is the same to us, the name may be one that a provider knows; elsewhere it may be that of somebody else's answer.
    if (previous !== undefined && found === undefined && live.house.door.ring.size > 0) throw unknownAnswer(previous);
    const homes = found?.isThere ? route.targets.filter((id) => isHome(live.plan, live.plan.targets[id]!, received, found.maker)) : NOWHERE; // Ids are rows.
    const turns = found?.turn && kept.turnsUpTo(tenant, previous ?? "", live.plan.server.bodyBytesMax);
    if (found !== undefined && turns === undefined && homes.length === 0) throw keptElsewhere(previous ?? "", found, route);
    const { body, changed } = keeping.restate(original.body, turns, (id) => kept.itemOf(tenant, id, keeping));
    const request = changed ? new ClientRequest(body, { ...downstream.readHead(body, "", ""), stream: original.head.stream }) : original;
    return { homes, isBound: homes.length > 0 && turns === undefined, request };
  }

  /** What a target is sent: only the name of what it keeps itself, and all of it otherwise. */
  requestAt(target: TargetId): ClientRequest {
    return this.homes.includes(target) ? this.original : this.request;
  }

  /** Whether kept words were written into what a target is sent. */
  isRestatedAt(target: TargetId): boolean {
    return this.requestAt(target) !== this.original;
  }

  /** What the bridge to a target has to know. */
  contextAt(target: Target, bridge: Bridge): Pick<CrossingContext, "isKept" | "previousId" | "sink"> {
    const previousId = this.isRestatedAt(target.id) ? this.wish.previous : undefined;
    if (!this.stores) return { isKept: false, previousId };
    const provenance = this.provenanceAt(target, bridge);
    return { isKept: true, previousId, sink: new Sink(this, provenance, this.keepsTurn(bridge)) };
  }

  /** Keeps a whole answer. */
  keep(target: Target, bridge: Bridge, answer: Uint8Array): void {
    if (!this.stores) return;
    const provenance = this.provenanceAt(target, bridge);
    this.keepAnswer(provenance, this.keepsTurn(bridge), answer);
  }

  /** Remembers where the answer of this name is kept. */
  keepPlace(id: string, provenance: Provenance): void {
    this.kept?.putPlace(this.tenant, id, provenance);
  }

  keepAnswer(provenance: Provenance, turn: boolean, answer: Uint8Array): void {
    const id = this.keeping.idOf(answer);
    if (id === undefined) return;
    if (turn) this.kept?.putTurn(this.tenant, id, provenance, this.keeping.inputOf(this.original.body), answer, this.keeping);
    else this.keepPlace(id, provenance);
  }

  private provenanceAt(target: Target, bridge: Bridge): Provenance {
    return {
      previous: this.wish.previous,
      maker: makerOf(this.plan, target),
      isThere: bridge.upstream.keepsAnswers === true,
    };
  }

  private keepsTurn({ type, upstream }: Bridge): boolean {
    return type === "translate" || upstream.keepsAnswers !== true || this.kept?.keepsAll === true;
  }
}

/** Hears of a stream's answer. */
class Sink implements AnswerSink {
  private readonly continuation: Continuation;
  private readonly provenance: Provenance;
  private readonly turn: boolean;

  constructor(continuation: Continuation, provenance: Provenance, turn: boolean) {
    this.continuation = continuation;
    this.provenance = provenance;
    this.turn = turn;
  }

  began(id: string): void {
    // A client may leave and come back for what its provider goes on with.
    if (this.provenance.isThere) this.continuation.keepPlace(id, this.provenance);
  }

  ended(answer: Uint8Array): void {
    if (this.turn) this.continuation.keepAnswer(this.provenance, true, answer);
  }
}

const NOWHERE: readonly TargetId[] = [];
const NOTHING: KeepWish = { store: false, previous: undefined, refers: false };

/** Under which of the operator's names a target is asked. */
export function makerOf({ providers, accounts }: Plan, { provider, account }: Target): Maker {
  return { provider: providers[provider]!.name, account: accounts[account]!.name }; // Ids are rows.
}

/** Whether a target is asked under the account that keeps an answer, in a way on which the answer's name goes with the request. */
function isHome(plan: Plan, target: Target, { wire }: Received, maker: Maker): boolean {
  return isOf(plan, target, maker) && target.bridges.get(wire.name)?.bridge.type === "verbatim";
}

/** Whether a target is asked under this account. */
export function isOf(plan: Plan, target: Target, maker: Maker): boolean {
  const own = makerOf(plan, target);
  return own.provider === maker.provider && own.account === maker.account;
}

/** One answer for what never was, what is no more, and what is another's. */
function unknownAnswer(id: string): OmniError {
  const message = `Previous response with id '${shown(id)}' not found. Send all of the conversation in the request.`;
  return new OmniError("previous_response_not_found", message, { param: "previous_response_id" });
}

function keptElsewhere(id: string, { isThere, maker }: { readonly isThere: boolean; readonly maker: Maker }, route: Route): OmniError {
  const why = isThere
    ? `only provider "${maker.provider}" keeps it, which "${route.name}" does not lead to under the same account`
    : "a part of what came before it is not kept any more";
  const message = `Cannot go on from '${shown(id)}': ${why}. Send all of the conversation in the request.`;
  return new OmniError("previous_response_not_found", message, { param: "previous_response_id" });
}

function shown(id: string): string {
  return id.length > 100 ? `${id.slice(0, 100)}…` : id;
}
