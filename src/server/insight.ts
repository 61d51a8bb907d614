import { OmniError } from "../ir/failure.ts";
import type { ServerContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";
import { queryOf } from "./path.ts";
import { respondJson } from "./reply.ts";

/** What an operator asks of a running gateway who wants to know what it knows of its providers, and why it chose as it did. */
export function insightEndpoints(context: ServerContext): readonly Endpoint[] {
  const { gateway } = context;
  return [
    {
      method: "GET",
      path: "/admin/health",
      access: "admin",
      detail: {
        tag: "Administration",
        summary:
          "What is known of providers, accounts and targets now: circuits, rests, latency, attempts under way, what is left of limits",
      },
      answer: () => {
        const report = gateway.reportHealth();
        if (report === undefined) throw starting();
        return respondJson({ format: 1, ...report }, context.stamp());
      },
    },
    {
      method: "GET",
      path: "/admin/explain",
      access: "admin",
      detail: {
        tag: "Administration",
        summary: "Who would be asked now for a model, in what order, and why the others would not be",
        query: { model: "The name that a client would ask for." },
      },
      answer: (request) => {
        const model = new URLSearchParams(queryOf(request.url)).get("model");
        if (model === null)
          throw new OmniError("invalid_request", "Cannot explain nothing: say which, such as ?model=smart.", { param: "model" });
        const routes = gateway.explainLive(model);
        if (routes === undefined) throw starting();
        if (routes.length === 0)
          throw new OmniError(
            "not_found",
            `Cannot explain "${model.slice(0, 100)}": no model is called so here. GET /v1/models lists all.`,
          );
        return respondJson({ format: 1, model, routes }, context.stamp());
      },
    },
    {
      method: "GET",
      path: "/admin/decisions/:id",
      access: "admin",
      detail: {
        tag: "Administration",
        path: "/admin/decisions/{id}",
        summary: "How one of the latest answers came about, by its x-omni-request-id",
        description: "The latest thousand are remembered.",
      },
      answer: (_, __, { id = "" }) => {
        const decision = gateway.decision(id);
        if (decision === undefined)
          throw new OmniError("not_found", "Cannot say how that answer came about: its id is not among the latest thousand.");
        return respondJson({ format: 1, ...decision }, context.stamp());
      },
    },
  ];
}

function starting(): OmniError {
  return new OmniError("shutting_down", "Cannot say anything yet: no configuration is in force.", { retryAfterMs: 1_000 });
}
