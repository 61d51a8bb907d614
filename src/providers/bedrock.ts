import { type TSchema, Type } from "typebox";
import { bedrockConverse } from "../wire/bedrock-converse/index.ts";
import { bedrockEmbed } from "../wire/bedrock-embed/index.ts";
import { rerank } from "../wire/rerank/index.ts";
import { type Auth, defineProvider, type ProviderDefinition, speaks } from "./provider.ts";
import { type AwsKeys, signV4 } from "./sigv4.ts";

/** Where in AWS to ask. */
export interface BedrockSettings {
  /** Such as `us-east-1`. */
  readonly region: string;
}

const REGION = "[a-z]{2}(?:-[a-z]+)+-\\d+";
/** A part of the host, so it must not be able to lead a key elsewhere. */
export const AWS_SETTINGS: TSchema = Type.Object({ region: Type.String({ pattern: `^${REGION}$` }) }, { additionalProperties: false });

const KEYS = /^(A[A-Z0-9]{15,127}):([A-Za-z0-9/+=]+)(?::(.+))?$/;
const REGION_IN_HOST = new RegExp(`(?:^|\\.)(${REGION})\\.`);

/** A Bedrock API key is a Bearer token. Keys of an account, written `id:secret` or `id:secret:session-token`, sign each request instead. */
export const aws: Auth = {
  name: "aws",
  headers: (credential) => (keysIn(credential) === undefined ? { authorization: `Bearer ${credential}` } : {}),
  sign: ({ method, url, headers, body }, credential, epochMs, { region }) => {
    const keys = keysIn(credential);
    if (keys === undefined) return undefined;
    const { "content-type": contentType = "application/json" } = headers;
    const scope = { region: typeof region === "string" ? region : regionOf(url), service: "bedrock" };
    return signV4({ method, url, headers: { "content-type": contentType }, body }, keys, scope, epochMs);
  },
};

function keysIn(credential: string): AwsKeys | undefined {
  const [, accessKeyId, secretAccessKey, sessionToken] = KEYS.exec(credential) ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** The operator gave an address instead of a region; those of AWS have it in them. */
function regionOf(url: string): string {
  return REGION_IN_HOST.exec(new URL(url).hostname)?.[1] ?? "us-east-1";
}

/**
 * Amazon Bedrock, by Converse. Which models there are differs by region and account, as do the names of their profiles, so the operator lists them.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export const bedrock: ProviderDefinition<"bedrock", Record<never, never>, BedrockSettings> = defineProvider({
  name: "bedrock",
  reference: "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html",
  baseUrl: "https://bedrock-runtime.{region}.amazonaws.com",
  keyEnv: "AWS_BEARER_TOKEN_BEDROCK",
  auth: aws,
  keyRequired: true,
  services: [
    speaks(bedrockConverse),
    speaks(bedrockEmbed),
    // https://docs.aws.amazon.com/bedrock/latest/userguide/rerank-supported.html: by InvokeModel, as Cohere has it.
    speaks(rerank, { path: (model) => `/model/${encodeURIComponent(model)}/invoke`, namesModel: false, extra: { api_version: 2 } }),
  ],
  models: {},
  settings: AWS_SETTINGS,
});
