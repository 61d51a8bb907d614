import { type TSchema, Type } from "typebox";
import { bearer } from "./auth.ts";
import { compatibleChat } from "./compatible-chat.ts";
import { defineProvider, type OpenModels, type ProviderDefinition } from "./provider.ts";

/** What the address is made of. */
export interface DatabricksSettings {
  /** What stands before `.databricks.com`, such as `dbc-a1b2c3d4-e5f6.cloud`. */
  readonly workspace: string;
}

/** Names of hosts have letters, digits, hyphens and dots; anything else could lead a key elsewhere. */
const SETTINGS: TSchema = Type.Object(
  { workspace: Type.String({ pattern: "^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*$" }) },
  { additionalProperties: false },
);

/** Databricks' serving endpoints on AWS and Google Cloud; a workspace on Azure needs its `baseUrl` said. https://docs.databricks.com/aws/en/machine-learning/model-serving/query-chat-models */
export const databricks: ProviderDefinition<"databricks", OpenModels, DatabricksSettings> = defineProvider({
  name: "databricks",
  reference: "https://docs.databricks.com/aws/en/machine-learning/model-serving/query-chat-models",
  baseUrl: "https://{workspace}.databricks.com/serving-endpoints",
  keyEnv: "DATABRICKS_TOKEN",
  auth: bearer,
  keyRequired: true,
  services: [compatibleChat()],
  models: { chat: [] },
  openModels: true,
  settings: SETTINGS,
});
