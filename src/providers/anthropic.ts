import { anthropicMessages } from "../wire/anthropic-messages/index.ts";
import type { AnthropicDepartures } from "../wire/anthropic-messages/encode-request.ts";
import { header } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = [
  "claude-sonnet-5-5",
  "claude-sonnet-5",
  "claude-opus-5-5",
  "claude-opus-5",
  "claude-haiku-5-5",
  "claude-fable-5-2",
  "claude-fable-5-1",
  "claude-fable-5",
  "claude-opus-4-8",
  "claude-opus-4-7",
  "claude-opus-4-6",
  "claude-sonnet-4-6",
  "claude-opus-4-5",
  "claude-haiku-4-5",
] as const;

/** Claude 3 to 4.5, under their short names and their dated ones. */
const BUDGETED = /^claude-(?:3-|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?:-\d{8})?$)/;

/** Which generation a model is of tells what it takes; see "extended thinking" and "adaptive thinking" below the page of the provider. */
function ofModel(model: string): Partial<AnthropicDepartures> {
  if (BUDGETED.test(model)) return { thinking: "budget", ...(model.startsWith("claude-3-") && { tokensMax: 4096 }) };
  return /^claude-(?:opus|sonnet)-4-6/.test(model) ? {} : { sampling: false };
}

/** https://platform.claude.com/docs/en/api/overview */
export const anthropic: ProviderDefinition<"anthropic", { readonly chat: typeof chat }> = defineProvider({
  name: "anthropic",
  reference: "https://platform.claude.com/docs/en/api/overview",
  baseUrl: "https://api.anthropic.com/v1",
  keyEnv: "ANTHROPIC_API_KEY",
  auth: header("x-api-key"),
  keyRequired: true,
  services: [speaks(anthropicMessages, { ofModel })],
  models: { chat },
});
