import { FAILURES, type FailureKind, OmniError } from "../ir/failure.ts";
import type { Loss } from "../ir/loss.ts";
import type { Usage } from "../ir/usage.ts";
import type { Saving } from "../policies/compress/index.ts";
import type { Hindrance } from "../resilience/target-state.ts";
import { createTried } from "../routing/decide.ts";
import type { ProviderId, Route, Target, TargetId } from "../routing/plan.ts";
import { NO_FACTS, type RequestFacts } from "../routing/request-facts.ts";
import type { BoundedStore } from "../store/bounded-store.ts";
import type { ReasoningMending } from "../wire/reasoning-memory.ts";
import type { ClientRequest } from "../wire/client-request.ts";
import type { Downstream, StreamForm } from "../wire/wire.ts";
import type { World } from "../world/world.ts";
import type { Account } from "./account.ts";
import type { Continuation } from "./continuation.ts";
import type { Received } from "./gateway.ts";
import type { GuardedExchange } from "./guarding.ts";
import type { Live } from "./live.ts";
import { readFacts } from "./read-facts.ts";

/** One try at one target, as it is remembered. */
export interface AttemptRecord {
  readonly target: Target;
  readonly startedMs: number;
  failure: FailureKind | undefined;
  /** Whether it was made while another one was under way. */
  isHedge: boolean;
  /** Targets that stand before this one in the route and could not be asked. */
  passedOver: readonly PassedOver[];
}

/** A target that could not be asked, and why. */
export interface PassedOver {
  readonly target: string;
  readonly hindrances: readonly Hindrance[];
  /** What it failed with last. */
  readonly lastFailure: FailureKind | undefined;
}

/** One client request with all that comes of it. It keeps the plan that it began with. */
export class Exchange {
  readonly id: string;
  readonly world: World;
  readonly live: Live;
  readonly received: Received;
  readonly downstream: Downstream;
  readonly request: ClientRequest;
  /** How it goes on from earlier answers; undefined in formats whose answers are not kept. */
  readonly continuation: Continuation | undefined;
  readonly route: Route;
  readonly startedMs: number;
  /** What its choice of targets may depend on. */
  readonly facts: RequestFacts;
  readonly tried: ReturnType<typeof createTried> = createTried();
  readonly attempts: AttemptRecord[] = [];
  /** As the house and the ledger see it; undefined where nobody limits, prices or takes down anything. */
  account: Account | undefined;
  /** As its guardrails see it; undefined where there are none. */
  guarded: GuardedExchange | undefined;
  /** How long it has waited for a provider that had no room. */
  waitedForRoomMs = 0;
  usage: Usage | undefined;
  /** What was left out of its tool results. */
  savings: readonly Saving[] = [];
  /** What could not be carried to the client or to the target that answered. */
  losses: readonly Loss[] = [];
  /** When the first content came. */
  firstContentMs: number | undefined;
  /** Called once when the client leaves while its answer is being delivered. */
  onGone: (() => void) | undefined;
  private abortAttempt: ((reason: OmniError) => void) | undefined;
  private gone = false;
  private isDetached = false;
  /** Where reasoning is remembered that clients drop; undefined where none is. */
  reasoning: BoundedStore | undefined;
  /** How requests are mended from now on, since a target has refused one for its reasoning. */
  mending: ReasoningMending | undefined;
  /** What the answer cache had to do with it; undefined where there is none. */
  cache: "hit" | "miss" | "bypass" | undefined;

  constructor(
    id: string,
    world: World,
    live: Live,
    received: Received,
    downstream: Downstream,
    request: ClientRequest,
    route: Route,
    continuation?: Continuation,
  ) {
    this.id = id;
    this.world = world;
    this.live = live;
    this.received = received;
    this.downstream = downstream;
    this.request = request;
    this.continuation = continuation;
    this.route = route;
    this.startedMs = world.clock.nowMs();
    this.facts = route.asksFacts ? readFacts(received, request, live.takeTurn(route.id), world) : NO_FACTS;
    received.signal.addEventListener("abort", this);
  }

  /** Called by the client's signal. */
  handleEvent(): void {
    this.leave();
  }

  /** From now on it goes on when its client leaves, since others wait for the same. Who looks after them calls `leave`. */
  detach(): void {
    this.isDetached = true;
    this.received.signal.removeEventListener("abort", this);
  }

  /** The client is gone: the attempt under way ends, and no other begins. */
  leave(): void {
    if (this.gone) return;
    this.gone = true;
    this.abortAttempt?.(clientClosed());
    this.onGone?.();
  }

  /** Whether its stream, if it breaks off, is gone on with by another target. What stands in one growing list can not be. */
  get resumes(): boolean {
    return this.route.resumes && this.request.head.stream && this.request.head.streamForm === undefined;
  }

  /** How a streamed answer is framed: as the request chose, or as its format usually does. */
  get streamForm(): Pick<StreamForm, "streamType" | "keepAlive" | "encodeErrorEvent"> {
    return this.request.head.streamForm ?? this.downstream;
  }

  get clientIsGone(): boolean {
    return this.gone || (!this.isDetached && this.received.signal.aborted);
  }

  /** Says how the attempt under way is stopped when the client leaves; undefined when there is none. */
  onLeave(abort: ((reason: OmniError) => void) | undefined): void {
    this.abortAttempt = abort;
    if (abort !== undefined && this.clientIsGone) abort(clientClosed());
  }

  /** The exchange is over. */
  close(): void {
    this.received.signal.removeEventListener("abort", this);
    this.abortAttempt = undefined;
    this.onGone = undefined;
  }

  /** How long it has taken so far. */
  get elapsedMs(): number {
    return this.world.clock.nowMs() - this.startedMs;
  }

  /** What is left of the time for everything together. */
  get remainingMs(): number {
    return this.route.deadlineMs - this.elapsedMs;
  }

  /** Whether an attempt at this provider has failed through the provider's own fault. */
  hasFailedAt(provider: ProviderId): boolean {
    for (const { target, failure } of this.attempts) {
      if (target.provider === provider && failure !== undefined && FAILURES[failure].blame === "provider") return true;
    }
    return false;
  }

  attemptsAt(target: TargetId): number {
    let count = 0;
    for (const attempt of this.attempts) if (attempt.target.id === target) count++;
    return count;
  }
}

/** The client went away. Nobody will read this but the log. */
export function clientClosed(): OmniError {
  return new OmniError("client_closed", "The client closed the connection before the answer was complete.");
}
