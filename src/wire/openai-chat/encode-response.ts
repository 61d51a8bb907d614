import { chatImage, type MadeImage, madeImages } from "../made-images.ts";
import type { AssistantPart, Citation, ReasoningPart } from "../../ir/chat-parts.ts";
import { bagOf, type ChatResponse, type Choice } from "../../ir/chat.ts";
import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { AnswerContext, Encoded } from "../chat-codec.ts";
import { ClientTools } from "../client-tools.ts";
import { idAs } from "../ids.ts";
import { charactersOf } from "../text-length.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { encodeFinish } from "./encode-finish.ts";
import { encodeCall } from "./encode-messages.ts";
import { encodeDetails, textOfReasoning } from "./encode-reasoning.ts";
import { encodeUsage } from "./encode-usage.ts";

/** Writes a whole answer of OpenAI's chat format. */
export function encodeResponse(answer: ChatResponse, context: AnswerContext = {}): Encoded {
  const response = ClientTools.of(context.request)?.restore(answer) ?? answer;
  const losses = new Losses();
  losses.addBags(response.bags, WIRE, "");
  const json = {
    id: idAs("chatcmpl-", response.id),
    object: "chat.completion",
    created: response.createdS ?? context.nowS ?? 0,
    model: response.model,
    choices: response.choices.map((choice, index) => encodeChoice(choice, index, losses)),
    ...(response.usage && { usage: encodeUsage(response.usage) }),
    ...(response.serviceTier !== undefined && { service_tier: response.serviceTier }),
    ...bagOf(response.bags, WIRE),
  };
  return { json, losses: losses.list };
}

function encodeChoice({ parts, finish }: Choice, index: number, losses: Losses): JsonObject {
  const { message: messageRest, ...choiceRest } = bagOf(finish.bags, WIRE) ?? {};
  const message = encodeMessage(parts, `choices[${index}]`, losses);
  const logprobs = parts.flatMap((part) => (part.type === "text" ? (part.logprobs ?? []) : []));
  losses.addBags(finish.bags, WIRE, `choices[${index}].finish`);
  return {
    index,
    message: { ...message, ...(isJsonObject(messageRest) && messageRest) },
    logprobs: logprobs.length === 0 ? null : { content: logprobs, refusal: null },
    finish_reason: encodeFinish(finish, message["refusal"] !== null),
    ...choiceRest,
  };
}

function encodeMessage(parts: readonly AssistantPart[], path: string, losses: Losses): JsonObject {
  let text = "";
  let refusal = "";
  const calls: JsonObject[] = [];
  const annotations: JsonObject[] = [];
  const reasoning: ReasoningPart[] = [];
  const images: MadeImage[] = [];
  const media: { [key: string]: Json | undefined } = {};
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type !== "foreign") losses.addBags(part.bags, WIRE, at);
    switch (part.type) {
      case "text": {
        const start = charactersOf(text);
        text += part.text;
        for (const citation of part.citations ?? []) pushAnnotation(annotations, citation, start, charactersOf(text), at, losses);
        break;
      }
      case "refusal":
        refusal += part.text;
        break;
      case "reasoning":
        reasoning.push(part);
        break;
      case "tool-call":
        calls.push(encodeCall(part));
        break;
      case "foreign":
        if (part.wire === WIRE && part.json["type"] === "audio") media["audio"] = part.json["audio"];
        else if (part.wire === WIRE && part.json["type"] === "images") media["images"] = part.json["images"];
        else if (madeImages(part).length > 0) images.push(...madeImages(part));
        else losses.add(at, String(part.json["type"] ?? "part"), "It can not be shown to a client of OpenAI's chat format.", "content");
        break;
      default:
        part satisfies never;
    }
  }
  const thoughts = reasoning.map(textOfReasoning).filter((words) => words !== "");
  const details = reasoning.flatMap(encodeDetails);
  return {
    role: "assistant",
    content: text === "" && (calls.length > 0 || refusal !== "") ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...(annotations.length > 0 && { annotations }),
    ...(thoughts.length > 0 && { reasoning_content: thoughts.join("\n\n") }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(images.length > 0 && { images: images.map(chatImage) }),
    ...media,
  };
}

function pushAnnotation(annotations: JsonObject[], citation: Citation, start: number, end: number, path: string, losses: Losses): void {
  const annotation = encodeAnnotation(citation, start, end);
  if (annotation !== undefined) annotations.push(annotation);
  else losses.add(`${path}.citations`, "citations", "OpenAI's chat format cites web pages only.");
}

/** Writes a citation; one without offsets is about all of its part. */
export function encodeAnnotation(citation: Citation, start: number, end: number): JsonObject | undefined {
  if (citation.native?.wire === WIRE) return citation.native.json;
  if (citation.url === undefined) return undefined;
  const { url, title = "" } = citation;
  return { type: "url_citation", url_citation: { start_index: citation.start ?? start, end_index: citation.end ?? end, url, title } };
}
