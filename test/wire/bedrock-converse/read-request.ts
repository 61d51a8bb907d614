import type { AssistantPart, ToolOutputPart, UserPart } from "../../../src/ir/chat-parts.ts";
import type { ChatRequest, Message } from "../../../src/ir/chat.ts";

/** A request as AWS's documentation describes it. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
interface ConverseRequest {
  readonly system?: readonly ConverseBlock[];
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly content: readonly ConverseBlock[] }[];
  readonly inferenceConfig?: { readonly maxTokens?: number };
  readonly toolConfig?: {
    readonly tools: readonly { toolSpec: { name: string; description?: string; inputSchema: { json: object } } }[];
    readonly toolChoice?: { readonly any?: object };
  };
}

interface ConverseBlock {
  readonly text?: string;
  readonly image?: { readonly format: string; readonly source: { readonly bytes: string } };
  readonly toolUse?: { readonly toolUseId: string; readonly name: string; readonly input: object };
  readonly toolResult?: { readonly toolUseId: string; readonly content: readonly ConverseBlock[] };
}

/** Reads a request of Converse as Bedrock would: independent of the product, which only writes such. */
export function readConverseRequest(request: object): ChatRequest {
  const { system = [], messages, inferenceConfig, toolConfig } = request as ConverseRequest;
  const roles = messages.map(({ role }) => role);
  if (roles.some((role, index) => role !== (index % 2 === 0 ? "user" : "assistant"))) throw new Error(`Roles do not alternate: ${roles}.`);
  return {
    model: "",
    stream: false,
    messages: [...(system.length > 0 ? [{ role: "system", parts: system.map(readPart) } as Message] : []), ...messages.map(readMessage)],
    tools: toolConfig?.tools.map(({ toolSpec: { name, description, inputSchema } }) => ({
      ...{ type: "function", name, parameters: inputSchema.json },
      ...(description !== undefined && { description }),
    })) as never,
    ...(toolConfig?.toolChoice?.any && { toolChoice: { type: "required" } }),
    sampling: { ...(inferenceConfig?.maxTokens !== undefined && { maxTokens: inferenceConfig.maxTokens }) },
  };
}

function readMessage({ role, content }: ConverseRequest["messages"][0]): Message {
  return { role, parts: content.map(readPart) } as Message;
}

function readPart(block: ConverseBlock): UserPart | AssistantPart {
  if (block.text !== undefined) return { type: "text", text: block.text };
  if (block.image) {
    const { format, source } = block.image;
    return { type: "image", source: { type: "base64", mediaType: `image/${format}`, data: source.bytes } };
  }
  if (block.toolUse) {
    const { toolUseId, name, input } = block.toolUse;
    return { type: "tool-call", id: toolUseId, name, argumentsJson: JSON.stringify(input) };
  }
  if (block.toolResult) {
    const { toolUseId, content } = block.toolResult;
    return { type: "tool-result", id: toolUseId, parts: content.map(readPart) as ToolOutputPart[] };
  }
  throw new Error(`Not a block that was meant: ${JSON.stringify(block)}.`);
}
