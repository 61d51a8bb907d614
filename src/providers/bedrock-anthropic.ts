import { anthropicMessages } from "../wire/anthropic-messages/index.ts";
import { traitsOf } from "../wire/bedrock-converse/traits.ts";
import { AWS_SETTINGS, aws, type BedrockSettings } from "./bedrock.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

/**
 * Anthropic's models on Amazon Bedrock, in Anthropic's own format by InvokeModel, which keeps more than Converse: cache times, citations, trial features.
 * Names of models and profiles differ by region and account, so the operator lists them.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
 */
export const bedrockAnthropic: ProviderDefinition<"bedrock-anthropic", Record<never, never>, BedrockSettings> = defineProvider({
  name: "bedrock-anthropic",
  reference: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html",
  baseUrl: "https://bedrock-runtime.{region}.amazonaws.com",
  keyEnv: "AWS_BEARER_TOKEN_BEDROCK",
  auth: aws,
  keyRequired: true,
  services: [
    speaks(anthropicMessages, {
      host: "bedrock",
      ofModel: (model) => {
        const { thinking, sampling } = traitsOf(model);
        return { ...(thinking === "budget" && { thinking }), ...(!sampling && { sampling }) };
      },
    }),
  ],
  models: {},
  settings: AWS_SETTINGS,
});
