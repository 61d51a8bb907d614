import type { AssistantPart, ReasoningPart, ToolCallPart, ToolResultPart, UserPart } from "../../ir/chat-parts.ts";
import { bagOf, type Message } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { type CallIdVendor, callIdFor } from "../call-ids.ts";
import { shortToolName } from "../tool-names.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { contentOf, encodeShownPart, encodeTextPart, encodeUserPart, type PartContext } from "./encode-parts.ts";
import { encodeDetails, textOfReasoning } from "./encode-reasoning.ts";

/** In which form a provider wants reasoning back with the history. OpenAI refuses all of them. `when-asked`: as `reasoning_content`, once it has said so. */
export type ReasoningBack = "none" | "when-asked" | "reasoning_content" | "reasoning_details";

/** What messages are written with. */
export interface MessageContext extends PartContext {
  readonly reasoningBack: ReasoningBack;
  /** Whether `developer` is known as a role. */
  readonly developerRole: boolean;
  /** Whose demands the ids of calls have to meet. */
  readonly callIds: CallIdVendor;
}

/** Writes `messages`. */
export function encodeMessages(messages: readonly Message[], context: MessageContext): JsonObject[] {
  return messages.flatMap((message, index) => encodeMessage(message, `messages[${index}]`, context));
}

function encodeMessage(message: Message, path: string, context: MessageContext): JsonObject[] {
  context.losses.addBags(message.bags, WIRE, path);
  const rest = bagOf(message.bags, WIRE);
  switch (message.role) {
    case "system":
    case "developer": {
      const role = context.developerRole ? message.role : "system";
      const parts = message.parts
        .map((part, index) => encodeShownPart(part, `${path}.parts[${index}]`, context))
        .filter((part) => part !== undefined);
      return parts.length === 0 ? [] : [{ role, content: contentOf(parts), ...rest }];
    }
    case "user":
      return encodeUser(message.parts, rest, path, context);
    case "assistant":
      return encodeAssistant(message.parts, rest, path, context);
    default:
      return message satisfies never;
  }
}

/** Results of tools become messages of their own, all of them before anything else; then what only a user may say: pictures that tools made, and words. */
function encodeUser(parts: readonly UserPart[], rest: JsonObject | undefined, path: string, context: MessageContext): JsonObject[] {
  const results: JsonObject[] = [];
  const shown: JsonObject[] = [];
  const said: JsonObject[] = [];
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    if (part.type === "tool-result") {
      results.push(encodeResult(part, at, context));
      shown.push(...encodeResultMedia(part, at, context));
      continue;
    }
    const written = encodeUserPart(part, at, context);
    if (written !== undefined) said.push(written);
  }
  const content = [...shown, ...said];
  // Nothing was said, or all of it was lost, and said so; providers refuse content without parts.
  const isSilent = content.length === 0;
  return isSilent ? results : [...results, { role: "user", content: contentOf(content), ...rest }];
}

/** A tool's answer is text here. That it failed is said in words, since there is no field for it. */
function encodeResult(part: ToolResultPart, path: string, context: MessageContext): JsonObject {
  context.losses.addBags(part.bags, WIRE, path);
  const texts: JsonObject[] = [];
  for (const [index, output] of part.parts.entries()) {
    if (output.type === "text") texts.push(encodeTextPart(output, `${path}.parts[${index}]`, context));
  }
  const failed: JsonObject[] = part.isError ? [{ type: "text", text: "The tool failed:" }] : [];
  const media = part.parts.some((output) => output.type === "image" || output.type === "file");
  if (texts.length === 0 && media) texts.push({ type: "text", text: "The answer of this tool follows in the next message." });
  const content = [...failed, ...texts];
  return {
    role: "tool",
    tool_call_id: callIdFor(context.callIds, part.id),
    content: content.length === 0 ? "" : joined(content),
    ...bagOf(part.bags, WIRE),
  };
}

