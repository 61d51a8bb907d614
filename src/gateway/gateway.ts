import { nearest } from "../config/nearest.ts";
import { OmniError } from "../ir/failure.ts";
import type { Loss } from "../ir/loss.ts";
import type { KeyRow } from "../ledger/schema.ts";
import type { Ledger } from "../ledger/writer.ts";
import { checkScope } from "../policies/api-keys.ts";
import type { BudgetNote, BudgetRule, BudgetStanding, SpentBefore } from "../policies/budget.ts";
import type { Caller } from "../policies/caller.ts";
import type { ShadowNote } from "../policies/rate-limit.ts";
import type { Counts } from "../policies/counts.ts";
import type { Logins } from "../policies/logins.ts";
import { formatSavings, RTK_HEADER } from "../policies/compress/index.ts";
import { DEADLINES } from "../resilience/deadline.ts";
import type { Health } from "../resilience/health.ts";
import type { HealthFact } from "../resilience/health-fact.ts";
import type { Plan, RouteId } from "../routing/plan.ts";
import type { BoundedStore } from "../store/bounded-store.ts";
import { ClientRequest } from "../wire/client-request.ts";
import type { Downstream, RequestHead, Wire } from "../wire/wire.ts";
import type { CancelSignal } from "../world/cancellation.ts";
import type { World } from "../world/world.ts";
import { accountFor } from "./account.ts";
import { AnswerCache, CACHE_HEADER, type Found } from "./answer-cache.ts";
import type { Answer } from "./attempt.ts";
import { Continuation } from "./continuation.ts";
import { type Count, countTokens } from "./count.ts";
import { type Decision, Decisions } from "./decisions.ts";
import { StreamDelivery } from "./deliver.ts";
import { dispatch } from "./dispatch.ts";
import { clientClosed, Exchange } from "./exchange.ts";
import { GUARD_HEADER } from "./guarding.ts";
import { elsewhereIn, IDEMPOTENCY_HEADER, Idempotency } from "./idempotency.ts";
import { KeptAnswers } from "./kept-answers.ts";
import { type KeptRequest, serveKept } from "./serve-kept.ts";
import { goLive, type Live, retire, type SecretReader } from "./live.ts";
import type { Meter } from "./meter.ts";
import { Mirror } from "./mirror.ts";
import { explainLive, type HealthReport, type LiveExplanation, reportHealth } from "./report-health.ts";
import type { Redaction } from "./redaction.ts";
import { type Observer, settlementOf } from "./settle.ts";
import type { Parting } from "./shared-reply.ts";
import { shapeRequest } from "./shape.ts";
import { Stores } from "./stores.ts";
import type { StreamAnswer } from "./stream-answer.ts";

export type { SecretReader } from "./live.ts";
export type { Observer, Settlement } from "./settle.ts";

/** A request as the server received it. Nothing in it has been looked at but its size. */
export interface Received {
  /** The format that the path belongs to; it has a downstream half. */
  readonly wire: Wire;
  /** The provider's name in a path below `/v1/providers/{provider}`. */
  readonly provider: string | undefined;
  /** What stood for the `*` of the wire's path, decoded; empty if there is none. */
  readonly rest: string;
  /** What stood behind the `?` of such a path, as it was sent. Default: nothing. */
  readonly query?: string;
  readonly body: Uint8Array;
  readonly headers: Headers;
  /** Who asks, as `Gateway.authenticate` has found out. */
  readonly caller: Caller;
  /** The client's address; empty if it is not known. */
  address(): string;
  /** Aborted when the client is gone: at once, or a tenth of a second later. */
  readonly signal: CancelSignal;
  /** Whether the path is one that asks how many tokens a request has. Default false. */
  readonly counts?: boolean;
  /** Whether the path is one that asks for a shorter conversation. Default false. */
  readonly compacts?: boolean;
}

