import { ollamaChat } from "../wire/ollama-chat/index.ts";
import { ollamaEmbed } from "../wire/ollama-embed/index.ts";
import { bearer } from "./auth.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

/** Ollama on this machine, unless the operator says where else. Which models it has, only the operator knows. https://docs.ollama.com/api */
export const ollama: ProviderDefinition<"ollama", Record<never, never>> = defineProvider({
  name: "ollama",
  reference: "https://docs.ollama.com/api",
  baseUrl: "http://127.0.0.1:11434",
  // None is needed at home; ollama.com asks for one.
  auth: bearer,
  keyRequired: false,
  services: [speaks(ollamaChat), speaks(ollamaEmbed)],
  models: {},
});
