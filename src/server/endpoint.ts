import type { Caller } from "../policies/caller.ts";
import type { Downstream } from "../wire/wire.ts";

/**
 * Who may call an endpoint. Every endpoint says it where it is registered, there is no default, and it is never read off a request's path.
 * `anyone`: nothing is shown that a stranger may not see. `client`: whoever the gateway's keys let in. `session`: who is logged in. `admin`: see
 * `AdminDoorkeeper`.
 */
export type Access = "anyone" | "client" | "session" | "admin";

/** What a path's variable segments were in one request, decoded. */
export type PathParams = Readonly<Record<string, string | undefined>>;

/** Answers one request. A thrown `OmniError` becomes an error envelope; anything else that is thrown is a bug and becomes `internal_error`. */
export type Answer = (
  request: Request,
  server: Bun.Server<unknown> | null,
  params: PathParams,
  caller: Caller,
) => Response | Promise<Response>;

/** What the page of documentation says of an endpoint. */
export interface EndpointDetail {
  readonly summary: string;
  readonly description?: string;
  readonly tag: "Inference" | "Models" | "Status" | "Administration";
  /** A JSON Schema of the body, with an example that works when it is sent as it is. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** What the body is sent as. Default: JSON. `form`: `multipart/form-data`. */
  readonly bodyType?: "json" | "form";
  /** JSON Schemas of good answers, by content type. Default: nothing is said of them. */
  readonly answers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What may stand behind the path's `?`, by name, and what each means. */
  readonly query?: Readonly<Record<string, string>>;
  /** How the path reads in OpenAPI where it differs from the router's: `/v1/models/{id}` for `/v1/models/*`. */
  readonly path?: string;
}

/** One method of one path. The whole interface is a list of these: routes, documentation and the test of access all come from it. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "DELETE";
  /** As Bun's router writes it: `:name` for one segment, `*` at the end for the rest. */
  readonly path: string;
  readonly access: Access;
  /** Absent for what the documentation leaves out: its own assets. */
  readonly detail?: EndpointDetail;
  readonly answer: Answer;
  /** In whose words a request is refused before it is answered. Default: OpenAI's. */
  readonly envelope?: Downstream;
}

/** Where the interface begins: some clients' base address ends in `/v1`, others keep to the specification's `/api/v1`. Both are the same. */
export const PREFIXES: readonly string[] = ["/v1", "/api/v1"];
