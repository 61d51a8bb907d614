import { FAILURES, type FailureKind } from "../ir/failure.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { Cooldown } from "./cooldown.ts";
import type { HealthFact } from "./health-fact.ts";
import { Latency } from "./latency.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { Hindrance, ProviderState, TargetState } from "./target-state.ts";

/** What is known of every target just now. Read on the hot path, by target id: nothing here allocates. */
export interface Health {
  /** Whether an attempt may go to the target now: no circuit is open, nothing is cooling down, and there is room. Changes nothing. */
  allows(target: number, nowMs: number): boolean;
  /** How long until `allows` may say yes; 0 when it does, and when only room is missing. */
  waitMs(target: number, nowMs: number): number;
  /** Whether a circuit is open: the target did not ask to be left alone, it failed. */
  isBroken(target: number, nowMs: number): boolean;
  /** Attempts under way. */
  inFlight(target: number): number;
  /** The part of its traffic that the target should get: 0 while `allows` says no, less than 1 for a while after it was out, else 1. */
  share(target: number, nowMs: number): number;
  /** Time to the first content of late; 0 while it is not known. */
  latencyMs(target: number, nowMs: number): number;
  /** What is left of the rate limit, from 0 to 1; 1 while it is not known. */
  headroom(target: number, nowMs: number): number;
}

/** What a target shares with others. Names mean the same from one plan to the next. */
export interface TargetIdentity {
  /** Provider, account and model. */
  readonly target: string;
  /** Provider and model: what fails when the provider does, whoever asks. */
  readonly service: string;
  /** Provider and account, the credential included: what is refused when the key is. */
  readonly account: string;
  readonly provider: string;
  /** How many accounts the provider has. */
  readonly accounts: number;
  /** How many attempts may be under way at the provider; undefined for no limit. */
  readonly attemptsMax: number | undefined;
}

/** A target that shares nothing with others. */
export function lone(name: string): TargetIdentity {
  return { target: name, service: name, account: name, provider: name, accounts: 1, attemptsMax: undefined };
}

/** What several targets have in common, and whose they are. */
interface Shared {
  readonly rows: Set<TargetHealth>;
}

interface Provider extends Shared {
  /** Of what is between us and the provider, so that it holds for all of its models. */
  readonly breaker: CircuitBreaker;
  readonly room: ConcurrencyLimit;
  readonly retries: RetryBudget;
}

interface Account extends Shared {
  readonly cooldown: Cooldown;
  /** The target that refused last: a second one says that it is the key. */
  refusedBy: string | undefined;
}

interface Service extends Shared {
  readonly breaker: CircuitBreaker;
}

interface TargetHealth {
  readonly identity: TargetIdentity;
  readonly provider: Provider;
  readonly room: ConcurrencyLimit;
  readonly account: Account;
  readonly service: Service;
  readonly cooldown: Cooldown;
  readonly latency: Latency;
  inFlight: number;
  /** From when on attempts may go, room aside: the latest of all that it depends on, kept here since it is asked for far more often than it changes. */
  allowsFromMs: number;
  /** From when on it gets all of its traffic, in the same way. */
  wholeFromMs: number;
  headroom: number;
  /** When the rate limit begins anew, and nothing is known. */
  headroomUntilMs: number;
  /** The latest failure that the target was charged with. */
  lastFailure: FailureKind | undefined;
}

/** A key that is not accepted does not get better by itself: it rests long before it is shown again. */
const KEY_REST_MS = 600_000;

/**
 * The health of all targets of a plan. What attempts tell it: `started`, then one of the outcomes, then `ended`.
 * Who is to blame decides what suffers: a key's fault rests the key, a provider's fault opens the circuit of that model there whoever asks, and
 * what fails on the way to the provider opens the circuit of all its models.
 */
export class HealthBook implements Health {
  private readonly tell: ((fact: HealthFact) => void) | undefined;
  private readonly rows: readonly TargetHealth[];
  private readonly targets: Map<string, TargetHealth> = new Map();
  private readonly services: Map<string, Service> = new Map();
  private readonly accounts: Map<string, Account> = new Map();
  private readonly providers: Map<string, Provider> = new Map();

  /**
   * @param identities The targets in the order of their ids.
   * @param unit Chance, from 0 to 1.
   * @param previous The book in use so far: what it knows of the same targets, accounts and providers is kept.
   * @param tell Told of what others should know that ask the same targets. Default: there are no others.
   */
  constructor(identities: readonly TargetIdentity[], unit: () => number, previous?: HealthBook, tell?: (fact: HealthFact) => void) {
    this.tell = tell;
    this.rows = identities.map((identity) => this.rowOf(identity, unit, previous));
  }

