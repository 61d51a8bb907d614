import type { ServerContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";
import { PREFIXES } from "./endpoint.ts";
import { respondJson } from "./reply.ts";

/** Whether the process lives, whether traffic may come, and what is served here. */
export function statusEndpoints(context: ServerContext): readonly Endpoint[] {
  const index = (): Response => {
    const plan = context.gateway.plan;
    const body = {
      object: "gateway",
      name: "omni",
      version: context.version,
      status: readiness(context),
      config: plan?.hash ?? null,
      models: plan === undefined ? 0 : modelCount(plan.names),
      endpoints: context.paths(),
      documentation: "/swagger",
    };
    return respondJson(body, context.stamp());
  };
  const live = (): Response => respondJson({ status: "ok" }, context.stamp());
  const ready = (): Response => {
    const status = readiness(context);
    return respondJson({ status }, context.stamp(), status === "ready" ? 200 : 503);
  };
  return [
    { method: "GET", path: "/", access: "anyone", answer: index },
    ...PREFIXES.map(
      (path): Endpoint => ({
        method: "GET",
        path,
        access: "anyone",
        detail: { tag: "Status", summary: "What is served here" },
        answer: index,
      }),
    ),
    { method: "GET", path: "/healthz", access: "anyone", detail: { tag: "Status", summary: "The process lives" }, answer: live },
    {
      method: "GET",
      path: "/readyz",
      access: "anyone",
      detail: {
        tag: "Status",
        summary: "Traffic may come",
        description: "503 before the first configuration is in force and from the moment that a stop was asked for.",
      },
      answer: ready,
    },
  ];
}

type Readiness = "ready" | "starting" | "draining";

function readiness(context: ServerContext): Readiness {
  if (context.gateway.plan === undefined) return "starting";
  return context.isDraining() ? "draining" : "ready";
}

function modelCount(names: Readonly<Record<string, { readonly names: readonly string[] }>>): number {
  return Object.values(names).reduce((count, index) => count + index.names.length, 0);
}
