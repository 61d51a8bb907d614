import type { AnswerFormat } from "../ir/chat.ts";
import type { Fields } from "./fields.ts";

/** Reads a schema with its name: in OpenAI's chat format it stands one level down, with Responses beside the type. */
export function decodeSchema(schema: Fields): AnswerFormat {
  const name = schema.stringMaybe("name");
  const description = schema.stringMaybe("description");
  const strict = schema.booleanMaybe("strict");
  return {
    type: "json-schema",
    schema: schema.objectMaybe("schema")?.json ?? {},
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}
