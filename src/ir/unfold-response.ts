import type { ChatEvent } from "./chat-events.ts";
import type { AssistantPart } from "./chat-parts.ts";
import type { ChatResponse } from "./chat.ts";

/** Makes a stream of a whole answer, for clients that asked for one where the provider (or a cache) has none to give. Folding it gives the answer back. */
export function* unfoldResponse(response: ChatResponse): Generator<ChatEvent, void, undefined> {
  const { choices, usage, ...head } = response;
  yield { type: "start", ...head };
  for (const [choice, { parts, finish }] of choices.entries()) {
    for (const [part, content] of parts.entries()) yield* unfoldPart(choice, part, content);
    yield { type: "finish", choice, finish };
  }
  if (usage !== undefined) yield { type: "usage", usage };
  yield { type: "end" };
}

function* unfoldPart(choice: number, part: number, content: AssistantPart): Generator<ChatEvent, void, undefined> {
  const at = { choice, part };
  switch (content.type) {
    case "text": {
      const { citations, logprobs, text, ...start } = content;
      yield { type: "part-start", ...at, content: { ...start, text: "" } };
      for (const citation of citations ?? []) yield { type: "citation", ...at, citation };
      if (text !== "" || logprobs !== undefined) yield { type: "text-delta", ...at, text, ...(logprobs !== undefined && { logprobs }) };
      break;
    }
    case "refusal":
      yield { type: "part-start", ...at, content: { ...content, text: "" } };
      if (content.text !== "") yield { type: "text-delta", ...at, text: content.text };
      break;
    case "reasoning": {
      const { texts, opaque, ...start } = content;
      // What was withheld for safety is known as such from the start; formats have a block of its own for it.
      yield { type: "part-start", ...at, content: { ...start, texts: [], ...(opaque?.kind === "redacted" && { opaque }) } };
      for (const [piece, { form, text }] of texts.entries()) yield { type: "reasoning-delta", ...at, piece, form, text };
      if (opaque !== undefined && opaque.kind !== "redacted") yield { type: "opaque", ...at, opaque };
      break;
    }
    case "tool-call": {
      const { argumentsJson, opaque, ...start } = content;
      yield { type: "part-start", ...at, content: { ...start, argumentsJson: "" } };
      if (argumentsJson !== "") yield { type: "arguments-delta", ...at, json: argumentsJson };
      if (opaque !== undefined) yield { type: "opaque", ...at, opaque };
      break;
    }
    case "foreign":
      yield { type: "part-start", ...at, content };
      yield { type: "part-end", ...at, json: content.json };
      return;
    default:
      content satisfies never;
  }
  yield { type: "part-end", ...at };
}