/** What the server sends. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

/** What a gateway may be given besides a world. */
export interface GatewayOptions {
  /** Whether requests without a key are refused, whatever the plan says. */
  readonly requireKeys?: boolean | undefined;
  /** Who may come in as a person. Default: nobody. */
  readonly logins?: Logins | undefined;
  /** Told of what a rule in shadow mode would have refused. */
  readonly shadowed?: ShadowNote;
  /** Told of budgets that are half, four fifths or all used up. */
  readonly spending?: BudgetNote;
  /** Where limits and budgets count that hold for several processes together; asked for each plan. Default: nowhere, each process counts for itself. */
  counts?(): Counts | undefined;
  /** How many processes serve together: each has its part of how much may be under way at a provider. Default 1. */
  readonly processes?: number;
  /** Told of what this process finds out about targets and the others should know. */
  readonly found?: ((fact: HealthFact) => void) | undefined;
  /** What was spent before this process began, for budgets. */
  spentBefore?(rules: readonly BudgetRule[]): Promise<readonly SpentBefore[]>;
  /** Where files lie of what is kept between exchanges and is to be found again after a restart. Default: nothing is. */
  storeFolder?(): string | undefined;
  /** Told when such a file can not be read or written; what lay there is lost, and nothing else. */
  storeFailed?(error: unknown): void;
}

/** Carries exchanges from a client to a provider and back. One per process. */
export class Gateway {
  private readonly world: World;
  private readonly observer: Observer;
  private readonly options: GatewayOptions;
  /** Where attempts are taken down from now on; undefined for nowhere. */
  ledger: Ledger | undefined;
  /** What counts exchanges from now on; undefined for nothing. */
  meter: Meter | undefined;
  private storedKeys: readonly KeyRow[] = [];
  private live: Live | undefined;
  private readonly stores: Stores;
  private idempotency = new Idempotency();
  private readonly decisions = new Decisions();
  private readonly mirror = new Mirror();
  /** What was answered under an `Idempotency-Key`; undefined where the header means nothing. */
  private answered: BoundedStore | undefined;
  /** Reasoning that clients drop; undefined where none is remembered. */
  private reasoning: BoundedStore | undefined;
  /** Answers that are given again; undefined where none is. */
  private cache: AnswerCache | undefined;
  /** Answers that clients may go on from; undefined where none are kept. */
  private keptAnswers: KeptAnswers | undefined;
  private draining = false;
  private underWay = 0;

  constructor(world: World, observer: Observer = {}, options: GatewayOptions = {}) {
    this.world = world;
    this.observer = observer;
    this.options = options;
    this.stores = new Stores(
      world.clock,
      () => options.storeFolder?.(),
      (error) => options.storeFailed?.(error),
      (options.processes ?? 1) > 1,
    );
  }

  /** The plan in force; undefined before the first `adopt`. */
  get plan(): Plan | undefined {
    return this.live?.plan;
  }

  /** Knows what must not be told; undefined before the first `adopt`. */
  get redaction(): Redaction | undefined {
    return this.live?.redaction;
  }

  /** What is known of the targets of the plan in force; undefined before the first `adopt`. */
  get health(): Health | undefined {
    return this.live?.health;
  }

  /** Takes what another process has found out about targets. */
  heard(fact: HealthFact): void {
    this.live?.health.heard(fact, this.world.clock.nowMs());
  }

  /** Whether nobody comes in without a key. */
  get requiresKeys(): boolean {
    return this.live?.house.door.isRequired ?? false;
  }

  /** How the budgets of the plan in force stand; undefined before the first `adopt`. */
  budgetStandings(): readonly BudgetStanding[] | undefined {
    return this.live?.house.budgets.standings(this.world.clock.epochMs());
  }

  /** Exchanges under way. */
  get pending(): number {
    return this.underWay;
  }

  /** What is known of everybody now; undefined before the first `adopt`. */
  reportHealth(): HealthReport | undefined {
    return this.live && reportHealth(this.live, this.world);
  }

  /** Who would be asked now for a name: one explanation for each kind of work that has it; undefined before the first `adopt`. */
  explainLive(name: string): readonly LiveExplanation[] | undefined {
    return this.live && explainLive(this.live, this.world, name);
  }

  /** How an answer came about; undefined if it is not among the latest ones. */
  decision(requestId: string): Decision | undefined {
    return this.decisions.find(requestId);
  }

