import { madeImages } from "../made-images.ts";
import type { ChatResponse, FinishReason } from "../../ir/chat.ts";
import type { AssistantPart } from "../../ir/chat-parts.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import { Losses } from "../../ir/loss.ts";
import type { AnswerContext, Encoded } from "../chat-codec.ts";
import { ClientTools } from "../client-tools.ts";
import { OLLAMA_CHAT as WIRE } from "../wire-names.ts";
import { encodeCall } from "./encode-messages.ts";
import { createdAt, encodeEnd } from "./timing.ts";

/** Writes a whole answer of Ollama's chat. */
export function encodeResponse(answer: ChatResponse, context: AnswerContext = {}): Encoded {
  const response = ClientTools.of(context.request)?.restore(answer) ?? answer;
  const losses = new Losses();
  const [choice] = response.choices;
  if (response.choices.length > 1) losses.add("choices[1]", "n", "Ollama's format gives one answer.", "content");
  losses.addBags(response.bags, WIRE, "");
  losses.addBags(choice?.finish.bags, WIRE, "choices[0].finish");
  const logprobs = choice?.parts.flatMap((part) => (part.type === "text" ? (part.logprobs ?? []) : [])) ?? [];
  const json = {
    model: response.model,
    created_at: createdAt(response.createdS, context),
    message: encodeMessage(choice?.parts ?? [], losses),
    ...(logprobs.length > 0 && { logprobs }),
    done_reason: encodeReason(choice?.finish.reason ?? "stop"),
    done: true,
    ...encodeEnd(response.usage, response.bags, 0, context),
  };
  return { json, losses: losses.list };
}

/** Writes why the model stopped. Ollama itself knows `stop` and `length`; a refusal must not pass for an ordinary end, and clients take any word. */
export function encodeReason(reason: FinishReason): string {
  if (reason === "refusal") return "content_filter";
  return reason === "length" || reason === "context-length" ? "length" : "stop";
}

function encodeMessage(parts: readonly AssistantPart[], losses: Losses): JsonObject {
  let content = "";
  const thoughts: string[] = [];
  const calls: Json[] = [];
  const images: string[] = [];
  for (const [index, part] of parts.entries()) {
    const path = `choices[0].parts[${index}]`;
    if (part.type !== "foreign") losses.addBags(part.bags, WIRE, path);
    switch (part.type) {
      case "text":
        content += part.text;
        noteCitations(part.citations?.length ?? 0, path, losses);
        break;
      case "refusal":
        content += part.text;
        break;
      case "reasoning":
        thoughts.push(...part.texts.map(({ text }) => text));
        if (part.opaque !== undefined) noteSignature(part.opaque.issuer, path, losses);
        break;
      case "tool-call":
        calls.push(encodeCall(part, calls.length));
        if (part.opaque !== undefined) noteSignature(part.opaque.issuer, path, losses);
        break;
      case "foreign":
        images.push(...madeImages(part).map(({ base64 }) => base64));
        if (!part.isNote && madeImages(part).length === 0)
          losses.add(path, String(part.json["type"] ?? "part"), "It can not be shown to a client of Ollama's format.", "content");
        break;
      default:
        part satisfies never;
    }
  }
  return {
    role: "assistant",
    content,
    ...(thoughts.length > 0 && { thinking: thoughts.join("\n\n") }),
    ...(images.length > 0 && { images }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** Says that citations are lost, if there are any. */
export function noteCitations(count: number, path: string, losses: Losses): void {
  if (count > 0) losses.add(`${path}.citations`, "citations", "Ollama's format has none.");
}

/** Says that a signature is lost, without which the issuer may not go on from this answer as it could. */
export function noteSignature(issuer: string, path: string, losses: Losses): void {
  losses.add(`${path}.opaque`, "signature", `Ollama's format has no place for what ${issuer} signs.`);
}
