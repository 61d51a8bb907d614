import { bag, type AnswerFormat, type ChatRequest, type Message, type ReasoningWish, type Sampling } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { decodeAssistantContent, decodeSystemContent, decodeUserContent } from "./decode-blocks.ts";
import { decodeTool, decodeToolChoice } from "./decode-tools.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

const KNOWN = new Set([
  ...["model", "messages", "system", "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences"],
  ...["tools", "tool_choice", "thinking", "output_config", "output_format", "metadata", "service_tier"],
]);
const MESSAGE = new Set(["role", "content"]);

/** Reads a request of the Messages format. */
export function decodeRequest(json: unknown): ChatRequest {
  const body = Fields.of(json, "", "invalid_request");
  const config = body.objectMaybe("output_config");
  const reasoning = decodeReasoning(body.objectMaybe("thinking"), config?.stringMaybe("effort"));
  const format = decodeFormat(config?.objectMaybe("format") ?? body.objectMaybe("output_format")); // The second is its old name.
  const tools = body.objectsMaybe("tools")?.map(decodeTool);
  const choice = body.objectMaybe("tool_choice");
  const single = choice?.booleanMaybe("disable_parallel_tool_use");
  const metadata = body.objectMaybe("metadata");
  const endUser = metadata?.stringMaybe("user_id");
  const tier = body.stringMaybe("service_tier");
  const bags = bag(WIRE, restOf(body, config, metadata));
  return {
    model: body.string("model"),
    stream: body.booleanMaybe("stream") ?? false,
    messages: [...decodeSystem(body), ...body.objects("messages").map(decodeMessage)],
    sampling: decodeSampling(body),
    ...(tools && { tools }),
    ...(choice && { toolChoice: decodeToolChoice(choice) }),
    ...(single !== undefined && { parallelToolCalls: !single }),
    ...(reasoning && { reasoning }),
    ...(format && { format }),
    ...(endUser !== undefined && { endUser }),
    ...(tier !== undefined && { serviceTier: tier === "standard_only" ? "default" : tier }),
    ...(bags && { bags }),
  };
}

function decodeSystem(body: Fields): Message[] {
  return body.has("system") ? [{ role: "system", parts: decodeSystemContent(body, "system") }] : [];
}

function decodeMessage(message: Fields): Message {
  const bags = bag(WIRE, message.rest(MESSAGE));
  switch (message.string("role")) {
    case "user":
      return { role: "user", parts: decodeUserContent(message, "content"), ...(bags && { bags }) };
    case "assistant":
      return { role: "assistant", parts: decodeAssistantContent(message, "content"), ...(bags && { bags }) };
    case "system":
      return { role: "system", parts: decodeSystemContent(message, "content"), ...(bags && { bags }) };
    default:
      throw message.wrong("role", '"user", "assistant" or "system"');
  }
}

function decodeSampling(body: Fields): Sampling {
  const maxTokens = body.numberMaybe("max_tokens");
  const temperature = body.numberMaybe("temperature");
  const topP = body.numberMaybe("top_p");
  const topK = body.numberMaybe("top_k");
  const stop = body.stringsMaybe("stop_sequences");
  return {
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stop && { stop }),
  };
}

function decodeReasoning(thinking: Fields | undefined, effort: string | undefined): ReasoningWish | undefined {
  if (thinking === undefined) return effort === undefined ? undefined : { effort };
  const budgetTokens = thinking.numberMaybe("budget_tokens");
  const display = thinking.stringMaybe("display");
  const type = thinking.string("type");
  return {
    // A kind of thinking that is not known yet is most likely a new way of saying "as you see fit".
    mode: type === "disabled" ? "off" : type === "enabled" ? "budget" : "adaptive",
    ...(budgetTokens !== undefined && type === "enabled" && { budgetTokens }),
    ...(effort !== undefined && { effort }),
    ...(display !== undefined && { display }),
  };
}

function decodeFormat(format: Fields | undefined): AnswerFormat | undefined {
  if (format === undefined) return undefined;
  if (format.string("type") !== "json_schema") throw format.wrong("type", '"json_schema"');
  return { type: "json-schema", schema: format.object("schema").json };
}

/** Unknown fields, also those one level down, under the names of their owners. */
function restOf(body: Fields, config: Fields | undefined, metadata: Fields | undefined): JsonObject | undefined {
  const rest = body.rest(KNOWN);
  const configRest = config?.rest(new Set(["effort", "format"]));
  const metadataRest = metadata?.rest(new Set(["user_id"]));
  if (configRest === undefined && metadataRest === undefined) return rest;
  return { ...rest, ...(configRest && { output_config: configRest }), ...(metadataRest && { metadata: metadataRest }) };
}