  /**
   * Puts a plan in force, from one exchange to the next. Exchanges under way keep the plan that they began with; what is known of
   * targets' health, and the connections to providers that stay the same, are taken over.
   * @throws {OmniError} If a secret can not be read; the plan in force then stays.
   */
  async adopt(plan: Plan, readSecret: SecretReader): Promise<void> {
    const previous = this.live;
    const { requireKeys, logins, shadowed, spending, spentBefore = async () => [] } = this.options;
    const { processes = 1, found } = this.options;
    const counts = this.options.counts?.();
    if (previous === undefined && counts !== undefined) this.idempotency = new Idempotency(elsewhereIn(counts));
    const together = { counts, processes, found };
    const household = { stored: this.storedKeys, requireKeys, logins, shadowed, spending, spentBefore, ...together };
    const next = await goLive(plan, readSecret, this.world, household, previous);
    // Keys may have changed meanwhile.
    next.house.useKeys(this.storedKeys);
    this.live = next;
    const { idempotency, responses } = plan.policies;
    this.answered = idempotency && this.stores.open("idempotency", idempotency);
    const { cache, reasoning } = plan.policies;
    this.reasoning = reasoning && this.stores.open("reasoning", reasoning);
    this.cache = cache && new AnswerCache(cache, this.stores.open("answers", cache.store));
    this.keptAnswers = responses && new KeptAnswers(this.stores.open("responses", responses.store), responses.keepsAll);
    if (previous !== undefined) retire(previous, next);
  }

  /** Puts keys that were made at run time beside those of the configuration, from the next request on. */
  setStoredKeys(keys: readonly KeyRow[]): void {
    this.storedKeys = keys;
    this.live?.house.useKeys(keys);
  }

  /**
   * Says who asks, by a request's headers alone: nobody without a right to it gets a byte of a body read.
   * @param address The client's; asked for only where it matters.
   * @throws {OmniError} `invalid_api_key`, `forbidden`, `rate_limited` or `invalid_request`.
   */
  authenticate(headers: Headers, address: () => string): Caller {
    const door = this.live?.house.door;
    if (door === undefined)
      throw new OmniError("shutting_down", "Cannot take requests yet: no configuration is in force.", { retryAfterMs: 1_000 });
    const from = door.isGuarded ? address() : "";
    return door.authenticate(headers, from, this.world.clock.nowMs(), this.world.clock.epochMs());
  }

  /** From now on new exchanges are refused with `shutting_down`; those under way go on. */
  drain(): void {
    this.draining = true;
  }

  /** Brings to disk what is kept there between exchanges. To be called when none is under way any more. */
  close(): void {
    this.stores.close();
  }

  /** Answers one request. Never throws: failures become replies in the client's format. */
  serve(received: Received): Promise<Reply> {
    const { answered } = this;
    const key = answered === undefined ? null : received.headers.get(IDEMPOTENCY_HEADER);
    return answered === undefined || key === null ? this.carry(received) : this.serveOnce(answered, key, received);
  }

  /** Answers a request that has a name of its own, and may have been answered before. */
  private async serveOnce(answered: BoundedStore, key: string, received: Received): Promise<Reply> {
    try {
      return await this.idempotency.serve(answered, key, received, () => this.carry(received));
    } catch (error) {
      return refusal(asOmniError(error), this.world.random.uuid(), received.wire.downstream!, this.live, undefined); // The server only receives wires that have one.
    }
  }

  /** Answers what a client asks of an answer that is kept. Never throws. */
  async serveKept(request: KeptRequest): Promise<Reply> {
    const id = this.world.random.uuid();
    try {
      if (this.live === undefined || this.draining) throw shuttingDown();
      return await serveKept(request, id, this.keptAnswers, this.live, this.world);
    } catch (error) {
      const failure = asOmniError(error);
      if (failure.kind === "internal_error") this.observer.mistaken?.(failure.cause, id);
      return refusal(failure, id, request.wire.downstream!, this.live, undefined); // The server only receives wires that have one.
    }
  }

  /** Carries one exchange. Never throws. */
  private async carry(received: Received): Promise<Reply> {
    const id = this.world.random.uuid();
    const downstream = received.wire.downstream!; // The server only receives wires that have one.
    let exchange: Exchange | undefined;
    try {
      exchange = this.open(id, received, downstream);
      this.underWay++;
      exchange.account = accountFor(exchange, this.ledger);
      exchange.account?.admit();
      if (exchange.live.guarding?.asksOthers(received.caller) === true) await askOthers(exchange);
      if (exchange.request.head.counts) return this.counted(exchange, await countTokens(exchange));
      if (exchange.route.shadow !== undefined) this.mirror.send(exchange, this.ledger);
      return this.cache === undefined ? await this.answer(exchange) : await this.answerByCache(this.cache, exchange);
    } catch (error) {
      const failure = asOmniError(error);
      if (exchange !== undefined) this.settle(exchange, failure);
      else {
        this.meter?.refuse(failure.kind);
        if (failure.kind === "internal_error") this.observer.mistaken?.(failure.cause, id);
      }
      return refusal(failure, id, downstream, this.live, exchange);
    }
  }

