import { isJsonObject, type Json, type JsonObject } from "../ir/json.ts";

/**
 * Takes all reasoning out of a request that passes verbatim, with every signature: a rescue for a session whose history holds what its provider refuses. The
 * rest of the body says the same as before, if not byte for byte.
 * @param wire The format of the body.
 */
export function stripReasoning(wire: string, body: Uint8Array): Uint8Array {
  const strip = STRIPS[wire];
  if (strip === undefined) return body;
  const json = JSON.parse(Buffer.from(body).toString()) as Json; // It was found well-formed when it came in.
  return isJsonObject(json) ? Buffer.from(JSON.stringify(strip(json))) : body;
}

const STRIPS: Readonly<Record<string, (request: JsonObject) => JsonObject>> = {
  "openai-chat": (request) => ({
    ...request,
    messages: objects(request["messages"]).map((message) => {
      if (message["role"] !== "assistant") return message;
      const { reasoning_content: _, reasoning: __, reasoning_details: ___, ...rest } = message;
      return rest;
    }),
  }),
  "anthropic-messages": (request) => ({
    ...request,
    messages: objects(request["messages"]).flatMap((message) => {
      if (message["role"] !== "assistant" || !Array.isArray(message["content"])) return [message];
      const content = message["content"].filter((block) => !isJsonObject(block) || !/^(?:redacted_)?thinking$/.test(String(block["type"])));
      return content.length === 0 ? [] : [{ ...message, content }];
    }),
    // Amid a loop of tools a turn that begins without thinking is only taken with thinking switched off; the newest models think unless they are told not to.
    ...(endsInResult(request["messages"]) && { thinking: { type: "disabled" } }),
  }),
  "openai-responses": (request) => ({
    ...request,
    ...(Array.isArray(request["input"]) && {
      input: objects(request["input"])
        .filter((item) => item["type"] !== "reasoning")
        // The names of items bind them to the reasoning that they were stored with.
        .map(({ id, ...item }) => (item["type"] === "item_reference" ? { ...item, ...(id !== undefined && { id }) } : item)),
    }),
  }),
  "gemini-generate": (request) => ({
    ...request,
    contents: objects(request["contents"]).map((content) => ({
      ...content,
      parts: objects(content["parts"])
        .filter((part) => part["thought"] !== true)
        .map(({ thoughtSignature: _, thought_signature: __, ...part }) =>
          part["functionCall"] === undefined ? part : { ...part, thoughtSignature: "skip_thought_signature_validator" },
        ),
    })),
  }),
  "ollama-chat": (request) => ({
    ...request,
    messages: objects(request["messages"]).map(({ thinking: _, ...message }) => message),
  }),
};

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function endsInResult(messages: Json | undefined): boolean {
  const content = objects(messages).at(-1)?.["content"];
  return objects(content).some((block) => block["type"] === "tool_result");
}
