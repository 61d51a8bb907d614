import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** llamafile on this machine, or llama.cpp's server, which has the same address. https://github.com/mozilla-ai/llamafile */
export const llamafile: ProviderDefinition<"llamafile", OpenModels> = defineProvider({
  name: "llamafile",
  reference: "https://github.com/mozilla-ai/llamafile",
  baseUrl: "http://127.0.0.1:8080/v1",
  auth: bearer,
  keyRequired: false,
  services: [compatibleChat({ topK: true })],
  models: { chat: [] },
  openModels: true,
});
