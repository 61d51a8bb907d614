import { OmniError } from "../ir/failure.ts";
import type { ServerContext } from "./context.ts";
import { receiveBody } from "./receive.ts";

/**
 * Reads the small body of a request that is no work for a provider.
 * @returns An object; its fields are still to be looked at.
 * @throws {OmniError} What `receiveBody` throws, and `malformed_json`.
 */
export async function readJson(context: ServerContext, request: Request, bytesMax: number): Promise<Readonly<Record<string, unknown>>> {
  const body = await receiveBody(request, undefined, bytesMax, context.world.clock);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new OmniError("malformed_json", "Cannot read the body as JSON.", { cause });
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new OmniError("invalid_request", "Cannot read the body: it has to be a JSON object.");
  return json as Record<string, unknown>; // It was looked at just now.
}