  allows(target: number, nowMs: number): boolean {
    const row = this.rows[target]!; // Ids are rows.
    return nowMs >= row.allowsFromMs && !row.room.isFull;
  }

  waitMs(target: number, nowMs: number): number {
    const { service, cooldown, account, provider } = this.rows[target]!; // Ids are rows.
    return Math.max(service.breaker.waitMs(nowMs), cooldown.waitMs(nowMs), account.cooldown.waitMs(nowMs), provider.breaker.waitMs(nowMs));
  }

  isBroken(target: number, nowMs: number): boolean {
    const { service, cooldown, account, provider } = this.rows[target]!; // Ids are rows.
    if (!cooldown.allows(nowMs) || !account.cooldown.allows(nowMs)) return false;
    return !service.breaker.allows(nowMs) || !provider.breaker.allows(nowMs);
  }

  /** Whether nothing but room is missing. */
  isFull(target: number, nowMs: number): boolean {
    return this.rows[target]!.room.isFull && this.waitMs(target, nowMs) === 0; // Ids are rows.
  }

  inFlight(target: number): number {
    return this.rows[target]!.inFlight; // Ids are rows.
  }

  share(target: number, nowMs: number): number {
    const row = this.rows[target]!; // Ids are rows.
    if (nowMs < row.allowsFromMs || row.room.isFull) return 0;
    if (nowMs >= row.wholeFromMs) return 1;
    return Math.min(row.service.breaker.share(nowMs), row.provider.breaker.share(nowMs));
  }

  latencyMs(target: number, nowMs: number): number {
    return this.rows[target]!.latency.at(nowMs); // Ids are rows.
  }

  headroom(target: number, nowMs: number): number {
    const { headroom, headroomUntilMs } = this.rows[target]!; // Ids are rows.
    return nowMs < headroomUntilMs ? headroom : 1;
  }

  /** The latest failure that the target was charged with, for messages. */
  lastFailure(target: number): FailureKind | undefined {
    return this.rows[target]!.lastFailure; // Ids are rows.
  }

  /** Whether an exchange that has failed at the target's provider may ask it again. */
  allowsRepeat(target: number, nowMs: number): boolean {
    return this.rows[target]!.provider.retries.allows(nowMs); // Ids are rows.
  }

  /**
   * Waits for room at the target's provider.
   * @returns How to stop waiting; undefined if too many wait already.
   */
  waitForRoom(target: number, free: () => void): (() => void) | undefined {
    return this.rows[target]!.room.wait(free); // Ids are rows.
  }

  /** @param repeat Whether the exchange has failed at this provider before. */
  started(target: number, nowMs: number, repeat: boolean = false): void {
    const row = this.rows[target]!; // Ids are rows.
    row.inFlight++;
    row.room.entered();
    row.provider.retries.started(repeat, nowMs);
    if (isClosed(row)) return;
    row.service.breaker.started(nowMs);
    row.provider.breaker.started(nowMs);
    renew(row);
  }

  /** The target did its work, or showed that it could: also when it found fault with the request. */
  succeeded(target: number, startedMs: number, nowMs: number): void {
    const row = this.rows[target]!; // Ids are rows.
    const wasClosed = isClosed(row);
    row.service.breaker.succeeded(startedMs, nowMs);
    row.provider.breaker.succeeded(startedMs, nowMs);
    row.cooldown.served();
    row.account.cooldown.served();
    row.account.refusedBy = undefined;
    if (wasClosed) return;
    renew(row);
    if (this.tell !== undefined && isClosed(row)) tellClosed(row, this.tell);
  }

  /** The first content of a good answer came. @param tookMs Since the attempt was sent. */
  observed(target: number, tookMs: number, nowMs: number): void {
    this.rows[target]!.latency.observe(tookMs, nowMs); // Ids are rows.
  }

  /** An answer said what is left of its rate limit. @param share From 0 to 1. @param restMs Until the limit begins anew. */
  limited(target: number, share: number, restMs: number, nowMs: number): void {
    const row = this.rows[target]!; // Ids are rows.
    row.headroom = share;
    row.headroomUntilMs = nowMs + restMs;
  }

  /**
   * The attempt failed; who is to blame decides what follows.
   * @param retryAfterMs What the provider asked for; undefined if it said nothing.
   */
  failed(target: number, kind: FailureKind, retryAfterMs: number | undefined, startedMs: number, nowMs: number): void {
    const row = this.rows[target]!; // Ids are rows.
    const before = this.tell && untilOf(row);
    charge(row, kind, retryAfterMs, startedMs, nowMs);
    renew(row);
    if (this.tell !== undefined && before !== undefined) tellLater(row, before, nowMs, this.tell);
  }