  private open(id: string, received: Received, downstream: Downstream): Exchange {
    const { live } = this;
    if (live === undefined || this.draining) throw shuttingDown();
    // Chat is always JSON, and a header costs time to look up.
    const contentType = downstream.task === undefined ? null : received.headers.get("content-type");
    const read = downstream.readHead(received.body, received.rest, received.query ?? "", contentType);
    // A number is not streamed, whatever else the request says.
    const head = received.counts ? { ...read, counts: true, stream: false } : received.compacts ? { ...read, stream: false } : read;
    const route = live.plan.routes[findWithin(live, received, head)]!; // Ids are rows.
    const shaped = shapeRequest(live, received, downstream, head, route);
    const guarded = live.guarding?.open(received, downstream, shaped.body, shaped.head);
    const request = new ClientRequest(guarded?.body ?? shaped.body, guarded?.head ?? shaped.head, contentType);
    // What is wrong with it whoever may answer is told before anybody is asked.
    if (downstream.task !== undefined) request.task(downstream.task);
    const { keeping } = downstream;
    const continuation = keeping && new Continuation(this.keptAnswers, live, received, keeping, request, route);
    const exchange = new Exchange(id, this.world, live, received, downstream, continuation?.request ?? request, route, continuation);
    exchange.savings = shaped.savings;
    exchange.guarded = guarded;
    exchange.reasoning = this.reasoning;
    return exchange;
  }

  private async answer(exchange: Exchange): Promise<Reply> {
    return exchange.request.head.stream ? await this.stream(exchange) : this.whole(exchange, await dispatch(exchange));
  }

  /** Answers by what was answered before, where that can be. */
  private async answerByCache(cache: AnswerCache, exchange: Exchange): Promise<Reply> {
    const found = cache.find(exchange);
    switch (found.type) {
      case "bypass": {
        exchange.cache = "bypass";
        const reply = await this.answer(exchange);
        return { ...reply, headers: { ...reply.headers, [CACHE_HEADER]: "bypass" } };
      }
      case "kept": {
        exchange.cache = "hit";
        if (found.target !== undefined) exchange.account?.answeredBefore(found.target, found.body.length);
        this.settle(exchange, undefined);
        return { status: 200, headers: { ...replyHeaders(exchange, undefined), ...costOf(exchange), ...found.headers }, body: found.body };
      }
      case "under-way":
        exchange.cache = "hit";
        return this.follow(exchange, found);
      case "none":
        exchange.cache = "miss";
        return this.lead(exchange, found);
      default:
        return found satisfies never;
    }
  }

  /** Gives an answer that is being given to an equal request. */
  private async follow(exchange: Exchange, { join, target }: Found & { readonly type: "under-way" }): Promise<Reply> {
    const over = (failure?: OmniError): void => {
      const answering = target();
      if (failure === undefined && answering !== undefined) exchange.account?.answeredBefore(answering, 0);
      this.settle(exchange, failure);
    };
    const { body, headers, status } = await join((parting) => over(PARTINGS[parting]()));
    if (body instanceof Uint8Array) over();
    return { status, headers: { ...replyHeaders(exchange, undefined), ...headers }, body };
  }

  /** Gives an answer to all who ask the same meanwhile. What becomes of the exchange is its own business: its client may be the first to leave. */
  private async lead(exchange: Exchange, { lead }: Found & { readonly type: "none" }): Promise<Reply> {
    try {
      return await lead(async () => {
        try {
          return await this.answer(exchange);
        } catch (error) {
          const failure = asOmniError(error);
          this.settle(exchange, failure);
          throw failure;
        }
      });
    } catch (error) {
      return refusal(asOmniError(error), exchange.id, exchange.downstream, this.live, exchange);
    }
  }

  private whole(exchange: Exchange, answer: Answer): Reply {
    if (answer.type !== "whole") throw new Error("A whole answer was asked for.");
    this.settle(exchange, undefined);
    return { status: 200, headers: replyHeaders(exchange, answer), body: answer.body };
  }

  private counted(exchange: Exchange, count: Count): Reply {
    if (count.type === "whole") return this.whole(exchange, count);
    this.settle(exchange, undefined);
    const headers = { ...replyHeaders(exchange, undefined), "x-omni-target": count.target.name, "x-omni-estimate": "true" };
    return { status: 200, headers, body: count.body };
  }

