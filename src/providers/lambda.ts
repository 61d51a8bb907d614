import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Open models. https://docs.lambda.ai/public-cloud/lambda-inference-api/ */
export const lambda: ProviderDefinition<"lambda", OpenModels> = defineProvider({
  name: "lambda",
  reference: "https://docs.lambda.ai/public-cloud/lambda-inference-api/",
  baseUrl: "https://api.lambda.ai/v1",
  keyEnv: "LAMBDA_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
