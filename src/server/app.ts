import { Elysia } from "elysia";
import { OmniError } from "../ir/failure.ts";
import { LoadWatch } from "../resilience/load-watch.ts";
import { ANONYMOUS, type Caller } from "../policies/caller.ts";
import { adminEndpoints } from "./admin.ts";
import { AdminDoorkeeper, sessionTokenOf } from "./auth.ts";
import { ClientWatch } from "./client-watch.ts";
import type { Plane, ServerContext } from "./context.ts";
import { type DocsSource, declare, docsEndpoints, docsPlugin } from "./docs.ts";
import type { Endpoint, PathParams } from "./endpoint.ts";
import { fallback } from "./fallback.ts";
import { envelopeFor } from "./family.ts";
import { checkHost } from "./host.ts";
import { IDLE_SECONDS, inferenceEndpoints } from "./inference.ts";
import { keptAnswerEndpoints } from "./kept-answers.ts";
import { keyEndpoints } from "./keys.ts";
import { insightEndpoints } from "./insight.ts";
import { logged, type Route } from "./logged.ts";
import { loginEndpoints } from "./login.ts";
import { metricsEndpoints } from "./metrics.ts";
import { modelEndpoints } from "./models.ts";
import { ollamaEndpoints } from "./ollama.ts";
import { logMistake, refuse } from "./reply.ts";
import { statusEndpoints } from "./status.ts";
import { usageEndpoints } from "./usage.ts";

/** What is handed in; the rest of the context is made here. */
export interface AppOptions extends Omit<ServerContext, "stamp" | "paths" | "envelope" | "load" | "doorkeeper" | "clients"> {
  /** What this listener is for. Default `all`. */
  readonly plane?: Plane;
  /**
   * Whether other processes of the same gateway listen on the port as well: `first` makes sure that nobody else does yet, since the system would let
   * any of the same user share a port without a word. Default `none`.
   */
  readonly sharing?: "none" | "first" | "joins";
}

/** A listening server. */
export interface App {
  readonly endpoints: readonly Endpoint[];
  readonly elysia: Elysia;
  /**
   * Listens.
   * @param port 0 takes a free one.
   * @throws With the code `EADDRINUSE` if somebody else listens there.
   */
  listen(port: number, hostname: string): Bun.Server<unknown>;
  /** From now on each connection is closed with its next answer. What is under way is not touched. */
  closeConnections(): void;
}

/**
 * Puts the whole interface together.
 *
 * Every path is a route of Bun's own router, which Elysia hands through (`serve.routes`). Three traps of Elysia 1.4 are stepped over by that: streams
 * that pass through its response mapping are re-coded and lose both a client's leaving and a provider's breaking off; its own router finds the path by
 * counting characters from the start of the address, so that a short `Host` leads elsewhere; and it lets two processes share a port without a word.
 * Elysia declares the same endpoints for the document, and draws its page.
 */
