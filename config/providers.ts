import { defineProviders, provider } from "omni";

/**
 * Who answers. The names are the first part of every target: `simulator` in "simulator/writer".
 *
 * To add OpenAI, set OPENAI_API_KEY where the gateway is started, and add a line below: `openai: provider.openai(),`.
 * Its models can then be asked for ("openai/gpt-5.1"), and be put into the combos of combos.ts.
 */
export const providers = defineProviders({
  // Needs no key and no network, so that everything can be tried at once. Its models are named after what they do.
  simulator: provider.simulator({ settings: { pace: "20ms" } }),
});
