import { bag, type ChatResponse, finishReasonFor } from "../../ir/chat.ts";
import { Fields } from "../fields.ts";
import { decodeAssistantContent } from "./decode-blocks.ts";
import { decodeError } from "./decode-error.ts";
import { decodeStop } from "./stop-reason.ts";
import { decodeTier, decodeUsage } from "./usage.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** Fields of a message that the IR has names for. */
export const MESSAGE_KNOWN: ReadonlySet<string> = new Set([
  ...["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "usage"],
]);

/** Reads a whole answer of the Messages format. */
export function decodeResponse(json: unknown): ChatResponse {
  const message = Fields.of(json, "", "upstream_invalid");
  if (message.json["type"] === "error") throw decodeError(message);
  const parts = decodeAssistantContent(message, "content");
  const finish = decodeStop(message);
  const usage = message.objectMaybe("usage");
  const serviceTier = decodeTier(usage);
  const bags = bag(WIRE, message.rest(MESSAGE_KNOWN));
  return {
    id: message.string("id"),
    model: message.string("model"),
    choices: [{ parts, finish: { ...finish, reason: finishReasonFor(finish.reason, parts) } }],
    ...(usage && { usage: decodeUsage(usage) }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(bags && { bags }),
  };
}
