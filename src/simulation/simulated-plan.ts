import type { ConfigData, ProviderData } from "../config/data.ts";
import { bearer } from "../providers/auth.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import { compile } from "../routing/compile.ts";
import type { Plan } from "../routing/plan.ts";
import { bridgeOf } from "../wire/bridge.ts";
import { WIRES } from "../wire/index.ts";
import { openaiChat } from "../wire/openai-chat/index.ts";
import { simulatedBaseUrl } from "./upstream.ts";

/**
 * Compiles a configuration as it is, but for where providers live and how they write: all are simulated, and write as OpenAI does.
 * Names, combos, accounts, limits, prices and facts stay what they are.
 * @param prices Whether the vendors' list prices count. They take as long to find as all the rest.
 */
export function simulatedPlan(config: ConfigData, prices: boolean = true): Plan {
  const providers = Object.fromEntries(Object.entries(config.providers).map(([name, data]) => [name, simulatedProvider(name, data)]));
  const plan = compile({ ...config, providers }, { definitions: DEFINITIONS, wires: [openaiChat], bridgeOf });
  if (!prices) return plan;
  // A vendor's list prices only hold at its own address, so they are looked up in the configuration as it is; the targets are the same.
  const { models } = compile(config, { definitions: PROVIDERS, wires: WIRES, bridgeOf });
  return { ...plan, models };
}

const DEFINITIONS: readonly ProviderDefinition[] = (PROVIDERS as readonly ProviderDefinition[]).map(
  ({ name, reference, models }): ProviderDefinition => ({
    name,
    reference,
    models,
    auth: bearer,
    keyRequired: true,
    services: [{ operation: "chat", wire: openaiChat, upstream: openaiChat.upstream({}) }],
  }),
);

/** Every account gets a key that says whose it is, so that one that strays is noticed. */
function simulatedProvider(name: string, { accounts, headers: _, settings: __, ...data }: ProviderData): ProviderData {
  const keys = Object.entries(accounts ?? {}).map(([account, { weight }], at) => [
    account,
    { apiKey: keyOf(name, at), ...(weight === undefined ? {} : { weight }) },
  ]);
  const baseUrl = simulatedBaseUrl(name);
  return keys.length > 0 ? { ...data, baseUrl, accounts: Object.fromEntries(keys) } : { ...data, baseUrl, apiKey: keyOf(name, 0) };
}

function keyOf(provider: string, account: number): NonNullable<ProviderData["apiKey"]> {
  return { $secret: "env", name: `${provider}#${account}` };
}