export function createApp(options: AppOptions): App {
  const context = contextOf(options, () => paths);
  const source: DocsSource = { handle: (request) => elysia.handle(request) };
  const all: readonly Endpoint[] = [
    ...inferenceEndpoints(context),
    ...keptAnswerEndpoints(context),
    ...modelEndpoints(context),
    ...ollamaEndpoints(context),
    ...statusEndpoints(context),
    ...usageEndpoints(context),
    ...loginEndpoints(context),
    ...metricsEndpoints(context),
    ...adminEndpoints(context),
    ...keyEndpoints(context),
    ...insightEndpoints(context),
    ...docsEndpoints(context, source),
  ];
  const endpoints = all.filter(({ access }) => isOn(options.plane ?? "all", access));
  const paths = endpoints
    .filter(({ detail }) => detail !== undefined)
    .map(({ path, detail }) => detail?.path ?? path.replace(/:(\w+)/g, "{$1}"));
  const routes = routesOf(context, endpoints);
  const sharing = options.sharing ?? "none";
  const elysia = new Elysia({
    // Elysia's own routing and its compiler are for routes that it answers itself; over a socket there are none.
    aot: false,
    systemRouter: false,
    serve: {
      routes,
      error: (error: unknown) => failed(context, error),
      development: false,
      reusePort: sharing !== "none",
      idleTimeout: IDLE_SECONDS,
      // Ours is the limit that counts, since it answers in the client's own words; Bun's must not be met first.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    },
  });
  for (const endpoint of endpoints)
    if (endpoint.detail !== undefined) declare(elysia, endpoint, (request, server) => letIn(context, endpoint.access, request, server));
  elysia.use(docsPlugin(endpoints, options.version));
  return {
    endpoints,
    elysia,
    listen: (port, hostname) => {
      if (sharing === "first") checkFree(port, hostname);
      return listen(elysia, port, hostname);
    },
    closeConnections: () => {
      const next = { routes: closing(routes), error: (error: unknown) => failed(context, error), development: false };
      // Its type wants each path's parameters by name; ours are the same routes as before.
      elysia.server?.reload(next as unknown as Parameters<Bun.Server<unknown>["reload"]>[0]);
    },
  };
}

function isOn(plane: Plane, access: Endpoint["access"]): boolean {
  return plane === "all" || (plane === "data" ? access !== "admin" : access !== "client");
}

function listen(elysia: Elysia, port: number, hostname: string): Bun.Server<unknown> {
  elysia.listen({ port, hostname });
  if (elysia.server === null) throw new Error("Elysia listens and has no server.");
  return elysia.server;
}

/** @throws With the code `EADDRINUSE` if somebody listens there, whether willing to share or not. */
function checkFree(port: number, hostname: string): void {
  if (port !== 0) Bun.listen({ port, hostname, exclusive: true, socket: { data: () => {} } }).stop(true);
}

type Routes = ReturnType<typeof routesOf>;

/** The same routes, whose answers close their connections. */
function closing(routes: Routes): Routes {
  const close =
    (route: Route): Route =>
    async (request, server) => {
      const response = await route(request, server);
      response.headers.set("connection", "close");
      return response;
    };
  const closeAll = (methods: Record<string, Route> | Route): Record<string, Route> | Route =>
    typeof methods === "function"
      ? close(methods)
      : Object.fromEntries(Object.entries(methods).map(([name, route]) => [name, close(route)]));
  return Object.fromEntries(Object.entries(routes).map(([path, methods]) => [path, closeAll(methods)]));
}

function contextOf(options: AppOptions, paths: () => readonly string[]): ServerContext {
  const envelope = options.wires.find(({ name }) => name === "openai-chat")?.downstream;
  if (envelope === undefined) throw new Error("There is no openai-chat among the wires, so there is no envelope for errors.");
  return {
    ...options,
    envelope,
    doorkeeper: new AdminDoorkeeper(options.world.clock),
    paths,
    clients: new ClientWatch(options.world.clock),
    load: new LoadWatch(options.world.clock, () => process.memoryUsage.rss()),
    stamp: () => ({ requestId: options.world.random.uuid(), config: options.gateway.plan?.hash ?? "none" }),
  };
}

function routesOf(context: ServerContext, endpoints: readonly Endpoint[]): Record<string, Record<string, Route> | Route> {
  const routes: Record<string, Record<string, Route>> = {};
  for (const endpoint of endpoints) {
    const route = logged(guard(context, endpoint), context);
    routes[endpoint.path] = { ...routes[endpoint.path], [endpoint.method]: route, ...(endpoint.method === "GET" ? { HEAD: route } : {}) };
  }
  return { ...routes, "/*": logged(fallback(context, endpoints), context) };
}

const NO_PARAMS: PathParams = {};

/**
 * Lets a request in if it has the right to be here, as the endpoint declared it.
 * @returns Who asks.
 * @throws {OmniError} If it may not come in.
 */
function letIn(context: ServerContext, access: Endpoint["access"], request: Request, server: Bun.Server<unknown> | null): Caller {
  switch (access) {
    case "anyone":
      return ANONYMOUS;
    case "client":
      return context.gateway.authenticate(request.headers, () => server?.requestIP(request)?.address ?? "");
    case "session": {
      const token = sessionTokenOf(request.headers);
      const session = token === undefined ? undefined : context.logins?.find(token);
      if (session === undefined) throw new OmniError("invalid_api_key", "Nobody is logged in here: there is no session, or it has ended.");
      return session.caller;
    }
    case "admin": {
      const { logins, hostname, keeper } = context;
      return context.doorkeeper.letIn(request, server?.requestIP(request)?.address, { token: keeper.adminToken, logins, hostname });
    }
    default:
      return access satisfies never;
  }
}

/** The one way in to every endpoint: the host first, then the right to be here. On the hot path. */
function guard(context: ServerContext, { access, path, answer, envelope }: Endpoint): Route {
  const hasParams = path.includes(":");
  return (request, server) => {
    try {
      checkHost(request);
      const caller = letIn(context, access, request, server);
      return answer(request, server, hasParams ? request.params : NO_PARAMS, caller);
    } catch (error) {
      if (!(error instanceof OmniError)) return failed(context, error);
      context.gateway.meter?.refuse(error.kind);
      return refuse(error, envelope ?? envelopeFor(request, context), context.stamp());
    }
  };
}

/** What was thrown late, or was never meant to be: an `OmniError` is told as it is, anything else is a bug of ours. */
function failed(context: ServerContext, error: unknown): Response {
  const stamp = context.stamp();
  if (!(error instanceof OmniError)) logMistake(context.log, error, stamp.requestId);
  return refuse(error, context.envelope, stamp);
}
