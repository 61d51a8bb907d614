import { readSecret } from "../config/read-secret.ts";
import type { Plan } from "../routing/plan.ts";
import { systemWorld } from "../world/system.ts";

/** A running gateway, as its administration is reached from here. */
export interface RunningGateway {
  /** Without a trailing slash. */
  readonly url: string;
  readonly token: string | undefined;
}

/** How long the gateway has to answer. */
const PATIENCE_MS = 5_000;

/**
 * Where the gateway of a configuration is to be found, and what opens its administration.
 * @param url What the caller says; default: the address of the configuration.
 * @param folder Where the configuration lies, for secrets in files beside it.
 */
export async function runningGateway(plan: Plan, url: string | undefined, folder: string): Promise<RunningGateway> {
  const { adminToken } = plan.server;
  const { hostname, port } = plan.server.admin ?? plan.server;
  const host = hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname;
  const token = process.env["OMNI_ADMIN_TOKEN"] ?? (adminToken && (await readSecret(adminToken, { folder })));
  return { url: url?.replace(/\/+$/, "") ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`, token };
}

/** What came of a question. */
export type GatewayAnswer =
  | { readonly type: "answer"; readonly json: unknown }
  /** It was understood, and there is no such thing. */
  | { readonly type: "unknown"; readonly message: string }
  /** Nobody is there, or they do not talk to us. */
  | { readonly type: "failed"; readonly message: string };

/** Asks the administration of a running gateway. Never throws. */
export async function askGateway({ url, token }: RunningGateway, path: string): Promise<GatewayAnswer> {
  const { clock, network } = systemWorld();
  const session = network.open();
  const controller = new AbortController();
  const timer = clock.startTimer(PATIENCE_MS, () => controller.abort(new Error(`it did not answer within ${PATIENCE_MS / 1000} s`)));
  try {
    const headers = { accept: "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const response = await session.send({ method: "GET", url: `${url}${path}`, headers, signal: controller.signal });
    const json: unknown = JSON.parse(new TextDecoder().decode(await response.bytes()));
    if (response.status === 200) return { type: "answer", json };
    const message = messageIn(json) ?? `it answered with status ${response.status}`;
    return { type: response.status === 404 ? "unknown" : "failed", message };
  } catch (error) {
    return { type: "failed", message: error instanceof Error ? error.message : String(error) };
  } finally {
    clock.cancelTimer(timer);
    session.close();
  }
}

function messageIn(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null || !("error" in json)) return undefined;
  const { error } = json;
  return typeof error === "object" && error !== null && "message" in error && typeof error.message === "string" ? error.message : undefined;
}