  /** Takes what another process has found out. What is about nothing that is asked here is of no matter. */
  heard({ type, scope, name, forMs }: HealthFact, nowMs: number): void {
    const books = { target: this.targets, account: this.accounts, service: this.services, provider: this.providers } as const;
    const found = books[scope].get(name);
    if (found === undefined) return;
    if (type === "rest") {
      if ("cooldown" in found) found.cooldown.refusedElsewhere(forMs, nowMs);
    } else if ("breaker" in found) {
      if (type === "open") found.breaker.openedElsewhere(forMs, nowMs);
      else found.breaker.closedElsewhere(nowMs);
    }
    if ("rows" in found) for (const row of found.rows) renewOne(row);
    else renewOne(found);
  }

  /** The attempt ended through no fault of the target: the client left. */
  abandoned(target: number, startedMs: number): void {
    const row = this.rows[target]!; // Ids are rows.
    row.service.breaker.abandoned(startedMs);
    row.provider.breaker.abandoned(startedMs);
    renew(row);
  }

  /** The attempt is over, its stream included. */
  ended(target: number): void {
    const row = this.rows[target]!; // Ids are rows.
    row.inFlight--;
    row.room.left();
  }

  /** All that is known of a target, for people. Allocates. */
  stateOf(target: number, nowMs: number): TargetState {
    const row = this.rows[target]!; // Ids are rows.
    const { service, provider, cooldown, account, room } = row;
    const waits: readonly (readonly [Hindrance["what"], number, boolean])[] = [
      ["circuit_of_model", service.breaker.waitMs(nowMs), !service.breaker.allows(nowMs)],
      ["circuit_of_provider", provider.breaker.waitMs(nowMs), !provider.breaker.allows(nowMs)],
      ["target_rests", cooldown.waitMs(nowMs), !cooldown.allows(nowMs)],
      ["account_rests", account.cooldown.waitMs(nowMs), !account.cooldown.allows(nowMs)],
      ["full", 0, room.isFull],
    ];
    return {
      hindrances: waits.filter(([, , holds]) => holds).map(([what, waitMs]) => ({ what, waitMs })),
      isOnTrial: !isClosed(row) && nowMs >= row.allowsFromMs,
      share: this.share(target, nowMs),
      inFlight: row.inFlight,
      latencyMs: row.latency.at(nowMs) || undefined,
      headroom: nowMs < row.headroomUntilMs ? row.headroom : undefined,
      lastFailure: row.lastFailure,
    };
  }

  /** All that is known of the provider of a target, for people. Allocates. */
  providerStateOf(target: number, nowMs: number): ProviderState {
    const { breaker, room } = this.rows[target]!.provider; // Ids are rows.
    return { circuit: breaker.state(nowMs), waitMs: breaker.waitMs(nowMs), inFlight: room.inFlight };
  }

  private rowOf(identity: TargetIdentity, unit: () => number, previous: HealthBook | undefined): TargetHealth {
    const provider = keep(this.providers, previous?.providers, identity.provider, () => ({
      // Answers that came show that the way is free, so only failures in a row count.
      breaker: new CircuitBreaker({ attemptsMin: Number.POSITIVE_INFINITY }, unit),
      room: new ConcurrencyLimit(),
      retries: new RetryBudget(),
      rows: new Set<TargetHealth>(),
    }));
    provider.room.limit = identity.attemptsMax;
    const account = keep(this.accounts, previous?.accounts, identity.account, () => ({
      cooldown: new Cooldown(),
      refusedBy: undefined,
      rows: new Set<TargetHealth>(),
    }));
    const service = keep(this.services, previous?.services, identity.service, () => ({
      breaker: new CircuitBreaker({}, unit),
      rows: new Set<TargetHealth>(),
    }));
    const kept = previous?.targets.get(identity.target);
    // With another key it is another account, and what was known of the old one does not hold.
    const row = kept?.account === account ? kept : newTarget(identity, provider, account, service);
    this.targets.set(identity.target, row);
    for (const shared of [provider, account, service]) shared.rows.add(row);
    renewOne(row);
    return row;
  }
}

function newTarget(identity: TargetIdentity, provider: Provider, account: Account, service: Service): TargetHealth {
  return {
    identity,
    provider,
    room: provider.room,
    account,
    service,
    cooldown: new Cooldown(),
    latency: new Latency(),
    inFlight: 0,
    allowsFromMs: Number.NEGATIVE_INFINITY,
    wholeFromMs: Number.NEGATIVE_INFINITY,
    headroom: 1,
    headroomUntilMs: 0,
    lastFailure: undefined,
  };
}

