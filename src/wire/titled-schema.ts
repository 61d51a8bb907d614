import type { AnswerFormat } from "../ir/chat.ts";
import type { JsonObject } from "../ir/json.ts";

/** The schema of an answer with its name and description in it, for formats that have no other place for them. */
export function titledSchema({ schema, name, description }: Extract<AnswerFormat, { type: "json-schema" }>): JsonObject {
  return {
    ...schema,
    ...(name !== undefined && schema["title"] === undefined && { title: name }),
    ...(description !== undefined && schema["description"] === undefined && { description }),
  };
}
