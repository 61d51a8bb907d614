import type { ServerContext } from "./context.ts";
import { pathOf } from "./host.ts";

/** A route as Bun's router wants it. */
export type Route = (request: Bun.BunRequest, server: Bun.Server<unknown>) => Response | Promise<Response>;

/** Has a line logged for each request of a route, if that is wanted; else the route stays as it is, and nothing is asked while serving. */
export function logged(route: Route, { world, log, logsRequests }: ServerContext): Route {
  if (!logsRequests) return route;
  return async (request, server) => {
    const startedMs = world.clock.nowMs();
    const response = await route(request, server);
    const { status, headers } = response;
    log.request({
      method: request.method,
      // Without its query, which may hold a key.
      path: URL.canParse(request.url) ? pathOf(request.url) : "?",
      status,
      headMs: world.clock.nowMs() - startedMs,
      requestId: headers.get("x-omni-request-id") ?? "",
      target: headers.get("x-omni-target") ?? undefined,
      attempts: headers.get("x-omni-attempts") ?? undefined,
    });
    return response;
  };
}
