import { openaiImages } from "../wire/openai-images/index.ts";
import { openaiResponses } from "../wire/openai-responses/index.ts";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type ProviderDefinition, speaks } from "./provider.ts";

const chat = ["grok-4.3", "grok-4-fast", "grok-4-fast-reasoning", "grok-4-fast-non-reasoning", "grok-code-fast-1", "grok-3-mini"] as const;

const image = ["grok-imagine-image", "grok-imagine-image-pro"] as const;

/** https://docs.x.ai/docs/guides/image-generations */
const RATIOS = ["1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2"];

/** https://docs.x.ai/docs/api-reference */
export const xai: ProviderDefinition<"xai", { readonly chat: typeof chat; readonly image: typeof image }> = defineProvider({
  name: "xai",
  reference: "https://docs.x.ai/docs/api-reference",
  baseUrl: "https://api.x.ai/v1",
  keyEnv: "XAI_API_KEY",
  auth: bearer,
  keyRequired: true,
  services: [
    compatibleChat(),
    speaks(openaiResponses, { counts: false }),
    speaks(openaiImages, {
      paths: { generate: "/images/generations", edit: "/images/edits" },
      edits: "json",
      editsUrlField: "url",
      size: RATIOS,
      settings: ["rest"],
    }),
  ],
  models: { chat, image },
  sheets: {
    "grok-imagine-image": { capabilities: ["generate", "edit"] },
    "grok-imagine-image-pro": { capabilities: ["generate", "edit"] },
  },
});
