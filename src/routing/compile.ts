import { builtInCombos } from "../config/built-in-combos.ts";
import { HEDGED } from "../config/validate-combo.ts";
import type { ComboOptionsData, ConfigData, HedgeData, ModelFactsData, ProviderData } from "../config/data.ts";
import { durationMs } from "../config/duration.ts";
import { priceOf } from "../config/price-of.ts";
import type { SecretReference } from "../config/secret.ts";
import { OPERATIONS, type Operation } from "../ir/operation.ts";
import { addressOf } from "../providers/address.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import { DEADLINES } from "../resilience/deadline.ts";
import type { HedgeOptions } from "../resilience/hedge.ts";
import { type AccountTargets, ChoiceTrees } from "./choice-trees.ts";
import { hashOfJson } from "./config-hash.ts";
import { HashedNames, type NameIndex } from "./name-index.ts";
import { type Naming, nameRoutes, wholeName } from "./name-routes.ts";
import type {
  AccountId,
  ModelColumns,
  Plan,
  PlannedAccount,
  PlannedProvider,
  PlannedServer,
  ProviderId,
  Route,
  RouteId,
  Shadow,
  Target,
  TargetId,
} from "./plan.ts";
import { planLedger, planPolicies, planPrice } from "./plan-policies.ts";
import { planTargets, type TargetSurroundings } from "./plan-targets.ts";
import { NEEDS } from "./request-facts.ts";

/** What a configuration is compiled against. */
export interface CompileOptions extends TargetSurroundings {
  /** The kinds of providers that there are. */
  readonly definitions: readonly ProviderDefinition[];
  /** What is known of a kind's models besides their prices; the operator's own word goes first. Default: nothing. */
  readonly modelFacts?: (kind: string, model: string, operation: Operation) => ModelFactsData | undefined;
  /** How logs look where the configuration does not say. Default `json`; `pretty` is for a terminal. */
  readonly logs?: "json" | "pretty";
}

/**
 * Turns a configuration into a plan. The same configuration gives the same plan.
 * @param config Checked already.
 * @throws {Error} If it can not be compiled, which the checks should have told the operator.
 */
