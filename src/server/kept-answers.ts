import type { KeptRequest } from "../gateway/serve-kept.ts";
import type { Keeping } from "../wire/keeping.ts";
import type { Downstream, Wire } from "../wire/wire.ts";
import type { ServerContext } from "./context.ts";
import { type Endpoint, PREFIXES } from "./endpoint.ts";
import { queryOf } from "./path.ts";
import { respond } from "./reply.ts";

interface Way {
  readonly method: Endpoint["method"];
  readonly action: KeptRequest["action"];
  /** Behind the answer's name. */
  readonly path: string;
  readonly summary: string;
}

const WAYS: readonly Way[] = [
  { method: "GET", action: "get", path: "", summary: "An answer that is kept" },
  { method: "DELETE", action: "delete", path: "", summary: "Forget an answer" },
  { method: "GET", action: "input_items", path: "/input_items", summary: "What an answer was made from" },
  { method: "POST", action: "cancel", path: "/cancel", summary: "Stop an answer that is made in the background" },
];

/** Answers by their names, for the formats that keep them: fetched, deleted, and what they were made from. */
export function keptAnswerEndpoints(context: ServerContext): readonly Endpoint[] {
  return context.wires.flatMap((wire) => {
    const { downstream } = wire;
    if (downstream?.keeping === undefined) return [];
    return PREFIXES.flatMap((prefix) => [
      ...endpointsBelow(context, wire, downstream, downstream.keeping!, prefix), // Just looked at.
      ...endpointsBelow(context, wire, downstream, downstream.keeping!, `${prefix}/providers/:provider`),
    ]);
  });
}

function endpointsBelow(context: ServerContext, wire: Wire, downstream: Downstream, keeping: Keeping, prefix: string): Endpoint[] {
  return WAYS.map(({ method, action, path, summary }) => ({
    method,
    path: `${prefix}${keeping.path}/:id${path}`,
    access: "client",
    detail: { tag: "Inference", summary: `${summary} (${wire.name})` },
    envelope: downstream,
    answer: async (request, server, { provider, id = "" }, caller) => {
      const { signal } = request;
      const address = (): string => server?.requestIP(request)?.address ?? "";
      return respond(await context.gateway.serveKept({ wire, provider, id, action, query: queryOf(request.url), caller, address, signal }));
    },
  }));
}