  /** Answers when there is content, or when the client has waited so long that it must hear something. */
  private async stream(exchange: Exchange): Promise<Reply> {
    // A stream was asked for, so attempts give streams.
    const opening = dispatch(exchange) as Promise<StreamAnswer>;
    const isQuiet = exchange.streamForm.keepAlive.length === 0;
    const answer = isQuiet ? await opening : await within(opening, DEADLINES.keepAliveMs, this.world);
    const delivery = new StreamDelivery(exchange, answer ?? opening, (failure) => this.settle(exchange, failure));
    // Nothing is read ahead of the client.
    const body = new ReadableStream<Uint8Array>(delivery, { highWaterMark: 0 });
    return { status: 200, headers: replyHeaders(exchange, answer), body };
  }

  private settle(exchange: Exchange, failure: OmniError | undefined): void {
    this.underWay--;
    exchange.close();
    this.decisions.note(exchange, failure?.kind);
    exchange.account?.settle(failure?.kind, exchange.usage);
    if (failure?.kind === "internal_error") this.observer.mistaken?.(failure.cause, exchange.id);
    this.meter?.count(exchange, failure?.kind, this.world.clock.nowMs());
    this.observer.settled?.(settlementOf(exchange, failure));
  }
}

/** Asks the guardrails that run elsewhere. Only requests that were let in get so far, so that nobody can have them asked for nothing. */
async function askOthers({ id, live, received, route, request }: Exchange): Promise<void> {
  await live.guarding?.askOthers(id, received.caller, route.operation, route.name, request.body);
}

/**
 * Finds the route that a client asks for, within its rights. What the name stands for is what counts, so that no other name for it gets around them;
 * and who has no right to a name does not learn either whether there is such a one.
 */
function findWithin(live: Live, received: Received, head: RequestHead): RouteId {
  const { caller, wire } = received;
  if (caller.rights === undefined) return find(live, received, head);
  let route: RouteId;
  try {
    route = find(live, received, head);
  } catch (error) {
    checkScope(caller, nameOf(received, head), wire.operation);
    throw error;
  }
  return route;
}

/** The name that a client asks for, in its own words. */
function nameOf({ provider }: Received, { modelBytes, modelStart, modelEnd }: RequestHead): string {
  const model = new TextDecoder().decode(modelBytes.subarray(modelStart, modelEnd));
  return provider === undefined || model.startsWith(`${provider}/`) ? model : `${provider}/${model}`;
}

function find(live: Live, { provider, wire }: Received, head: RequestHead): RouteId {
  const names = live.plan.names[wire.operation];
  if (provider === undefined) {
    const route = names.find(head.modelBytes, head.modelStart, head.modelEnd);
    if (route !== -1) return route;
    throw unknownModel(live, head, names.names, "");
  }
  const id = live.providerIds.get(provider);
  if (id === undefined) {
    const known = [...live.providerIds.keys()];
    throw new OmniError(
      "invalid_provider",
      `Cannot route to provider "${shown(provider)}": the configuration has no such name.${suggestion(provider, known)}`,
    );
  }
  const route = names.findAt(id, head.modelBytes, head.modelStart, head.modelEnd);
  if (route !== -1) return route;
  const prefix = `${provider}/`;
  const own = names.names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  throw unknownModel(live, head, own, ` of provider "${provider}"`);
}

function unknownModel(live: Live, head: RequestHead, known: readonly string[], where: string): OmniError {
  const model = new TextDecoder().decode(head.modelBytes.subarray(head.modelStart, head.modelEnd));
  const message = `Cannot route model "${shown(model)}"${where}: the configuration (${live.plan.hash}) has no such name.${suggestion(model, known)} GET /v1/models lists all.`;
  return new OmniError("invalid_model", message, { param: "model" });
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(shown(name), known, 3);
  return near.length === 0 ? "" : ` Nearest: ${near.map((other) => `"${other}"`).join(", ")}.`;
}

/** A client's own word in a message to it: no longer than makes sense. */
function shown(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}

/** What it means for an exchange how it parted from the answer that it shared. */
const PARTINGS: Readonly<Record<Parting, () => OmniError | undefined>> = {
  ended: () => undefined,
  left: clientClosed,
  broken: () => new OmniError("upstream_truncated", "The answer broke off that was given to this request and to an equal one."),
};

function shuttingDown(): OmniError {
  return new OmniError("shutting_down", "Cannot take new requests: the gateway is shutting down.", { retryAfterMs: 1_000 });
}

