import { readBodyHead } from "../openai-chat/head.ts";
import type { RequestHead } from "../wire.ts";

/** Reads what the gateway has to know of a request. Whoever says nothing wants a stream. */
export function readHead(body: Uint8Array): RequestHead {
  return readBodyHead(body, true);
}
