import { JsonFault } from "../bytes/json-scan.ts";
import { OmniError } from "../ir/failure.ts";
import { NEEDS, type RequestFacts } from "../routing/request-facts.ts";
import { type ChatFacts, readChatFacts } from "../wire/chat-facts.ts";
import type { ClientRequest } from "../wire/client-request.ts";
import type { World } from "../world/world.ts";
import type { Received } from "./gateway.ts";

/** Where clients say which session a request belongs to: our own name for it, then those that others use. */
const SESSION_HEADERS = ["x-omni-session", "x-session-id", "session-id", "session_id"] as const;

/**
 * Reads what the choice of a target may depend on. Only where a route asks for it.
 * @param turn How many exchanges the route had before.
 * @throws {OmniError} `malformed_json`, if what matters is there twice or in disguise.
 */
export function readFacts({ wire, headers }: Received, { body, head }: ClientRequest, turn: number, world: World): RequestFacts {
  const facts = wire.operation === "chat" ? chatFacts(body) : undefined;
  return {
    inputTokens: facts?.inputTokens ?? Math.ceil(body.length / 4),
    outputTokensMax: facts?.outputTokensMax,
    needs:
      (facts?.tools ? NEEDS.tools : 0) |
      (facts?.images ? NEEDS.images : 0) |
      (facts?.structuredOutput ? NEEDS.structuredOutput : 0) |
      (head.stream ? NEEDS.stream : 0),
    headers,
    minute: Math.floor(world.clock.epochMs() / 60_000) % 1_440,
    affinity: affinityOf(headers) ?? facts?.conversation ?? 0,
    turn,
  };
}

/** The most that a client wants to have, for those who did not need to know before; undefined if it does not say, or not clearly. */
export function outputTokensMaxOf(body: Uint8Array): number | undefined {
  try {
    return readChatFacts(body).outputTokensMax;
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

function chatFacts(body: Uint8Array): ChatFacts {
  try {
    return readChatFacts(body);
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause;
    throw new OmniError("malformed_json", `Cannot read the body: ${cause.message}.`, { cause });
  }
}

function affinityOf(headers: Headers): number | undefined {
  for (const name of SESSION_HEADERS) {
    const session = headers.get(name);
    if (session !== null && session !== "") return Bun.hash.xxHash32(session);
  }
  return undefined;
}
