import { OPERATIONS } from "../ir/operation.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import { declaredProviders } from "./built-in-providers.ts";
import type { ConfigData } from "./data.ts";
import { type Fault, fault } from "./fault.ts";
import { NamesInUse } from "./names-in-use.ts";
import { didYouMean } from "./nearest.ts";
import type { ConfigFile } from "./schema.ts";
import { comboFaults, cycleFaults } from "./validate-combo.ts";
import { guardrailFaults } from "./validate-guardrails.ts";
import { policyFaults } from "./validate-policies.ts";
import { priceFaults } from "./validate-prices.ts";
import { providerFaults } from "./validate-provider.ts";
import { targetFaults } from "./validate-target.ts";

/**
 * Finds all that is wrong with a configuration of the right shape: names that nothing has, circles, targets that are never reached,
 * addresses that can not be. All at once, in the order of the file.
 *
 * @param definitions The kinds of providers that there are.
 */
export function validate(data: ConfigData, definitions: readonly ProviderDefinition[] = PROVIDERS): Fault[] {
  const names = new NamesInUse(data, definitions);
  return [
    ...Object.entries(data.providers).flatMap(([name, provider]) => providerFaults(name, provider, definitions, names)),
    ...(declaredProviders(data) === 0
      ? [
          fault(
            "emptyList",
            ["providers"],
            "there is no provider",
            "add one: openai: provider.openai(), or provider.simulator() to try things out",
          ),
        ]
      : []),
    ...Object.entries(data.combos ?? {}).flatMap(([name, combo]) => comboFaults(name, combo, names)),
    ...cycleFaults(data),
    ...(data.default === undefined ? [] : targetFaults(data.default, "chat", ["default"], names)),
    ...aliasFaults(data, names),
    ...hostnameFaults(data),
    ...policyFaults(data, names),
    ...guardrailFaults(data),
    ...priceFaults(data, definitions, names),
  ];
}

/** Finds what is wrong with the overlays of all environments, picked or not: names of providers and combos that there is nothing to lay over. */
export function validateEnvironments({ environments, providers, combos }: ConfigFile): Fault[] {
  return Object.entries(environments ?? {}).flatMap(([environment, overlay]) =>
    (
      [
        ["providers", "provider", overlay.providers, providers],
        ["combos", "combo", overlay.combos, combos ?? {}],
      ] as const
    ).flatMap(([section, noun, over, under]) =>
      Object.keys(over ?? {})
        .filter((name) => !Object.hasOwn(under, name))
        .map((name) =>
          fault(
            noun === "provider" ? "unknownProvider" : "unknownCombo",
            ["environments", environment, section, name],
            `environment "${environment}" changes ${noun} "${name}", which is not declared`,
            didYouMean(name, Object.keys(under)) ?? `declare it in ${section} first; an environment only changes what is there`,
          ),
        ),
    ),
  );
}
function aliasFaults(data: ConfigData, names: NamesInUse): Fault[] {
  return Object.entries(data.aliases ?? {}).flatMap(([alias, target]) => {
    const path = ["aliases", alias];
    const operation = OPERATIONS.find((candidate) => targetFaults(target, candidate, path, names).length === 0);
    const faults = operation === undefined ? targetFaults(target, "chat", path, names) : [];
    if (isTaken(alias, data, names))
      faults.push(fault("aliasTaken", path, `the alias "${alias}" would hide another name`, "choose another name for the alias"));
    return faults;
  });
}

function isTaken(alias: string, data: ConfigData, names: NamesInUse): boolean {
  if (alias === "default" && data.default !== undefined) return true;
  if (Object.hasOwn(data.combos ?? {}, alias) || alias.startsWith("combo:")) return true;
  const slash = alias.indexOf("/");
  return slash > 0 && OPERATIONS.some((operation) => names.models(alias.slice(0, slash), operation).has(alias.slice(slash + 1)));
}

function hostnameFaults(data: ConfigData): Fault[] {
  return [...ownHostnameFaults(data), ...adminFaults(data)];
}

function adminFaults({ server }: ConfigData): Fault[] {
  const { port, hostname } = server?.admin ?? {};
  if (hostname === undefined) return [];
  if (port === undefined)
    return [
      fault(
        "missing",
        ["server", "admin", "hostname"],
        "the administration has an address and no port of its own",
        "add port: 20129, or take the address out",
      ),
    ];
  return [];
}

function ownHostnameFaults({ server, policies }: ConfigData): Fault[] {
  const hostname = server?.hostname;
  if (hostname === undefined || isLoopback(hostname)) return [];
  const hasKeys = policies?.requireKeys ?? Object.keys(policies?.keys ?? {}).length > 0;
  if (hasKeys) return [];
  return [
    fault(
      "notLoopback",
      ["server", "hostname"],
      `"${hostname}" can be reached from other machines, and whoever reaches it needs no key`,
      'declare keys: policies: { keys: { alice: { secret: secret.env("ALICE_KEY") } } }, or listen on "127.0.0.1"',
    ),
  ];
}

/** Whether only this machine can reach an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(?:\.(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(hostname);
}
