import type { CacheMark } from "../ir/chat-parts.ts";
import type {
  BudgetData,
  CacheData,
  ConfigData,
  KeyData,
  LimitData,
  ResponsesData,
  PromptCacheData,
  RtkData,
  StoreData,
} from "../config/data.ts";
import { durationMs } from "../config/duration.ts";
import { priceOf } from "../config/price-of.ts";
import { rightsOf } from "../config/rights-of.ts";
import type { SecretReference } from "../config/secret.ts";
import { nanoUsdOf, priceVersion, type Rates, ratesOf } from "../ledger/price.ts";
import type { KeyEntry } from "../policies/api-keys.ts";
import type { BudgetRule } from "../policies/budget.ts";
import { WEBHOOK_EVENTS, type Webhook } from "../telemetry/webhooks.ts";
import { type PlannedGuardrails, planGuardrails } from "./plan-guardrails.ts";
import { FILTERS, FilterSet } from "../policies/compress/index.ts";
import type { ConcurrencyRule } from "../policies/concurrency.ts";
import type { RateRule } from "../policies/rate-limit.ts";
import { Rights } from "../policies/rights.ts";

/** The rules of the house, compiled: what policies are made from when a plan goes live. */
export interface PlannedPolicies {
  readonly keys: readonly PlannedKey[];
  /** Whether every request needs a key; undefined: as soon as there is one. */
  readonly requireKeys: boolean | undefined;
  readonly rates: readonly RateRule[];
  readonly concurrency: readonly ConcurrencyRule[];
  readonly budgets: readonly BudgetRule[];
  readonly rtk: PlannedRtk;
  /** undefined where nothing is looked for. */
  readonly guardrails: PlannedGuardrails | undefined;
  readonly webhooks: readonly PlannedWebhook[];
  /** undefined where the header means nothing. */
  readonly idempotency: PlannedStore | undefined;
  /** What prompts are marked with; undefined where they are not. Conversations then keep to the accounts that they began with. */
  readonly promptCache: CacheMark | undefined;
  /** undefined where no reasoning is remembered. */
  readonly reasoning: PlannedStore | undefined;
  /** undefined where no answer is given again. */
  readonly cache: PlannedCache | undefined;
  /** Where and how long answers are kept that clients may go on from; undefined where they are not. */
  readonly responses: PlannedResponses | undefined;
}

/** Which answers are given again, and to whom. */
export interface PlannedCache {
  readonly store: PlannedStore;
  readonly per: NonNullable<CacheData["per"]>;
  /** Patterns of routes; undefined for all. */
  readonly models: readonly string[] | undefined;
}

/** How answers are kept that clients may go on from. */
export interface PlannedResponses {
  readonly store: PlannedStore;
  /** Whether what a provider keeps itself is kept as well. */
  readonly keepsAll: boolean;
}

/** How much is kept between exchanges, and for how long. */
export interface PlannedStore {
  readonly bytesMax: number;
  readonly ttlMs: number;
  /** Whether it is found again after a restart. */
  readonly persist: boolean;
}

/** Whether and how tool results are compressed. */
export interface PlannedRtk {
  readonly enabled: boolean;
  readonly marked: NonNullable<RtkData["marked"]>;
  /** The operator's filters and Omni's; undefined for Omni's alone. */
  readonly filters?: FilterSet | undefined;
  /** Requests that are left alone; undefined where none is. */
  readonly except?: PlannedRtkExcept | undefined;
}

/** Whose tool results are left alone: one of these is enough. */
export interface PlannedRtkExcept {
  readonly keys: ReadonlySet<string>;
  /** Routes; undefined for none. */
  readonly models: Rights | undefined;
  readonly providers: ReadonlySet<string>;
}

/** Somebody who is told of what happens; what deliveries are signed with is read when the plan goes live. */
export interface PlannedWebhook extends Omit<Webhook, "secret"> {
  readonly secret: SecretReference;
}

/** A declared key. Its secret is read, and only its digest kept, when the plan goes live. */
export interface PlannedKey {
  readonly entry: Omit<KeyEntry, "secrets">;
  readonly secret: SecretReference | { readonly sha256: string };
}

/** What a target costs. */
export interface PlannedPrice {
  /** Names the rates for good; what rows of the ledger refer to. */
  readonly version: string;
  readonly rates: Rates;
}

/** How a ledger is kept. */
export interface PlannedLedger {
  /** Whether the operator asked for it. One that is only usual stands in nobody's way: without room for it requests are served all the same. */
  readonly isAskedFor: boolean;
  /** As the operator wrote it; relative to the configuration's folder. */
  readonly folder: string | undefined;
  readonly onFailure: "deny" | "allow";
  readonly keepDays: number;
}

