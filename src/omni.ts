// The public door: what `import … from "omni"` finds in an `omni.config.ts`.
export { defineCombos, defineConfig, defineFilter, defineProviders, provider, secret } from "./config/config.ts";
export type * from "./config/grammar.ts";
export type * from "./policies/compress/filter-grammar.ts";
export type { SecretReference } from "./config/secret.ts";
