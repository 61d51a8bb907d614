import type { AssistantPart, TextPart } from "../../ir/chat-parts.ts";
import type { ChatResponse } from "../../ir/chat.ts";
import { Fields } from "../fields.ts";
import { decodeCitation, isOfText } from "./decode-citations.ts";
import { decodeFinish } from "./finish.ts";
import { decodeUsage } from "./usage.ts";

/** Reads a whole answer. The format does not say which model it is from. */
export function decodeResponse(json: unknown): ChatResponse {
  const answer = Fields.of(json, "", "upstream_invalid");
  const parts = decodeMessage(answer.object("message"));
  const usage = answer.objectMaybe("usage");
  const counted = usage && decodeUsage(usage);
  return {
    id: answer.stringMaybe("id") ?? "",
    model: "",
    choices: [{ parts, finish: decodeFinish(answer.string("finish_reason"), parts) }],
    ...(counted && { usage: counted }),
  };
}

/** In the order in which a stream has them: the plan, the content, the calls. */
function decodeMessage(message: Fields): AssistantPart[] {
  const plan = message.stringMaybe("tool_plan");
  const parts: AssistantPart[] = plan ? [{ type: "reasoning", texts: [{ form: "summary", text: plan }] }] : [];
  parts.push(...decodeContent(message));
  for (const call of message.objectsMaybe("tool_calls") ?? []) {
    const called = call.object("function");
    parts.push({
      type: "tool-call",
      id: call.string("id"),
      name: called.string("name"),
      argumentsJson: decodeArguments(called.stringMaybe("arguments")),
    });
  }
  return parts;
}

function decodeContent(message: Fields): AssistantPart[] {
  const cited = (message.objectsMaybe("citations") ?? []).filter(isOfText);
  const parts: AssistantPart[] = [];
  let base = 0;
  for (const [index, block] of (message.objectsMaybe("content") ?? []).entries()) {
    if (block.string("type") === "thinking") {
      const thought = block.string("thinking");
      if (thought !== "") parts.push({ type: "reasoning", texts: [{ form: "raw", text: thought }] });
      continue;
    }
    const text = block.string("text");
    const isFirst = base === 0;
    const mine = cited.filter((citation) => {
      const of = citation.numberMaybe("content_index");
      return of === undefined ? isFirst : of === index;
    });
    const citations = mine.flatMap((citation) => decodeCitation(citation, base));
    const part: TextPart = { type: "text", text, ...(citations.length > 0 && { citations }) };
    if (text !== "" || citations.length > 0) parts.push(part);
    base += text.length;
  }
  return parts;
}

/** The arguments of a tool without parameters are `null`, or missing. */
export function decodeArguments(text: string | undefined): string {
  return text === undefined || text === "null" ? "" : text;
}