/** Compiles `policies`. */
export function planPolicies({ policies = {} }: ConfigData): PlannedPolicies {
  const limits = Object.entries(policies.limits ?? {});
  return {
    keys: Object.entries(policies.keys ?? {}).map(planKey),
    requireKeys: policies.requireKeys,
    rates: limits.flatMap(ratesIn),
    concurrency: limits.flatMap(concurrencyIn),
    budgets: Object.entries(policies.budgets ?? {}).map(planBudget),
    guardrails: planGuardrails({ policies }),
    webhooks: Object.entries(policies.webhooks ?? {}).map(([name, { url, secret, events = WEBHOOK_EVENTS }]) => ({
      name,
      url,
      secret,
      events,
    })),
    rtk: planRtk(policies.rtk ?? {}),
    responses: planResponses(policies.responses ?? {}),
    idempotency: policies.idempotency?.enabled === false ? undefined : planStore(policies.idempotency ?? {}, 64 * MIB, "24h"),
    promptCache: planPromptCache(policies.promptCache),
    reasoning: policies.reasoning?.enabled === false ? undefined : planStore(policies.reasoning ?? {}, 64 * MIB, "24h"),
    cache: policies.cache === undefined || policies.cache.enabled === false ? undefined : planCache(policies.cache),
  };
}

const MIB = 1024 * 1024;

function planRtk({ enabled = true, marked = "leave-all", filters = [], except }: RtkData): PlannedRtk {
  const { keys = [], models, providers = [] } = except ?? {};
  return {
    enabled,
    marked,
    ...(filters.length > 0 && { filters: new FilterSet([...filters, ...FILTERS]) }),
    ...(except && { except: { keys: new Set(keys), models: models && new Rights({ models }), providers: new Set(providers) } }),
  };
}

function planPromptCache(data: PromptCacheData | undefined): CacheMark | undefined {
  if (data === undefined || data.enabled === false) return undefined;
  return data.ttl === undefined ? {} : { ttl: data.ttl };
}

function planCache({ per = "key", models, ...store }: CacheData): PlannedCache {
  return { store: planStore(store, 128 * MIB, "1h"), per, models };
}

function planResponses({ keep, ...store }: ResponsesData): PlannedResponses | undefined {
  return keep === "never" ? undefined : { store: planStore(store, 64 * MIB, "720h"), keepsAll: keep === "always" };
}

function planStore({ bytesMax, ttl, persist = false }: StoreData, bytesMaxUsual: number, ttlUsual: string): PlannedStore {
  return { bytesMax: bytesMax ?? bytesMaxUsual, ttlMs: durationMs(ttl ?? ttlUsual) ?? 0, persist };
}

/** Compiles `ledger`. */
export function planLedger({ ledger }: ConfigData): PlannedLedger | undefined {
  if (ledger === false) return undefined;
  const isAskedFor = ledger !== undefined;
  return {
    isAskedFor,
    folder: ledger?.folder,
    onFailure: ledger?.onFailure ?? (isAskedFor ? "deny" : "allow"),
    keepDays: ledger?.keepDays ?? 90,
  };
}

/**
 * What a target costs.
 * @param provider The operator's name for it.
 * @returns undefined if nobody knows.
 */
export function planPrice(
  { prices = {}, providers }: ConfigData,
  provider: string,
  model: string,
  vendorsUrl: string | undefined,
): PlannedPrice | undefined {
  const data = providers[provider];
  if (data === undefined) return undefined;
  const hasOwnAddress = data.baseUrl !== undefined && data.baseUrl !== vendorsUrl;
  const known = priceOf(prices, provider, model, data.kind, hasOwnAddress);
  if (known.type === "unknown") return undefined;
  const rates = ratesOf(known.price);
  return { version: priceVersion(rates), rates };
}

function planKey([name, key]: readonly [string, KeyData]): PlannedKey {
  const { secret, sha256, team, organisation, tags } = key;
  if (secret === undefined && sha256 === undefined) throw new Error(`Cannot compile key "${name}": it has no secret.`);
  const rights = rightsOf(key);
  return {
    entry: { id: name, name, team, organisation, tags, rights: Object.keys(rights).length === 0 ? undefined : rights },
    secret: secret ?? { sha256: sha256 ?? "" },
  };
}

function ratesIn([name, { per, requests, tokens, in: window, for: whom, shadow = false }]: readonly [string, LimitData]): RateRule[] {
  const windowMs = durationMs(window ?? "");
  if (windowMs === undefined) return [];
  const rule = (counts: RateRule["counts"], limit: number | undefined): RateRule[] =>
    limit === undefined ? [] : [{ name, per, counts, limit, windowMs, shadow, ...(whom && { for: whom }) }];
  return [...rule("requests", requests), ...rule("tokens", tokens)];
}

function concurrencyIn([name, { per, concurrent, for: whom, shadow = false }]: readonly [string, LimitData]): ConcurrencyRule[] {
  if (concurrent === undefined || per === "provider") return [];
  return [{ name, per, limit: concurrent, shadow, ...(whom && { for: whom }) }];
}

function planBudget([name, { per, usd, each, soft = false, for: whom }]: readonly [string, BudgetData]): BudgetRule {
  return { name, per, period: each, limitNanoUsd: nanoUsdOf(usd), soft, ...(whom && { for: whom }) };
}
