import { bag, type ChatResponse } from "../../ir/chat.ts";
import { Fields } from "../fields.ts";
import { BEDROCK_CONVERSE as WIRE } from "../wire-names.ts";
import { decodeBlock } from "./decode-blocks.ts";
import { decodeFinish } from "./finish.ts";
import { decodeUsage } from "./usage.ts";

const KNOWN = new Set(["output", "stopReason", "usage", "metrics", "serviceTier", "$metadata"]);

/** Reads a whole answer. The format names neither the answer nor its model. */
export function decodeResponse(json: unknown): ChatResponse {
  const answer = Fields.of(json, "", "upstream_invalid");
  const blocks = answer.object("output").object("message").objectsMaybe("content") ?? [];
  const parts = blocks.map(decodeBlock).filter((part) => part !== undefined);
  const usage = answer.objectMaybe("usage");
  const serviceTier = answer.objectMaybe("serviceTier")?.stringMaybe("type");
  const bags = bag(WIRE, answer.rest(KNOWN));
  return {
    id: "",
    model: "",
    choices: [{ parts, finish: decodeFinish(answer.string("stopReason"), parts, answer.json["additionalModelResponseFields"]) }],
    ...(usage && { usage: decodeUsage(usage) }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(bags && { bags }),
  };
}
