import { openapi } from "@elysiajs/openapi";
import type { Elysia } from "elysia";
import stylePath from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import bundlePath from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import type { Caller } from "../policies/caller.ts";
import type { ServerContext } from "./context.ts";
import type { Answer, Endpoint, EndpointDetail } from "./endpoint.ts";
import { stampHeaders } from "./reply.ts";

/** Any Elysia application: it is asked for two pages, and its types say nothing that is needed here. */
export interface DocsSource {
  handle(request: Request): Promise<Response>;
}

const BUNDLE = "/swagger/swagger-ui-bundle.js";
const STYLE = "/swagger/swagger-ui.css";

/**
 * The page and the document of the interface, as a part for Elysia.
 *
 * It is `@elysiajs/openapi`, mounted where `@elysiajs/swagger` would be: the latter is deprecated by its makers in favour of the former, writes
 * OpenAPI 3.0.3 instead of 3.1, and turns schemas that are plain JSON Schema into nonsense. The page is Swagger UI, the smaller and quieter of the
 * two on offer, and comes from this process alone: the plugin's own default is the newest version from somebody else's network.
 */
export function docsPlugin(endpoints: readonly Endpoint[], version: string): ReturnType<typeof openapi> {
  return openapi({
    path: "/swagger",
    specPath: "/swagger/json",
    provider: "swagger-ui",
    swagger: { cdn: BUNDLE, theme: STYLE, validatorUrl: "none" },
    documentation: {
      info: { title: "Omni", version, description: "An AI gateway whose whole behaviour is one type-checked file." },
      tags: ["Inference", "Models", "Status", "Administration"].map((name) => ({ name })),
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
      paths: wildcardPaths(endpoints),
    },
  });
}

/** Lets a request in, or throws. */
export type Doorway = (request: Request, server: Bun.Server<unknown> | null) => Caller;

/** Declares an endpoint in Elysia, so that the document has it and `app.handle` answers. Over a socket, Bun's own router is quicker there. */
export function declare(app: Elysia, endpoint: Endpoint, doorway: Doorway): void {
  const { method, path, answer, detail } = endpoint;
  app.route(method, path, ({ request, server, params }) => answer(request, server, params, doorway(request, server)), {
    // Elysia must not touch the body: it is read once, as bytes, and counted. Its schema then has to stand in `detail`.
    parse: "none",
    detail: detail === undefined || path.endsWith("*") ? { hide: true } : operationOf(endpoint),
  });
}

/** The page, its assets and the document under both its names. */
export function docsEndpoints(context: ServerContext, source: DocsSource): readonly Endpoint[] {
  const document = proxied(context, source, "/swagger/json", {});
  return [
    { method: "GET", path: "/swagger", access: "anyone", answer: page(context, source) },
    { method: "GET", path: "/swagger/json", access: "anyone", answer: document },
    { method: "GET", path: "/api/openapi/spec", access: "anyone", answer: document },
    { method: "GET", path: BUNDLE, access: "anyone", answer: asset(context, bundlePath, "text/javascript; charset=utf-8") },
    { method: "GET", path: STYLE, access: "anyone", answer: asset(context, stylePath, "text/css; charset=utf-8") },
  ];
}

function operationOf({ detail, access }: Endpoint): Record<string, unknown> {
  if (detail === undefined) return {};
  return {
    summary: detail.summary,
    ...(detail.description === undefined ? {} : { description: detail.description }),
    tags: [detail.tag],
    ...(access === "anyone" ? {} : { security: [{ bearer: [] }] }),
    ...(detail.query === undefined ? {} : { parameters: queryParameters(detail.query) }),
    ...(detail.body === undefined
      ? {}
      : { requestBody: { required: true, content: { [BODY_TYPES[detail.bodyType ?? "json"]]: { schema: detail.body } } } }),
    responses: responsesOf(detail.answers),
  };
}

const BODY_TYPES = { json: "application/json", form: "multipart/form-data" } as const;

/** A good answer, and what everything else looks like. */
function responsesOf(answers: EndpointDetail["answers"]): Record<string, unknown> {
  const content = Object.fromEntries(Object.entries(answers ?? {}).map(([type, schema]) => [type, { schema }]));
  return {
    200: { description: "OK", ...(answers === undefined ? {} : { content }) },
    default: { description: "What went wrong, and how to mend it", content: { "application/json": { schema: ERROR } } },
  };
}

/** Errors as OpenAI's clients know them. Clients of other vendors get those vendors' own. */
const ERROR = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["message", "type", "code"],
      properties: {
        message: { type: "string" },
        type: { type: "string" },
        param: { type: ["string", "null"], description: "The field at fault." },
        code: { type: "string", description: "What went wrong, in one word, such as `invalid_model`." },
      },
    },
  },
};

function queryParameters(query: Readonly<Record<string, string>>): readonly Record<string, unknown>[] {
  return Object.entries(query).map(([name, description]) => ({ name, in: "query", description, schema: { type: "string" } }));
}

/** Elysia writes `*` as it stands, which means nothing in OpenAPI. */
function wildcardPaths(endpoints: readonly Endpoint[]): Record<string, Record<string, Record<string, unknown>>> {
  const paths: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.detail?.path;
    if (path === undefined) continue;
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
    }));
    paths[path] = {
      ...paths[path],
      [endpoint.method.toLowerCase()]: { ...operationOf(endpoint), parameters },
    };
  }
  return paths;
}

/** Asks Elysia under a name of our own, so that nothing the client sent takes part in its choice of route. */
function proxied(context: ServerContext, source: DocsSource, path: string, headers: Readonly<Record<string, string>>): Answer {
  return async () => {
    const response = await source.handle(new Request(`http://localhost${path}`));
    const type = response.headers.get("content-type") ?? "application/json";
    return new Response(await response.text(), {
      status: response.status,
      headers: stampHeaders(context.stamp(), { "content-type": type, ...headers }),
    });
  };
}

/** The page has one script of its own, which is allowed by its digest; everything else comes from files of this server. */
function page(context: ServerContext, source: DocsSource): Answer {
  let html: Promise<string> | undefined;
  return async () => {
    html ??= source.handle(new Request("http://localhost/swagger")).then((response) => response.text());
    const text = await html;
    const digests = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, script = ""]) => `'sha256-${new Bun.CryptoHasher("sha256").update(script).digest("base64")}'`,
    );
    const policy = [
      "default-src 'none'",
      `script-src 'self' ${digests.join(" ")}`,
      // Swagger UI sets styles on elements.
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; ");
    return new Response(text, {
      headers: stampHeaders(context.stamp(), { "content-type": "text/html; charset=utf-8", "content-security-policy": policy }),
    });
  };
}

function asset(context: ServerContext, path: string, type: string): Answer {
  let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return async () => {
    bytes ??= Bun.file(path).bytes();
    return new Response(await bytes, {
      headers: stampHeaders(context.stamp(), { "content-type": type, "cache-control": "public, max-age=86400" }),
    });
  };
}
