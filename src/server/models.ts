import { OmniError } from "../ir/failure.ts";
import { OPERATIONS } from "../ir/operation.ts";
import type { Plan, Route } from "../routing/plan.ts";
import type { ServerContext } from "./context.ts";
import { type Endpoint, type EndpointDetail, PREFIXES } from "./endpoint.ts";
import { decodeRest } from "./path.ts";
import { respondJson } from "./reply.ts";

/** A name that clients may send as `model`, in the form of OpenAI's catalog. */
interface Model {
  readonly id: string;
  readonly object: "model";
  /** Seconds since 1970. When the provider made it is not known, so it is when the gateway began to serve it. */
  readonly created: number;
  /** The provider's name, or `omni` for a combo. */
  readonly owned_by: string;
}

/** The catalog: whatever name is in it can be sent, and nothing else. */
export function modelEndpoints(context: ServerContext): readonly Endpoint[] {
  return PREFIXES.flatMap((prefix): Endpoint[] => [
    endpoint(`${prefix}/models`, { tag: "Models", summary: "All models" }, () => list(context, allModels(context))),
    // Names have slashes in them, written as they are or as %2F.
    endpoint(`${prefix}/models/*`, { tag: "Models", summary: "One model", path: `${prefix}/models/{id}` }, (request) => {
      const id = decodeRest(request.url, `${prefix}/models/`);
      return one(context, allModels(context), id);
    }),
    endpoint(
      `${prefix}/providers/:provider/models`,
      { tag: "Models", summary: "The models of one provider, without its name before them" },
      (_, params) => list(context, providerModels(context, params["provider"] ?? "")),
    ),
    endpoint(
      `${prefix}/providers/:provider/models/*`,
      { tag: "Models", summary: "One model of one provider", path: `${prefix}/providers/{provider}/models/{id}` },
      (request, params) => {
        const provider = params["provider"] ?? "";
        return one(
          context,
          providerModels(context, provider),
          decodeRest(request.url, `${prefix}/providers/${encodeURIComponent(provider)}/models/`),
        );
      },
    ),
  ]);
}

function endpoint(
  path: string,
  detail: EndpointDetail,
  answer: (request: Request, params: Readonly<Record<string, string | undefined>>) => Response,
): Endpoint {
  return { method: "GET", path, access: "client", detail, answer: (request, _, params) => answer(request, params) };
}

function list(context: ServerContext, models: readonly Model[]): Response {
  return respondJson({ object: "list", data: models }, context.stamp());
}

function one(context: ServerContext, models: readonly Model[], id: string): Response {
  const model = models.find((each) => each.id === id);
  if (model === undefined) {
    throw new OmniError("not_found", `Cannot show the model ${JSON.stringify(id)}: there is no such name. GET /v1/models lists them all.`, {
      param: "model",
    });
  }
  return respondJson(model, context.stamp());
}

function allModels(context: ServerContext): readonly Model[] {
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

function providerModels(context: ServerContext, provider: string): readonly Model[] {
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
