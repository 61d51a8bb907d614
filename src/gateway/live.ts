import type { SecretReference } from "../config/secret.ts";
import { HealthBook } from "../resilience/health.ts";
import type { Plan, PlannedProvider, ProviderId } from "../routing/plan.ts";
import type { Upstream } from "../wire/wire.ts";
import type { Session } from "../world/network.ts";
import type { World } from "../world/world.ts";

/** Reads a secret. @throws {OmniError} If it is not there. */
export type SecretReader = (reference: SecretReference) => Promise<string>;

/** A plan in force: with its secrets read, its connections open, and what is known of its targets' health. */
export interface Live {
  readonly plan: Plan;
  readonly health: HealthBook;
  /** By `ProviderId`. */
  readonly providers: readonly LiveProvider[];
  readonly providerIds: ReadonlyMap<string, ProviderId>;
}

/** A provider that can be called. */
export interface LiveProvider {
  readonly planned: PlannedProvider;
  readonly session: Session;
  /** All headers of a request but those that come from the client, made once per upstream half and form of answer. */
  headersFor(upstream: Upstream, accept: string): Readonly<Record<string, string>>;
  /** Equal for a provider whose connections can be kept when the plan changes. */
  readonly identity: string;
}

/**
 * Makes a plan ready to serve. Health and connections of what stays the same are taken over from the plan in force so far.
 * @throws {OmniError} If a secret can not be read.
 */
export async function goLive(plan: Plan, readSecret: SecretReader, world: World, previous: Live | undefined): Promise<Live> {
  const kept = new Map(previous?.providers.map((provider) => [provider.identity, provider]));
  const providers = await Promise.all(
    plan.providers.map(async (planned): Promise<LiveProvider> => {
      const headers = await ownHeaders(planned, readSecret);
      const identity = JSON.stringify([planned.name, planned.definition.name, planned.baseUrl, planned.settings, headers]);
      const session = kept.get(identity)?.session ?? open(planned, world);
      return { planned, session, headersFor: headersOnce(headers), identity };
    }),
  );
  return {
    plan,
    health: new HealthBook(
      plan.targets.map((target) => target.name),
      world.random.unit,
      previous?.health,
    ),
    providers,
    providerIds: new Map(plan.providers.map((provider) => [provider.name, provider.id])),
  };
}

/** Drops the idle connections that no provider of `next` has taken over. Exchanges under way keep theirs. */
export function retire(previous: Live, next: Live): void {
  const kept = new Set(next.providers.map((provider) => provider.session));
  for (const { session } of previous.providers) if (!kept.has(session)) session.close();
}

function open(planned: PlannedProvider, world: World): Session {
  return planned.definition.open?.(world, planned.settings) ?? world.network.open();
}

/** The credential and what the operator adds; only ever sent to the provider's own base URL. */
async function ownHeaders(planned: PlannedProvider, readSecret: SecretReader): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(planned.headers)) {
    headers[name.toLowerCase()] = typeof value === "string" ? value : await readSecret(value);
  }
  if (planned.apiKey !== undefined) Object.assign(headers, planned.definition.auth.headers(await readSecret(planned.apiKey)));
  return headers;
}

function headersOnce(own: Readonly<Record<string, string>>): LiveProvider["headersFor"] {
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
