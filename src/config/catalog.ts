import type { PROVIDERS } from "../providers/index.ts";
import type { ProviderDefinition } from "../providers/provider.ts";

type Definition = (typeof PROVIDERS)[number];

/**
 * What the types of a configuration know of each kind of provider, taken from the definitions themselves.
 * `declarations.ts` writes the same down as text for editors that see no sources.
 */
export type Catalog = {
  readonly [D in Definition as D["name"]]: {
    readonly models: { readonly [O in keyof D["models"]]: D["models"][O] extends readonly (infer Name)[] ? Name : never };
    readonly settings: D extends ProviderDefinition<string, D["models"], infer Settings>
      ? unknown extends Settings
        ? Record<never, never>
        : Settings & object
      : never;
  };
};