function charge(row: TargetHealth, kind: FailureKind, retryAfterMs: number | undefined, startedMs: number, nowMs: number): void {
  const { blame } = FAILURES[kind];
  switch (blame) {
    case "provider":
      row.lastFailure = kind;
      row.service.breaker.failed(startedMs, nowMs, retryAfterMs);
      if (kind === "upstream_unreachable") row.provider.breaker.failed(startedMs, nowMs, retryAfterMs);
      // It was reached, whatever it then did.
      else row.provider.breaker.succeeded(startedMs, nowMs);
      return;
    case "account":
      row.lastFailure = kind;
      row.provider.breaker.succeeded(startedMs, nowMs);
      row.service.breaker.abandoned(startedMs);
      refuse(row, kind, retryAfterMs, nowMs);
      return;
    case "client":
    case "model":
      // It answered, so it lives.
      row.service.breaker.succeeded(startedMs, nowMs);
      row.provider.breaker.succeeded(startedMs, nowMs);
      return;
    case "gateway":
      row.service.breaker.abandoned(startedMs);
      row.provider.breaker.abandoned(startedMs);
      return;
    default:
      blame satisfies never;
  }
}

/**
 * The key, or the model under this key, was refused. Providers limit some models by themselves, so one that refuses rests alone; when another of the
 * same key refuses as well, it is the key. A key that is not accepted rests at once where there are others to take over.
 */
function refuse(row: TargetHealth, kind: FailureKind, retryAfterMs: number | undefined, nowMs: number): void {
  const { account, identity } = row;
  row.cooldown.refused(nowMs, retryAfterMs);
  const another = account.refusedBy !== undefined && account.refusedBy !== identity.target;
  account.refusedBy ??= identity.target;
  if (kind === "upstream_auth" && identity.accounts > 1) account.cooldown.refused(nowMs, Math.max(retryAfterMs ?? 0, KEY_REST_MS));
  else if (another) account.cooldown.refused(nowMs, retryAfterMs);
}

/** Until when each of what a target depends on is left alone. Only made where others are to be told. */
function untilOf({
  identity,
  cooldown,
  account,
  service,
  provider,
}: TargetHealth): readonly (Omit<HealthFact, "forMs"> & { untilMs: number })[] {
  return [
    { type: "rest", scope: "target", name: identity.target, untilMs: cooldown.allowsFromMs },
    { type: "rest", scope: "account", name: identity.account, untilMs: account.cooldown.allowsFromMs },
    { type: "open", scope: "service", name: identity.service, untilMs: service.breaker.untilMs },
    { type: "open", scope: "provider", name: identity.provider, untilMs: provider.breaker.untilMs },
  ];
}

function tellLater(row: TargetHealth, before: ReturnType<typeof untilOf>, nowMs: number, tell: (fact: HealthFact) => void): void {
  for (const [at, { untilMs, ...fact }] of untilOf(row).entries())
    if (untilMs > nowMs && untilMs !== before[at]?.untilMs) tell({ ...fact, forMs: untilMs - nowMs });
}

function tellClosed({ identity }: TargetHealth, tell: (fact: HealthFact) => void): void {
  tell({ type: "closed", scope: "service", name: identity.service, forMs: 0 });
  tell({ type: "closed", scope: "provider", name: identity.provider, forMs: 0 });
}

/** Whether no circuit is open, so that a good answer changes nothing. */
function isClosed({ service, provider }: TargetHealth): boolean {
  return service.breaker.allowsFromMs === Number.NEGATIVE_INFINITY && provider.breaker.allowsFromMs === Number.NEGATIVE_INFINITY;
}

/** Something that a target depends on may have changed: all that depend on the same are brought up to date. */
function renew({ provider, account, service }: TargetHealth): void {
  for (const { rows } of [service, account, provider]) for (const row of rows) renewOne(row);
}

function renewOne(row: TargetHealth): void {
  const { provider, account, service, cooldown } = row;
  row.allowsFromMs = Math.max(
    service.breaker.allowsFromMs,
    provider.breaker.allowsFromMs,
    cooldown.allowsFromMs,
    account.cooldown.allowsFromMs,
  );
  row.wholeFromMs = Math.max(service.breaker.wholeFromMs, provider.breaker.wholeFromMs);
}

/** What a book knew of a name, or something new, noted in the next book. */
function keep<Value>(into: Map<string, Value>, from: Map<string, Value> | undefined, name: string, make: () => Value): Value {
  let value = into.get(name) ?? from?.get(name);
  value ??= make();
  into.set(name, value);
  return value;
}
