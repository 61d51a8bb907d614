import { OmniError } from "../ir/failure.ts";
import { OPERATIONS, type Operation } from "../ir/operation.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Plan, Route } from "../routing/plan.ts";
import type { ServerContext } from "./context.ts";
import { type Endpoint, type EndpointDetail, PREFIXES } from "./endpoint.ts";
import { ANTHROPIC_VERSION, GOOGLE_KEY, isAnthropic, isGoogle } from "./family.ts";
import { geminiList, geminiModel } from "./gemini-models.ts";
import { decodeRest } from "./path.ts";
import { respondJson } from "./reply.ts";

/** A name that clients may send as `model`, in the form of OpenAI's catalog. */
export interface Model {
  readonly id: string;
  readonly object: "model";
  /** Seconds since 1970. When the provider made it is not known, so it is when the gateway began to serve it. */
  readonly created: number;
  /** The provider's name, or `omni` for a combo. */
  readonly owned_by: string;
}

/** What the catalog of one kind of work tells of a model besides, as far as it is known. */
interface ModelOfKind extends Model {
  readonly kind: Operation;
  readonly sizes?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly voices?: readonly string[];
  readonly formats?: readonly string[];
  readonly dimensions?: number;
  readonly max_input_tokens?: number;
  readonly max_input_characters?: number;
}

/** The catalogs of single kinds of work, by the last part of their paths. */
const KINDS: Readonly<Record<string, readonly Operation[]>> = {
  chat: ["chat"],
  embedding: ["embedding"],
  image: ["image"],
  tts: ["speech"],
  stt: ["transcription"],
  moderation: ["moderation"],
  rerank: ["rerank"],
  web: ["webSearch", "webFetch"],
};

/** The same as Anthropic's clients know it. */
interface AnthropicModel {
  readonly type: "model";
  readonly id: string;
  readonly display_name: string;
  /** RFC 3339. */
  readonly created_at: string;
}

/** The catalog: whatever name is in it can be sent, and nothing else. */
export function modelEndpoints(context: ServerContext): readonly Endpoint[] {
  return [
    ...PREFIXES.flatMap((prefix) => modelsBelow(context, prefix)),
    ...GOOGLE_ROOTS.flatMap((root) => googleModelsBelow(context, root)),
  ];
}

function modelsBelow(context: ServerContext, prefix: string): Endpoint[] {
  return [
    endpoint(`${prefix}/models`, { tag: "Models", summary: "All models" }, (request) => list(context, request, allModels(context))),
    ...Object.entries(KINDS).map(([kind, operations]) =>
      endpoint(
        `${prefix}/models/${kind}`,
        { tag: "Models", summary: `The models for ${operations.join(" and ")}, and what they can do` },
        () => respondJson({ object: "list", data: modelsFor(context, operations) }, context.stamp()),
      ),
    ),
    // Names have slashes in them, written as they are or as %2F.
    endpoint(`${prefix}/models/*`, { tag: "Models", summary: "One model", path: `${prefix}/models/{id}` }, (request) => {
      const id = decodeRest(request.url, `${prefix}/models/`);
      return one(context, request, allModels(context), id);
    }),
    endpoint(
      `${prefix}/providers/:provider/models`,
      { tag: "Models", summary: "The models of one provider, without its name before them" },
      (request, params) => list(context, request, providerModels(context, params["provider"] ?? "")),
    ),
    endpoint(
      `${prefix}/providers/:provider/models/*`,
      { tag: "Models", summary: "One model of one provider", path: `${prefix}/providers/{provider}/models/{id}` },
      (request, params) => {
        const provider = params["provider"] ?? "";
        return one(
          context,
          request,
          providerModels(context, provider),
          decodeRest(request.url, `${prefix}/providers/${encodeURIComponent(provider)}/models/`),
        );
      },
    ),
  ];
}

/** Where Google's clients look for models if they ask for a version of their own. Others of them come by `/v1`, and are told by their headers. */
const GOOGLE_ROOTS = ["/v1beta", "/api/v1beta"];

function googleModelsBelow(context: ServerContext, root: string): Endpoint[] {
  const envelope = context.wires.find(({ name }) => name === "gemini-generate")?.downstream;
  if (envelope === undefined) return [];
  const all = endpoint(`${root}/models`, { tag: "Models", summary: "All models, as Google lists them" }, (request) =>
    respondJson(geminiList(allModels(context), request.url), context.stamp()),
  );
  const single: EndpointDetail = { tag: "Models", summary: "One model, as Google shows it", path: `${root}/models/{id}` };
  const one = endpoint(`${root}/models/*`, single, (request) =>
    respondJson(geminiModel(find(allModels(context), decodeRest(request.url, `${root}/models/`))), context.stamp()),
  );
  return [all, one].map((each) => ({ ...each, envelope }));
}

function endpoint(
  path: string,
  detail: EndpointDetail,
  answer: (request: Request, params: Readonly<Record<string, string | undefined>>) => Response,
): Endpoint {
  return { method: "GET", path, access: "client", detail, answer: (request, _, params) => answer(request, params) };
}

