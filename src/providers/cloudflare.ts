import { type TSchema, Type } from "typebox";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** What the address is made of. */
export interface CloudflareSettings {
  /** The id of the account. */
  readonly account: string;
}

/** Ids of accounts are 32 hexadecimal digits; anything else could lead a key elsewhere. */
const SETTINGS: TSchema = Type.Object({ account: Type.String({ pattern: "^[0-9a-f]{32}$" }) }, { additionalProperties: false });

/** Workers AI: open models, by names such as `@cf/…`. https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/ */
export const cloudflare: ProviderDefinition<"cloudflare", OpenModels, CloudflareSettings> = defineProvider({
  name: "cloudflare",
  reference: "https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/",
  baseUrl: "https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1",
  keyEnv: "CLOUDFLARE_API_TOKEN",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
  settings: SETTINGS,
});