/** Several plain texts are one text: most providers take nothing but a string from a tool. */
function joined(texts: readonly JsonObject[]): ReturnType<typeof contentOf> {
  const isPlain = texts.every((text) => Object.keys(text).length === 2);
  return isPlain ? texts.map((text) => String(text["text"])).join("\n") : texts;
}

function encodeResultMedia(part: ToolResultPart, path: string, context: PartContext): JsonObject[] {
  const media: JsonObject[] = [];
  for (const [index, output] of part.parts.entries()) {
    if (output.type === "text") continue;
    const written = encodeShownPart(output, `${path}.parts[${index}]`, context);
    if (written !== undefined) media.push(written);
  }
  return media.length === 0 ? [] : [{ type: "text", text: `From the answer of tool call ${part.id}:` }, ...media];
}

function encodeAssistant(
  parts: readonly AssistantPart[],
  rest: JsonObject | undefined,
  path: string,
  context: MessageContext,
): JsonObject[] {
  const texts: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const reasoning: ReasoningPart[] = [];
  let refusal = "";
  for (const [index, part] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    switch (part.type) {
      case "text":
        if (part.text !== "") texts.push(encodeTextPart(part, at, context));
        break;
      case "refusal":
        refusal += part.text;
        break;
      case "tool-call":
        calls.push(encodeCall(forProvider(part, context)));
        context.losses.addBags(part.bags, WIRE, at);
        break;
      case "reasoning":
        if (context.reasoningBack === "none" || context.reasoningBack === "when-asked")
          context.losses.add(at, "reasoning", "The provider takes no reasoning back.");
        else reasoning.push(part);
        break;
      case "foreign": {
        // Sound that the model made is named by its id when it comes back.
        const written = part.wire === WIRE && part.json["type"] !== "audio" && part.json["type"] !== "images" ? part.json : undefined;
        if (written !== undefined) texts.push(written);
        else context.losses.add(at, String(part.json["type"] ?? "part"), `Only ${part.wire} knows it.`, "content");
        break;
      }
      default:
        part satisfies never;
    }
  }
  if (texts.length + calls.length + reasoning.length === 0 && refusal === "") return [];
  return [
    {
      role: "assistant",
      content: texts.length === 0 ? null : contentOf(texts),
      ...(refusal !== "" && { refusal }),
      ...encodeReasoningBack(reasoning, context.reasoningBack),
      ...(calls.length > 0 && { tool_calls: calls }),
      ...rest,
    },
  ];
}

/** Writes reasoning as a member of its message. */
export function encodeReasoningBack(parts: readonly ReasoningPart[], form: ReasoningBack): JsonObject {
  if (parts.length === 0) return {};
  const details = parts.flatMap(encodeDetails);
  if (form === "reasoning_details" && details.length > 0) return { reasoning_details: details };
  return { [form === "reasoning_details" ? "reasoning" : "reasoning_content"]: parts.map(textOfReasoning).join("\n\n") };
}

/** A call as the provider knows it: by the short name, and as that of a function where it has no tools for free text. */
function forProvider(part: ToolCallPart, { customTools, callIds }: MessageContext): ToolCallPart {
  const { kind, ...call } = { ...part, id: callIdFor(callIds, part.id), name: shortToolName(part.name) };
  if (kind === undefined || customTools) return kind === undefined ? call : { ...call, kind };
  return { ...call, argumentsJson: JSON.stringify({ input: part.argumentsJson }) };
}

/** Writes a call as it stands in messages and in whole answers. */
export function encodeCall(part: ToolCallPart): JsonObject {
  if (part.kind === "custom")
    return { id: part.id, type: "custom", custom: { name: part.name, input: part.argumentsJson }, ...bagOf(part.bags, WIRE) };
  const signature = part.opaque?.issuer === "gemini-generate" && { extra_content: { google: { thought_signature: part.opaque.value } } };
  // No arguments are an empty object: the empty text is no JSON, and many providers refuse it in a history.
  const called = { name: part.name, arguments: part.argumentsJson === "" ? "{}" : part.argumentsJson };
  return { id: part.id, type: "function", function: called, ...signature, ...bagOf(part.bags, WIRE) };
}
