import { bagOf, type ChatResponse } from "../../ir/chat.ts";
import { Losses } from "../../ir/loss.ts";
import type { AnswerContext, Encoded } from "../chat-codec.ts";
import { ClientTools } from "../client-tools.ts";
import { idAs } from "../ids.ts";
import { encodeAssistantParts } from "./encode-blocks.ts";
import { encodeStop } from "./stop-reason.ts";
import { encodeUsage } from "./usage.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** Writes a whole answer of the Messages format. */
export function encodeResponse(answer: ChatResponse, context: AnswerContext = {}): Encoded {
  const response = ClientTools.of(context.request)?.restore(answer) ?? answer;
  const losses = new Losses();
  const [choice] = response.choices;
  if (response.choices.length > 1) losses.add("choices[1]", "n", "The Messages format gives one answer.", "content");
  losses.addBags(response.bags, WIRE, "");
  const json = {
    id: idAs("msg_", response.id),
    type: "message",
    role: "assistant",
    model: response.model,
    content: encodeAssistantParts(choice?.parts ?? [], "client", "choices[0]", losses),
    ...encodeStop(choice?.finish ?? { reason: "stop" }),
    usage: encodeUsage(response.usage, response.serviceTier),
    ...bagOf(response.bags, WIRE),
  };
  return { json, losses: losses.list };
}