export function compile(config: ConfigData, options: CompileOptions): Plan {
  const accounts: PlannedAccount[] = [];
  const providers = Object.entries(config.providers).map(([name, data], id) => planProvider(name, data, id, options.definitions, accounts));
  const targets = planTargets(config, providers, accounts, options);
  const services = Map.groupBy(targets, ({ operation, service }) => `${operation} ${service}`);
  const accountTargets = (of: readonly Target[]): AccountTargets =>
    of.map(({ id, name, account }) => ({ target: id, name, weight: accounts[account]?.weight }));
  const builtIn = builtInCombos(config, options.definitions);
  const combos = { ...config.combos, ...builtIn };
  const policies = planPolicies(config);
  const trees = new ChoiceTrees(
    {
      combos,
      targets: (name, operation) => {
        const found = services.get(`${operation} ${name}`);
        return found && accountTargets(found);
      },
    },
    policies.promptCache !== undefined,
  );
  const routes: Route[] = [];

  for (const same of services.values()) {
    const [{ service, operation }] = same as [Target, ...Target[]]; // Groups have members.
    routes.push(routeOf(routes.length, "target", service, operation, trees.service(accountTargets(same)), trees, {}));
  }
  for (const [name, combo] of Object.entries(combos)) {
    for (const operation of OPERATIONS) {
      if (combo[operation] === undefined) continue;
      routes.push(routeOf(routes.length, "combo", name, operation, trees.group(name, operation), trees, combo));
    }
  }

  const models = modelColumns(targets, providers, config, options);
  const naming = mapOperations((operation) => {
    const ofOperation = (row: { readonly operation: Operation }): boolean => row.operation === operation;
    const firstOfEach = [...services.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
    return nameRoutes(config, providers, firstOfEach.filter(ofOperation), routes.filter(ofOperation), builtIn);
  });
  checkReferences(config, new Set(routes.map(wholeName)));
  // What is set aside for tokens and money depends on how much is asked for. The ledger alone reads it when it needs it, which is seldom.
  const { limits = {}, budgets } = config.policies ?? {};
  const asksEstimates = budgets !== undefined || Object.values(limits).some(({ tokens }) => tokens !== undefined);
  const hash = hashOf(config, Object.values(naming));
  return {
    hash,
    providers,
    accounts,
    targets,
    routes: routes.map((route) => ({
      ...route,
      shadow: shadowOf(route, config, routes),
      asksFacts: route.asksFacts || asksEstimates || route.targets.some((target) => isLimited(models, target)),
    })),
    names: mapOperations((operation) => indexOf(naming[operation], hash)),
    choices: trees.columns(),
    models,
    policies,
    ledger: planLedger(config),
    prices: targets.map(({ provider, model }) => {
      const { name, definition } = providers[provider]!; // Ids are rows.
      return planPrice(config, name, model, definition.baseUrl);
    }),
    server: planServer(config, options.logs ?? "json"),
    notes: [...accounts.flatMap((account) => noteCredential(account, providers)), ...Object.values(naming).flatMap(({ notes }) => notes)],
  };
}

function checkReferences(config: ConfigData, known: ReadonlySet<string>): void {
  for (const [name, reference] of [["default", config.default] as const, ...Object.entries(config.aliases ?? {})]) {
    if (reference !== undefined && !known.has(reference))
      throw new Error(`Cannot compile "${name}": "${reference}" is neither a target nor a combo.`);
  }
}

/**
 * Keys have no order in the hash, but the order of providers decides who gets a bare name that several have. So where there is such a name, the outcome is
 * part of the hash: a change of order that changes something is a change.
 */
function hashOf(config: ConfigData, naming: readonly Naming[]): string {
  const contested = naming.map((each) => Object.fromEntries(each.contested));
  return hashOfJson(contested.every((each) => Object.keys(each).length === 0) ? config : [config, contested]);
}

function indexOf({ names, providers }: Naming, hash: string): NameIndex {
  return new HashedNames(names, providers, Number.parseInt(hash, 16));
}

/** Attempts in all where the operator does not say: enough for every target, and for a second try where there are few. */
const ATTEMPTS_MIN = 4;

function routeOf(
  id: number,
  type: Route["type"],
  name: string,
  operation: Operation,
  root: number,
  trees: ChoiceTrees,
  limits: ComboOptionsData,
): Route {
  const targets = trees.leaves(root);
  return {
    id: id as RouteId, // The row it is put into.
    operation,
    name,
    type,
    root,
    nodes: Int32Array.from(trees.nodesBelow(root)),
    asksFacts: trees.asksFacts(root),
    asksHeadroom: trees.asksHeadroom(root),
    targets,
    deadlineMs: readDuration(limits.timeout) ?? DEADLINES.totalMs,
    firstByteMs: readDuration(limits.firstByteTimeout),
    onLoss: limits.onLoss ?? "warn",
    attemptsMax: limits.attempts ?? Math.max(ATTEMPTS_MIN, targets.length),
    hedge: limits.hedge && HEDGED.has(operation) && targets.length > 1 ? hedgeOf(limits.hedge) : undefined,
    shadow: undefined,
    resumes: limits.resume === true && operation === "chat" && targets.length > 1,
  };
}

const SHADOW_SHARE = 0.01;
const SHADOWS_MAX = 4;

function shadowOf({ type, name, operation }: Route, { combos = {} }: ConfigData, routes: readonly Route[]): Shadow | undefined {
  const data = type === "combo" && operation === "chat" && Object.hasOwn(combos, name) ? combos[name]?.shadow : undefined;
  if (data === undefined) return undefined;
  const to = routes.find((route) => route.operation === "chat" && wholeName(route) === data.to);
  if (to === undefined) throw new Error(`Cannot compile combo "${name}": "${data.to}" is no chat target to be sent its requests as well.`);
  return { route: to.id, share: data.share ?? SHADOW_SHARE, concurrency: data.concurrency ?? SHADOWS_MAX };
}

/** The part of all requests that may be asked twice, where the operator does not say. */
const HEDGE_SHARE = 0.05;

function hedgeOf({ after, share = HEDGE_SHARE }: HedgeData): HedgeOptions {
  return { afterMs: readDuration(after), share };
}

function planProvider(
  name: string,
  data: ProviderData,
  id: number,
  definitions: readonly ProviderDefinition[],
  accounts: PlannedAccount[],
): PlannedProvider {
  const definition = definitions.find((candidate) => candidate.name === data.kind);
  if (definition === undefined) throw new Error(`Cannot compile provider "${name}": there is no kind "${data.kind}".`);
  return {
    id: id as ProviderId, // The row it is put into.
    name,
    definition,
    baseUrl: baseUrlOf(name, data, definition),
    accounts: planAccounts(data, definition, id as ProviderId, accounts), // The same.
    attemptsMax: data.concurrency,
    headers: data.headers ?? {},
    timeoutMs: readDuration(data.timeout),
    silenceMs: readDuration(data.silenceTimeout) ?? DEADLINES.silenceMs,
    settings: data.settings ?? {},
  };
}

/** Puts a provider's accounts into the list of all. @returns Where they are. */
function planAccounts(data: ProviderData, definition: ProviderDefinition, provider: ProviderId, accounts: PlannedAccount[]): AccountId[] {
  const named = Object.entries(data.accounts ?? {});
  const all =
    named.length > 0
      ? named.map(([name, { apiKey, weight }]) => ({ name: named.length > 1 ? name : undefined, apiKey, weight }))
      : [{ name: undefined, apiKey: data.apiKey ?? keyByDefault(definition), weight: undefined }];
  return all.map((account) => (accounts.push({ id: accounts.length as AccountId, provider, ...account }) - 1) as AccountId); // Rows.
}

function baseUrlOf(name: string, data: ProviderData, definition: ProviderDefinition): string {
  const baseUrl = data.baseUrl ?? (definition.baseUrl && addressOf(definition.baseUrl, data.settings ?? {}));
  if (baseUrl !== undefined) return baseUrl.replace(/\/+$/, "");
  if (definition.open === undefined) throw new Error(`Cannot compile provider "${name}": it has no base URL.`);
  // It answers in its own way and nothing is resolved; the name is one that nobody can own.
  return `http://${definition.name}.invalid`;
}

/** Only where a key is needed: a local server must not fail for want of a variable that nobody has heard of. */
function keyByDefault({ keyEnv, keyRequired }: ProviderDefinition): SecretReference | undefined {
  return keyRequired && keyEnv !== undefined ? { $secret: "env", name: keyEnv } : undefined;
}

/** The vendor's usual key goes to an address that is not the vendor's: maybe meant, and worth a look. */
function noteCredential({ apiKey, provider }: PlannedAccount, providers: readonly PlannedProvider[]): string[] {
  const { name, definition, baseUrl, settings } = providers[provider]!; // Ids are rows.
  // Without the settings that its address lacks there is no telling what the vendor's own is.
  const ownUrl = definition.baseUrl && addressOf(definition.baseUrl, settings);
  if (ownUrl === undefined || apiKey?.$secret !== "env" || apiKey.name !== definition.keyEnv) return [];
  const [own, actual] = [new URL(ownUrl).origin, new URL(baseUrl).origin];
  return own === actual ? [] : [`Provider "${name}" sends $${apiKey.name} to ${actual}, which is not ${own}.`];
}

/** What the operator says of a model goes before what is known of it. */
function modelColumns(
  targets: readonly Target[],
  providers: readonly PlannedProvider[],
  config: ConfigData,
  options: CompileOptions,
): ModelColumns {
  const facts = targets.map(({ provider, model, operation }): ModelFactsData => {
    const { name, definition } = providers[provider]!; // Ids are rows.
    return { ...options.modelFacts?.(definition.name, model, operation), ...config.providers[name]?.facts?.[model] };
  });
  const prices = targets.map(({ provider, model }) => {
    const { name, definition, baseUrl } = providers[provider]!; // The same.
    const known = priceOf(
      config.prices ?? {},
      name,
      model,
      definition.name,
      baseUrl !== definition.baseUrl && definition.open === undefined,
    );
    return known.type === "known" ? known.price : undefined;
  });
  return {
    inputPrice: Float64Array.from(prices, (price) => price?.input ?? Number.NaN),
    outputPrice: Float64Array.from(prices, (price) => price?.output ?? Number.NaN),
    contextTokens: Float64Array.from(facts, ({ contextTokens = Number.POSITIVE_INFINITY }) => contextTokens),
    lacks: Uint32Array.from(
      facts,
      ({ tools, images, structuredOutput }) =>
        (tools === false ? NEEDS.tools : 0) |
        (images === false ? NEEDS.images : 0) |
        (structuredOutput === false ? NEEDS.structuredOutput : 0),
    ),
  };
}

/** Whether there are requests that a model can not serve, so that they have to be looked at. */
function isLimited({ lacks, contextTokens }: ModelColumns, target: TargetId): boolean {
  return lacks[target] !== 0 || contextTokens[target] !== Number.POSITIVE_INFINITY;
}

function planServer({ server = {}, telemetry }: ConfigData, logs: "json" | "pretty"): PlannedServer {
  return {
    port: server.port ?? 20_128,
    hostname: server.hostname ?? "127.0.0.1",
    drainMs: readDuration(server.drain) ?? 600_000,
    bodyBytesMax: server.bodyBytesMax ?? 32 * 1024 * 1024,
    shed: server.shed && { lagMs: readDuration(server.shed.lag), memoryBytes: server.shed.memoryBytes },
    adminToken: server.admin?.token,
    admin: server.admin?.port === undefined ? undefined : { port: server.admin.port, hostname: server.admin.hostname ?? "127.0.0.1" },
    logs: telemetry?.logs ?? logs,
    metrics: telemetry?.metrics ?? true,
  };
}

function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms === undefined) throw new Error(`Cannot compile "${text}": it is no duration.`);
  return ms;
}

function mapOperations<Value>(make: (operation: Operation) => Value): Record<Operation, Value> {
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, make(operation)])) as Record<Operation, Value>; // The list has them all.
}