function asOmniError(error: unknown): OmniError {
  if (error instanceof OmniError) return error;
  return new OmniError("internal_error", "Cannot carry this request: the gateway made a mistake. Its log says more.", { cause: error });
}

/** @returns undefined if the promise takes longer. It stays the caller's to await. */
function within<T>(promise: Promise<T>, limitMs: number, world: World): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = world.clock.startTimer(limitMs, () => resolve(undefined));
    promise.then(
      (value) => {
        world.clock.cancelTimer(timer);
        resolve(value);
      },
      (error) => {
        world.clock.cancelTimer(timer);
        reject(error);
      },
    );
  });
}

/** @param answer undefined when a stream begins before there is one: then nothing is known of the target yet. */
function replyHeaders(exchange: Exchange, answer: Answer | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (answer !== undefined) {
    const { response } = answer;
    for (const name of answer.attempt.bridge.upstream.responseHeaders) {
      const value = response?.headers.get(name);
      if (value !== null && value !== undefined) headers[name] = value;
    }
    headers["x-omni-target"] = answer.attempt.target.name;
  }
  if (exchange.request.head.stream) {
    headers["content-type"] = exchange.streamForm.streamType;
    headers["cache-control"] = "no-cache";
    headers["x-accel-buffering"] = "no";
  } else {
    headers["content-type"] = answer?.type === "whole" ? answer.contentType : "application/json";
  }
  if (exchange.account !== undefined) {
    Object.assign(headers, exchange.account.answerHeaders);
    // A stream's cost is known when its headers are long gone.
    if (answer?.type === "whole") Object.assign(headers, costOf(exchange));
  }
  const saved = exchange.savings.length === 0 ? undefined : formatSavings(exchange.savings);
  if (saved !== undefined) headers[RTK_HEADER] = saved;
  const found = exchange.guarded?.told;
  if (found !== undefined) headers[GUARD_HEADER] = found;
  if (exchange.losses.length > 0) headers["x-omni-loss"] = lossHeader(exchange.losses);
  const { idHeader } = exchange.downstream;
  // The id of a provider that speaks the format itself, or none, is what clients get from there too.
  if (idHeader !== undefined && answer?.attempt.bridge.type !== "verbatim") headers[idHeader] ??= exchange.id;
  headers["x-omni-request-id"] = exchange.id;
  headers["x-omni-attempts"] = String(exchange.attempts.length);
  headers["x-omni-config"] = exchange.live.plan.hash;
  return headers;
}

function costOf({ account }: Exchange): Readonly<Record<string, string>> | undefined {
  const cost = account?.costUsd;
  return cost === undefined ? undefined : { "x-omni-cost-usd": cost };
}

/** What was lost, each name once, no longer than a header may be. */
function lossHeader(losses: readonly Loss[]): string {
  const names = new Set(losses.map(({ what }) => what.replaceAll(/[^\w.-]/g, "_")));
  return [...names].slice(0, 30).join(", ").slice(0, 1000);
}

function refusal(failure: OmniError, id: string, downstream: Downstream, live: Live | undefined, exchange: Exchange | undefined): Reply {
  const headers: Record<string, string> = { "content-type": "application/json", "x-omni-request-id": id };
  if (downstream.idHeader !== undefined) headers[downstream.idHeader] = id;
  if (live !== undefined) headers["x-omni-config"] = exchange?.live.plan.hash ?? live.plan.hash;
  headers["x-omni-attempts"] = String(exchange?.attempts.length ?? 0);
  if (exchange?.account !== undefined) Object.assign(headers, exchange.account.answerHeaders);
  const target = exchange?.attempts.at(-1)?.target;
  if (target !== undefined) headers["x-omni-target"] = target.name;
  if (failure.retryAfterMs !== undefined) {
    headers["retry-after"] = String(Math.ceil(failure.retryAfterMs / 1000));
    headers["retry-after-ms"] = String(Math.ceil(failure.retryAfterMs));
  }
  // Our attempts are spent: an SDK that tried again would multiply them. And a key that is refused is so the next time as well.
  if (exchange !== undefined && (exchange.attempts.length > 1 || failure.kind === "upstream_auth")) headers["x-should-retry"] = "false";
  const body = downstream.encodeError(failure, id);
  return { status: downstream.statusOf?.(failure) ?? failure.status, headers, body: live?.redaction.bytes(body) ?? body };
}
