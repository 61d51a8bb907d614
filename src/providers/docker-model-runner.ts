import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** Docker's model runner on this machine. https://docs.docker.com/ai/model-runner/api-reference/ */
export const dockerModelRunner: ProviderDefinition<"docker-model-runner", OpenModels> = defineProvider({
  name: "docker-model-runner",
  reference: "https://docs.docker.com/ai/model-runner/api-reference/",
  baseUrl: "http://127.0.0.1:12434/engines/v1",
  auth: bearer,
  keyRequired: false,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
});
