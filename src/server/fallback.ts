import { nearest } from "../config/nearest.ts";
import { OmniError } from "../ir/failure.ts";
import type { ServerContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";
import { envelopeFor } from "./family.ts";
import { checkHost, pathOf } from "./host.ts";
import { refuse, stampHeaders } from "./reply.ts";

/**
 * Answers what no endpoint took: a wrong method, an unknown path, or a path written so that two readers may read it differently.
 *
 * Bun's router sees a request's target as it was sent, `request.url` sees it with dot segments folded. So a path that looks like an endpoint's here, but was
 * not taken by the router, was written in a roundabout way; it is refused and never followed.
 */
export function fallback(context: ServerContext, endpoints: readonly Endpoint[]): (request: Request) => Response {
  const paths = endpoints.map(({ method, path, envelope }) => ({ method, envelope, pattern: patternOf(path) }));
  return (request) => {
    try {
      checkHost(request);
      return answer(request);
    } catch (error) {
      return refuse(error, envelopeFor(request, context), context.stamp());
    }
  };

  function answer(request: Request): Response {
    const path = pathOf(request.url);
    if (!isCanonical(path)) throw notCanonical();
    const there = paths.filter(({ pattern }) => pattern.test(path));
    const methods = there.map(({ method }) => method);
    if (methods.length === 0) throw notFound(path, context.paths());
    const allow = [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))), "OPTIONS"];
    // No origin is named, so pages of other sites are told nothing but what a path can do.
    if (request.method === "OPTIONS")
      return new Response(null, { status: 204, headers: stampHeaders(context.stamp(), { allow: allow.join(", ") }) });
    if (allow.includes(request.method)) throw notCanonical();
    const error = new OmniError("method_not_allowed", `Cannot ${request.method} ${path}: it takes ${allow.join(", ")}.`);
    // Whose path it is knows best in whose words to say so.
    const envelope = there.find(({ envelope: own }) => own !== undefined)?.envelope ?? envelopeFor(request, context);
    return refuse(error, envelope, context.stamp(), { allow: allow.join(", ") });
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.+?^$()|[\]\\{}]/g, "\\$&")
    .replace(/:\w+/g, "[^/]+")
    .replace(/\*$/, ".*");
  return new RegExp(`^${source}$`);
}

function isCanonical(path: string): boolean {
  return path.startsWith("/") && !/\/\/|\\|%(?:2e|2f|5c|00)|\/\.{1,2}(?:\/|$)/i.test(path);
}

function notCanonical(): OmniError {
  return new OmniError(
    "invalid_request",
    "Cannot read the request's path: it is not canonical. Send it without dot segments, doubled slashes and encoded ones.",
  );
}

function notFound(path: string, known: readonly string[]): OmniError {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  const near = nearest(path.slice(0, 100), known, 3);
  const hint = near.length === 0 ? "GET /v1 lists all paths." : `Nearest: ${near.join(", ")}.`;
  return new OmniError("not_found", `Cannot find ${shown}: there is no such path. ${hint}`);
}
