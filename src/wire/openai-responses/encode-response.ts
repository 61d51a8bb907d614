import type { ChatResponse } from "../../ir/chat.ts";
import { Losses } from "../../ir/loss.ts";
import type { AnswerContext, Encoded } from "../chat-codec.ts";
import { ClientTools } from "../client-tools.ts";
import { stemOf } from "../ids.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";
import { encodeHead } from "./encode-head.ts";
import { encodeModelItems } from "./encode-items.ts";
import { encodeStatus } from "./status.ts";
import { encodeUsage } from "./usage.ts";

/** Writes a whole answer of the Responses format. */
export function encodeResponse(answer: ChatResponse, context: AnswerContext = {}): Encoded {
  const response = ClientTools.of(context.request)?.restore(answer) ?? answer;
  const losses = new Losses();
  const { parts, finish } = response.choices[0] ?? { parts: [], finish: { reason: "stop" } as const };
  if (response.choices.length > 1) losses.add("choices[1]", "n", "The Responses format gives one answer.", "content");
  losses.addBags(response.bags, WIRE, "");
  losses.addBags(finish.bags, WIRE, "choices[0].finish");
  const ending = encodeStatus(
    finish,
    parts.some((part) => part.type === "refusal"),
  );
  const status = ending.status === "incomplete" ? "incomplete" : "completed";
  const json = {
    ...encodeHead(response, context),
    ...ending,
    output: encodeModelItems(parts, { type: "client", stem: stemOf(response.id), status }, "choices[0]", losses),
    usage: response.usage === undefined ? null : encodeUsage(response.usage),
  };
  return { json, losses: losses.list };
}
