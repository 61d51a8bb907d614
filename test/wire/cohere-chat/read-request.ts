import type { AssistantPart, UserPart } from "../../../src/ir/chat-parts.ts";
import type { ChatRequest, Message } from "../../../src/ir/chat.ts";
import { sourceOfUrl } from "../../../src/wire/media.ts";

/** A request as Cohere's documentation describes it. https://docs.cohere.com/reference/chat#request */
interface CohereRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly max_tokens?: number;
  readonly tools?: readonly { readonly type: "function"; readonly function: { name: string; description?: string; parameters: object } }[];
  readonly tool_choice?: "REQUIRED" | "NONE";
  readonly messages: readonly CohereMessage[];
}

interface CohereMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content?: string | readonly CohereBlock[];
  readonly tool_plan?: string;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[];
}

interface CohereBlock {
  readonly type: "text" | "image_url";
  readonly text?: string;
  readonly image_url?: { readonly url: string };
}

/** Reads a request of Cohere's as Cohere would: independent of the product, which only writes such. */
export function readCohereRequest(request: object): ChatRequest {
  const { model, stream, messages, tools, tool_choice: choice, max_tokens: maxTokens } = request as CohereRequest;
  return {
    model,
    stream,
    messages: messages.map(readMessage),
    tools: tools?.map(({ function: { name, description, parameters } }) => ({
      ...{ type: "function", name, parameters: parameters as never },
      ...(description !== undefined && { description }),
    })) as never,
    ...(choice !== undefined && { toolChoice: { type: choice === "NONE" ? "none" : "required" } }),
    sampling: { ...(maxTokens !== undefined && { maxTokens }) },
  };
}

function readMessage(message: CohereMessage): Message {
  const parts: UserPart[] = partsOf(message.content);
  switch (message.role) {
    case "system":
      return { role: "system", parts: parts as never };
    case "user":
      return { role: "user", parts };
    case "tool":
      return { role: "user", parts: [{ type: "tool-result", id: message.tool_call_id!, parts: parts as never }] };
    case "assistant": {
      const plan: AssistantPart[] = message.tool_plan ? [{ type: "reasoning", texts: [{ form: "raw", text: message.tool_plan }] }] : [];
      const calls = (message.tool_calls ?? []).map(
        ({ id, function: called }): AssistantPart => ({ type: "tool-call", id, name: called.name, argumentsJson: called.arguments }),
      );
      return { role: "assistant", parts: [...plan, ...(parts as AssistantPart[]), ...calls] };
    }
    default:
      return message.role satisfies never;
  }
}

function partsOf(content: CohereMessage["content"]): UserPart[] {
  if (content === undefined) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map(
    (block): UserPart =>
      block.type === "text" ? { type: "text", text: block.text! } : { type: "image", source: sourceOfUrl(block.image_url!.url) },
  );
}
