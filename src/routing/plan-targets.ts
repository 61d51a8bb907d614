import type { ConfigData } from "../config/data.ts";
import { modelsInUse } from "../config/models-in-use.ts";
import { OPERATIONS, type Operation } from "../ir/operation.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Service } from "../providers/provider.ts";
import { type Bridge, restatingBridge } from "../wire/bridge.ts";
import { countBridge } from "../wire/count-tokens.ts";
import type { Upstream, Wire } from "../wire/wire.ts";
import type { PlannedAccount, PlannedProvider, Target, TargetBridge, TargetId } from "./plan.ts";

/** Joins two formats of one kind of work. @returns undefined if they can not be joined. */
export type BridgeOf = (downstream: Wire, upstream: Wire, half: Upstream) => Bridge | undefined;

/** What targets are reached by. */
export interface TargetSurroundings {
  /** The formats that there are. Those with a downstream half are what clients may speak. */
  readonly wires: readonly Wire[];
  /** How two of them are joined. */
  readonly bridgeOf: BridgeOf;
}

/** Every model of every provider: what the definitions know, and what the operator adds. In order of declaration. */
export function planTargets(
  config: ConfigData,
  providers: readonly PlannedProvider[],
  accounts: readonly PlannedAccount[],
  around: TargetSurroundings,
): Target[] {
  const targets: Target[] = [];
  const names = new Set<string>();
  for (const provider of providers) {
    for (const operation of OPERATIONS) {
      const models = modelsInUse(config, provider.name, provider.definition, operation);
      if (models.size === 0) continue;
      const bridges = bridgesOf(provider, operation, around);
      for (const model of models) {
        const service = `${provider.name}/${model}`;
        // Health is kept by name, so a name must mean one thing. The check of the configuration keeps slashes out of providers' names.
        if (names.has(`${operation} ${service}`)) throw new Error(`Cannot compile "${service}": two targets have this name.`);
        names.add(`${operation} ${service}`);
        const shared = {
          service,
          provider: provider.id,
          operation,
          model,
          modelJson: new TextEncoder().encode(JSON.stringify(model)),
          sheet: sheetOf(config, provider, model),
          bridges: new Map(bridges.map(([wire, bridge]) => [wire.name, aim(wire, bridge, provider, model)])),
        };
        for (const account of provider.accounts) {
          const id = targets.length as TargetId; // The row it is put into.
          const suffix = accounts[account]?.name;
          targets.push({ id, name: suffix === undefined ? service : `${service}#${suffix}`, account, ...shared });
        }
      }
    }
  }
  return targets;
}

/** What is known of a model; the operator's word goes before the definition's. */
function sheetOf(config: ConfigData, { name, definition }: PlannedProvider, model: string): ModelSheet {
  return { ...definition.sheets?.[model], ...config.providers[name]?.facts?.[model] };
}

/** For each format that clients speak, the bridge to the provider. The same for all of its models. */
function bridgesOf({ name, definition }: PlannedProvider, operation: Operation, { wires, bridgeOf }: TargetSurroundings): [Wire, Bridge][] {
  const services = definition.services.filter((service) => service.operation === operation);
  const downstream = wires.filter((wire) => wire.operation === operation && wire.downstream !== undefined);
  return downstream.map((wire) => {
    const bridge = bestBridge(wire, services, bridgeOf);
    // Routes are found by kind of work, whatever the client speaks, so a target that some clients could not reach would fail them late.
    if (bridge === undefined) throw new Error(`Cannot compile provider "${name}": nothing leads from ${wire.name} to its ${operation}.`);
    return [wire, bridge];
  });
}

/** What passes untouched loses nothing, so a provider that speaks the client's own format is spoken to in it; else its first format counts. */
function bestBridge(wire: Wire, services: readonly Service[], bridgeOf: BridgeOf): Bridge | undefined {
  const sameFirst = [...services].sort((a, b) => Number(b.wire.name === wire.name) - Number(a.wire.name === wire.name));
  for (const service of sameFirst) {
    const bridge = bridgeOf(wire, service.wire, service.upstream);
    if (bridge !== undefined) return bridge;
  }
  return undefined;
}

function aim(wire: Wire, bridge: Bridge, provider: PlannedProvider, model: string): TargetBridge {
  const { upstream } = bridge;
  const baseUrl =
    provider.definition.services.find((service) => service.upstream === upstream)?.baseUrl?.(provider.baseUrl) ?? provider.baseUrl;
  const way = { bridge, url: baseUrl + upstream.path(model, false), streamUrl: baseUrl + upstream.path(model, true) };
  if (bridge.type !== "verbatim") return way;
  const { count, compactPath } = upstream;
  const restating = restatingBridge(wire, upstream);
  return {
    ...way,
    ...(count && { count: { bridge: countBridge(bridge, count), url: baseUrl + count.path(model) } }),
    ...(restating && { restating }),
    ...(compactPath !== undefined && { compactUrl: baseUrl + compactPath }),
  };
}
