import { exchangesOf, isStream, type RecordedExchange, recordings } from "../support/recordings.ts";

/** A recorded exchange whose answer was good, and whose request is known. */
export interface GoodExchange {
  readonly name: string;
  readonly exchange: RecordedExchange;
  readonly body: Readonly<Record<string, unknown>> & { readonly model: string };
  readonly stream: boolean;
}

/** What a provider answered well, with the requests. */
export function goodExchanges(provider: string, api: string): readonly GoodExchange[] {
  return recordings({ provider, api }).flatMap((row) =>
    exchangesOf(row).flatMap((exchange, index) => {
      const body = exchange.request.body as GoodExchange["body"] | undefined;
      if (exchange.api !== api || exchange.response.status !== 200 || typeof body?.model !== "string") return [];
      return [{ name: `${row.id}#${index}`, exchange, body, stream: isStream(exchange.response) }];
    }),
  );
}

/** Three providers at one address, each of which speaks another format first: `openai`, `anthropic` and `compatible`. */
export function configOfAll(baseUrl: string, models: Readonly<Record<"openai" | "anthropic" | "compatible", readonly string[]>>): string {
  const settings = (name: keyof typeof models) => `baseUrl: ${JSON.stringify(baseUrl)}, models: { chat: ${JSON.stringify(models[name])} }`;
  return `import { defineConfig, provider, secret } from "omni";
export default defineConfig({
  providers: {
    openai: provider.openai({ ${settings("openai")}, apiKey: secret.env("UPSTREAM_KEY") }),
    anthropic: provider.anthropic({ ${settings("anthropic")}, apiKey: secret.env("UPSTREAM_KEY") }),
    compatible: provider.openaiCompatible({ ${settings("compatible")} }),
  },
});
`;
}

/** Where the environment of the gateway has the key that the providers are called with. */
export const UPSTREAM_KEY = "sk-upstream-canary";

/** What an official client throws, as far as programs can tell it apart. */
export function thrown(error: unknown): object {
  const { name, status, message } = error as { name: string; status?: number; message: string };
  return { thrown: (error as Error).constructor.name, name, status, message };
}
