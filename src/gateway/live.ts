import type { SecretReference } from "../config/secret.ts";
import type { KeyRow } from "../ledger/schema.ts";
import type { BudgetNote, BudgetRule, SpentBefore } from "../policies/budget.ts";
import type { ShadowNote } from "../policies/rate-limit.ts";
import type { Counts } from "../policies/counts.ts";
import type { Logins } from "../policies/logins.ts";
import { Hedge } from "../resilience/hedge.ts";
import { HealthBook, type TargetIdentity } from "../resilience/health.ts";
import type { HealthFact } from "../resilience/health-fact.ts";
import type { Plan, PlannedAccount, PlannedProvider, ProviderId, RouteId, Target } from "../routing/plan.ts";
import type { Upstream } from "../wire/wire.ts";
import type { NetworkRequest, Session } from "../world/network.ts";
import type { World } from "../world/world.ts";
import { Guarding } from "./guarding.ts";
import { House } from "./house.ts";
import { Redaction } from "./redaction.ts";

/** Reads a secret. @throws {OmniError} If it is not there. */
export type SecretReader = (reference: SecretReference) => Promise<string>;

/** A plan in force: with its secrets read, its connections open, and what is known of its targets' health. */
export interface Live {
  readonly plan: Plan;
  readonly health: HealthBook;
  /** By `ProviderId`. */
  readonly providers: readonly LiveProvider[];
  /** By `AccountId`. */
  readonly accounts: readonly LiveAccount[];
  readonly providerIds: ReadonlyMap<string, ProviderId>;
  readonly house: House;
  /** undefined where nothing is looked for in requests and answers. */
  readonly guarding: Guarding | undefined;
  /** Keeps what providers are called with out of what is told when they fail. */
  readonly redaction: Redaction;
  /** Of routes that ask a second target when the first one is late. */
  readonly hedges: ReadonlyMap<RouteId, Hedge>;
  /** Whether the price of any target is known, so that answers can say what they cost. */
  readonly isPriced: boolean;
  /** How many exchanges a route has had so far; counts one more. */
  takeTurn(route: RouteId): number;
}

/** A provider that can be called. */
export interface LiveProvider {
  readonly planned: PlannedProvider;
  readonly session: Session;
  /** Equal for a provider whose connections can be kept when the plan changes. */
  readonly identity: string;
}

/** One set of credentials that can be used. */
export interface LiveAccount {
  /** All headers of a request but those that come from the client, made once per upstream half and form of answer. */
  headersFor(upstream: Upstream, accept: string): Readonly<Record<string, string>>;
  /** Signs one request, where its provider wants that. Returns headers to add. */
  readonly sign: ((request: Omit<NetworkRequest, "signal">, epochMs: number) => Readonly<Record<string, string>> | undefined) | undefined;
  /** Equal for the same credential at the same provider. Holds no secret. */
  readonly identity: string;
}

/** What a house is opened with besides its plan. */
export interface HouseholdOptions {
  /** Keys that were made at run time. */
  readonly stored: readonly KeyRow[];
  readonly requireKeys: boolean | undefined;
  readonly logins: Logins | undefined;
  readonly shadowed?: ShadowNote | undefined;
  readonly spending?: BudgetNote | undefined;
  readonly counts: Counts | undefined;
  /** How many processes serve together. */
  readonly processes: number;
  /** Told of targets' health what the others should know. */
  readonly found: ((fact: HealthFact) => void) | undefined;
  /** What was spent before this process began. */
  spentBefore(rules: readonly BudgetRule[]): Promise<readonly SpentBefore[]>;
}

/**
 * Makes a plan ready to serve. Health and connections of what stays the same are taken over from the plan in force so far.
 * @throws {OmniError} If a secret can not be read.
 */
