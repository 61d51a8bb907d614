import { OmniError } from "../ir/failure.ts";
import { type Logins, type NewSession, SESSION_SCOPES, type Session, type SessionScope } from "../policies/logins.ts";
import { cameSecurely, isFromThisHost, PLAIN_COOKIE, SECURE_COOKIE } from "../policies/session-token.ts";
import { sessionTokenOf } from "./auth.ts";
import type { ServerContext } from "./context.ts";
import type { Endpoint, EndpointDetail } from "./endpoint.ts";
import { readJson } from "./read-json.ts";
import { respondJson } from "./reply.ts";

const BODY_BYTES_MAX = 4_096;
/** argon2id takes any length; whoever types more wants to keep it busy. */
const PASSWORD_CHARS_MAX = 1_024;
const ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
/** Whose password `omni admin set-password` sets where no account is named. */
const ACCOUNT_USUAL = "admin";

const LOGIN_BODY = {
  type: "object",
  required: ["password"],
  properties: {
    account: { type: "string", default: ACCOUNT_USUAL },
    password: { type: "string" },
    scopes: { type: "array", items: { enum: SESSION_SCOPES }, description: "What the session is good for. Default: everything." },
  },
  examples: [{ password: "correct horse battery staple" }],
};

/** How a person comes in and goes out again. */
export function loginEndpoints(context: ServerContext): readonly Endpoint[] {
  const { logins } = context;
  if (logins === undefined) return [];
  const endpoint = (
    method: Endpoint["method"],
    name: string,
    access: Endpoint["access"],
    summary: string,
    answer: Endpoint["answer"],
    body?: EndpointDetail["body"],
  ): Endpoint => ({
    method,
    path: `/api/auth/${name}`,
    access,
    detail: { tag: "Administration", summary, ...(body && { body }) },
    answer,
  });
  return [
    endpoint(
      "POST",
      "login",
      "anyone",
      "Log in: a session, as a cookie for browsers and as a token for programs",
      (request, server) => login(context, logins, request, server?.requestIP(request)?.address ?? ""),
      LOGIN_BODY,
    ),
    endpoint("POST", "rotate", "session", "Give the session another token; the one before is of no use any more", (request) => {
      const session = logins.rotate(tokenOf(request));
      if (session === undefined) throw ended();
      return respondSession(context, request, session);
    }),
    endpoint("POST", "logout", "session", "Log out; with `?everywhere=true` all sessions of the account", (request) => {
      const everywhere = new URL(request.url).searchParams.get("everywhere") === "true";
      logins.end(tokenOf(request), everywhere);
      return respondJson({ success: true }, context.stamp(), 200, { "set-cookie": cookieOf(request, "", 0) });
    }),
    endpoint("GET", "session", "session", "Who is logged in, and until when", (request) => {
      const session = logins.find(tokenOf(request));
      if (session === undefined) throw ended();
      return respondJson(shown(session), context.stamp());
    }),
  ];
}

async function login(context: ServerContext, logins: Logins, request: Request, address: string): Promise<Response> {
  // Nobody is to be logged in by another site's page, under whatever account.
  if (request.headers.has("origin") && !isFromThisHost(request.headers))
    throw new OmniError("forbidden", "Cannot log in from a page of another host.");
  const { account = ACCOUNT_USUAL, password, scopes = SESSION_SCOPES } = await readJson(context, request, BODY_BYTES_MAX);
  if (typeof password !== "string" || password === "" || password.length > PASSWORD_CHARS_MAX)
    throw invalid("password", "it is missing, or too long");
  if (typeof account !== "string" || !ACCOUNT.test(account)) throw invalid("account", "it is no name of an account");
  const session = await logins.login({ account, password, scopes: scopesOf(scopes), address });
  context.audit({ actor: session.caller.keyName, address, action: "session.begin", subject: account });
  return respondSession(context, request, session);
}

function respondSession(context: ServerContext, request: Request, session: NewSession): Response {
  const seconds = Math.ceil((session.endsEpochMs - context.world.clock.epochMs()) / 1000);
  const body = { success: true, token: session.token, token_type: "bearer", ...shown(session) };
  return respondJson(body, context.stamp(), 200, { "set-cookie": cookieOf(request, session.token, seconds) });
}

function shown({ account, scopes, endsEpochMs }: Session): Record<string, unknown> {
  return { account, scopes, expires_at: new Date(endsEpochMs).toISOString() };
}

function cookieOf({ headers }: Request, token: string, seconds: number): string {
  const isSecure = cameSecurely(headers);
  return `${isSecure ? SECURE_COOKIE : PLAIN_COOKIE}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
}

/** The door has seen that there is one. */
function tokenOf({ headers }: Request): string {
  return sessionTokenOf(headers) ?? "";
}

function scopesOf(scopes: unknown): readonly SessionScope[] {
  const known = Array.isArray(scopes) ? SESSION_SCOPES.filter((scope) => scopes.includes(scope)) : [];
  if (!Array.isArray(scopes) || known.length !== new Set(scopes).size || known.length === 0)
    throw invalid("scopes", `it is a list of ${SESSION_SCOPES.join(", ")}`);
  return known;
}

function invalid(param: string, why: string): OmniError {
  return new OmniError("invalid_request", `Cannot log in: \`${param}\` can not be taken, ${why}.`, { param });
}

function ended(): OmniError {
  return new OmniError("invalid_api_key", "There is no such session any more. Log in again.");
}