function list(context: ServerContext, request: Request, models: readonly Model[]): Response {
  if (isGoogle(request)) return respondJson(geminiList(models, request.url), context.stamp(), 200, VARIES);
  if (!isAnthropic(request)) return respondJson({ object: "list", data: models }, context.stamp(), 200, VARIES);
  const data = models.map(anthropicModel);
  const [first, last] = [data[0]?.id ?? null, data.at(-1)?.id ?? null];
  // The list is told whole, whatever `limit` says: its clients ask for more only while there is more.
  return respondJson({ data, has_more: false, first_id: first, last_id: last }, context.stamp(), 200, VARIES);
}

function one(context: ServerContext, request: Request, models: readonly Model[], id: string): Response {
  const model = find(models, id);
  const shape = isGoogle(request) ? geminiModel : isAnthropic(request) ? anthropicModel : (same: Model) => same;
  return respondJson(shape(model), context.stamp(), 200, VARIES);
}

function find(models: readonly Model[], id: string): Model {
  const model = models.find((each) => each.id === id);
  if (model !== undefined) return model;
  throw new OmniError("not_found", `Cannot show the model ${JSON.stringify(id)}: there is no such name. GET /v1/models lists them all.`, {
    param: "model",
  });
}

/** Several vendors have the same path for it. */
const VARIES = { vary: `${ANTHROPIC_VERSION}, ${GOOGLE_KEY}` };

function anthropicModel({ id, created }: Model): AnthropicModel {
  return { type: "model", id, display_name: id, created_at: new Date(created * 1000).toISOString().replace(".000Z", "Z") };
}

/** Every name that may be sent. */
export function allModels(context: ServerContext): readonly Model[] {
  const plan = context.gateway.plan;
  if (plan === undefined) return [];
  const created = Math.floor(context.startedEpochMs / 1000);
  const models = new Map<string, Model>();
  for (const operation of OPERATIONS) {
    const index = plan.names[operation];
    for (const id of index.names) {
      const bytes = Buffer.from(id);
      const route = plan.routes[index.find(bytes, 0, bytes.length)];
      if (route !== undefined && !models.has(id)) models.set(id, { id, object: "model", created, owned_by: ownerOf(plan, route) });
    }
  }
  return [...models.values()];
}

/** Every name that may be sent for some kinds of work. Of a combo is told what its first target can do. */
function modelsFor(context: ServerContext, operations: readonly Operation[]): readonly ModelOfKind[] {
  const { plan } = context.gateway;
  if (plan === undefined) return [];
  const created = Math.floor(context.startedEpochMs / 1000);
  return operations.flatMap((kind) => {
    const index = plan.names[kind];
    return index.names.flatMap((id): ModelOfKind[] => {
      const bytes = Buffer.from(id);
      const route = plan.routes[index.find(bytes, 0, bytes.length)];
      if (route === undefined) return [];
      const first = route.targets[0] === undefined ? undefined : plan.targets[route.targets[0]];
      return [{ id, object: "model", created, owned_by: ownerOf(plan, route), kind, ...toldOf(first?.sheet ?? {}) }];
    });
  });
}

/** In the words of the interface. What is not known is left out. */
function toldOf(sheet: ModelSheet): Omit<ModelOfKind, keyof Model | "kind"> {
  const { sizes, capabilities, voices, formats, dimensions, inputTokensMax, inputCharactersMax } = sheet;
  return {
    ...(sizes !== undefined && { sizes }),
    ...(capabilities !== undefined && { capabilities }),
    ...(voices !== undefined && { voices }),
    ...(formats !== undefined && { formats }),
    ...(dimensions !== undefined && { dimensions }),
    ...(inputTokensMax !== undefined && { max_input_tokens: inputTokensMax }),
    ...(inputCharactersMax !== undefined && { max_input_characters: inputCharactersMax }),
  };
}

/**
 * The names of one provider's models, without its own before them.
 * @throws {OmniError} `invalid_provider`, if there is no such provider.
 */
export function providerModels(context: ServerContext, provider: string): readonly Model[] {
  const plan = context.gateway.plan;
  if (plan?.providers.some((each) => each.name === provider) !== true) {
    const names = plan?.providers.map((each) => each.name).join(", ") ?? "";
    throw new OmniError(
      "invalid_provider",
      `Cannot list the models of ${JSON.stringify(provider)}: there is no such provider. There are: ${names}.`,
    );
  }
  const created = Math.floor(context.startedEpochMs / 1000);
  const prefix = `${provider}/`;
  const ids = new Set(plan.targets.filter((target) => target.name.startsWith(prefix)).map((target) => target.name.slice(prefix.length)));
  return [...ids].map((id) => ({ id, object: "model", created, owned_by: provider }));
}

function ownerOf(plan: Plan, route: Route): string {
  const target = route.type === "target" && route.targets[0] !== undefined ? plan.targets[route.targets[0]] : undefined;
  return (target && plan.providers[target.provider]?.name) ?? "omni";
}