export async function goLive(
  plan: Plan,
  readSecret: SecretReader,
  world: World,
  options: HouseholdOptions,
  previous: Live | undefined,
): Promise<Live> {
  const house = await House.open(plan.policies, [], {
    readSecret,
    stored: options.stored,
    requireKeys: options.requireKeys,
    logins: options.logins,
    ...(options.shadowed && { shadowed: options.shadowed }),
    ...(options.spending && { spending: options.spending }),
    counts: options.counts,
    spentBefore: previous === undefined ? await options.spentBefore(plan.policies.budgets) : [],
    epochMs: world.clock.epochMs(),
    previous: previous?.house,
  });
  const kept = new Map(previous?.providers.map((provider) => [provider.identity, provider]));
  const accesses = await Promise.all(plan.accounts.map((account) => accessOf(plan, account, readSecret)));
  const accounts = plan.accounts.map((account, id): LiveAccount => {
    const { headers, credential } = accesses[id]!; // One for each account.
    const { name, definition, settings } = plan.providers[account.provider]!; // Ids are rows.
    const { auth } = definition;
    const signs = auth.sign !== undefined && credential !== undefined;
    return {
      headersFor: headersOnce(headers),
      sign: signs ? (request, epochMs) => auth.sign?.(request, credential, epochMs, settings) : undefined,
      identity: `${name}#${account.name ?? ""} ${Bun.hash(JSON.stringify(signs ? [headers, credential] : headers))}`,
    };
  });
  const providers = plan.providers.map((planned): LiveProvider => {
    const headers = planned.accounts.map((account) => accesses[account]?.headers);
    const identity = JSON.stringify([planned.name, planned.definition.name, planned.baseUrl, planned.settings, headers]);
    return { planned, session: kept.get(identity)?.session ?? open(planned, world), identity };
  });
  const { guardrails } = plan.policies;
  const guardSecrets = new Map<string, string>();
  for (const { name, secret } of guardrails?.remotes ?? []) if (secret !== undefined) guardSecrets.set(name, await readSecret(secret));
  const turns = new Uint32Array(plan.routes.length);
  return {
    plan,
    health: new HealthBook(
      plan.targets.map((target) => identityOf(target, plan, accounts, options.processes)),
      world.random.unit,
      previous?.health,
      options.found,
    ),
    providers,
    accounts,
    providerIds: new Map(plan.providers.map((provider) => [provider.name, provider.id])),
    house,
    guarding: guardrails && new Guarding(guardrails, guardSecrets, world),
    redaction: new Redaction([...accesses.flatMap(({ secrets }) => secrets), ...guardSecrets.values()]),
    hedges: hedgesOf(plan, previous),
    isPriced: plan.prices.some((price) => price !== undefined),
    takeTurn: (route) => turns[route]!++, // Ids are rows.
  };
}

function hedgesOf({ routes }: Plan, previous: Live | undefined): ReadonlyMap<RouteId, Hedge> {
  const hedges = new Map<RouteId, Hedge>();
  for (const { id, name, operation, hedge } of routes) {
    if (hedge === undefined) continue;
    const before = previous?.plan.routes.find((route) => route.hedge !== undefined && route.name === name && route.operation === operation);
    hedges.set(id, new Hedge(hedge, before && previous?.hedges.get(before.id)));
  }
  return hedges;
}

function identityOf(
  { name, service, provider, account, operation }: Target,
  plan: Plan,
  accounts: readonly LiveAccount[],
  processes: number,
): TargetIdentity {
  const planned = plan.providers[provider]!; // Ids are rows.
  return {
    target: `${operation} ${name}`,
    service: `${operation} ${service}`,
    account: accounts[account]!.identity, // The same.
    provider: planned.name,
    accounts: planned.accounts.length,
    // Each has its part; rounded up, so that nobody is left without.
    attemptsMax: planned.attemptsMax && Math.ceil(planned.attemptsMax / processes),
  };
}

/** Drops the idle connections that no provider of `next` has taken over. Exchanges under way keep theirs. */
export function retire(previous: Live, next: Live): void {
  const kept = new Set(next.providers.map((provider) => provider.session));
  for (const { session } of previous.providers) if (!kept.has(session)) session.close();
  previous.guarding?.close();
}

function open(planned: PlannedProvider, world: World): Session {
  return planned.definition.open?.(world, planned.settings) ?? world.network.open();
}

/** What opens a provider's door. */
interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: string | undefined;
  /** All that must not be told. */
  readonly secrets: readonly string[];
}

/** The credential and what the operator adds; only ever sent to the provider's own base URL. */
async function accessOf(plan: Plan, { provider, apiKey }: PlannedAccount, readSecret: SecretReader): Promise<Access> {
  const planned = plan.providers[provider]!; // Ids are rows.
  const headers: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(planned.headers)) {
    headers[name.toLowerCase()] = typeof value === "string" ? value : await readSecret(value);
    if (typeof value !== "string") secrets.push(headers[name.toLowerCase()]!); // Just set.
  }
  const credential = apiKey && (await readSecret(apiKey));
  if (credential !== undefined) {
    Object.assign(headers, planned.definition.auth.headers(credential));
    secrets.push(credential);
  }
  return { headers, credential, secrets };
}

function headersOnce(own: Readonly<Record<string, string>>): LiveAccount["headersFor"] {
  const made = new Map<Upstream, Map<string, Readonly<Record<string, string>>>>();
  return (upstream, accept) => {
    const known = made.get(upstream)?.get(accept);
    if (known !== undefined) return known;
    const headers = Object.freeze({
      "content-type": "application/json",
      accept,
      // Compression saves little on a fast line, costs CPU, and holds events back.
      "accept-encoding": "identity",
      "user-agent": "omni",
      ...upstream.headers,
      ...own,
    });
    made.set(upstream, (made.get(upstream) ?? new Map()).set(accept, headers));
    return headers;
  };
}
