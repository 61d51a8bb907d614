import { type TSchema, Type } from "typebox";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** What the address is made of. */
export interface SnowflakeSettings {
  /** The identifier of the account, such as `myorg-myaccount`. */
  readonly account: string;
}

/** Anything but letters, digits and hyphens could lead a key elsewhere. */
const SETTINGS: TSchema = Type.Object({ account: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9-]*$" }) }, { additionalProperties: false });

/** Models beside the data, in Snowflake Cortex; the key is a programmatic access token. https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api */
export const snowflake: ProviderDefinition<"snowflake", OpenModels, SnowflakeSettings> = defineProvider({
  name: "snowflake",
  reference: "https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api",
  baseUrl: "https://{account}.snowflakecomputing.com/api/v2/cortex/v1",
  keyEnv: "SNOWFLAKE_PAT",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat({ tokensField: "max_completion_tokens" })],
  models: { chat: [] },
  openModels: true,
  settings: SETTINGS,
});
