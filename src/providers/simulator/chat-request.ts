import { type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import { Refusal } from "./operation.ts";

/** What the simulator reads of a request for chat completions; anything else in it is let pass. */
export interface ChatAsk {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content?: Content }[];
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
  readonly n?: number | null;
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly tools?: readonly Tool[] | null;
  readonly tool_choice?: "none" | "auto" | "required" | { readonly type: "function"; readonly function: { readonly name: string } } | null;
  readonly parallel_tool_calls?: boolean | null;
  readonly response_format?:
    | { readonly type: "text" | "json_object" }
    | { readonly type: "json_schema"; readonly json_schema: { readonly name: string; readonly schema?: unknown } }
    | null;
}

/** The content of a message: a text, or parts of which some are texts. */
export type Content = string | readonly { readonly type: string; readonly text?: string }[] | null;

interface Tool {
  readonly type: "function";
  readonly function: { readonly name: string; readonly parameters?: unknown };
}

const content = Type.Union([
  Type.String(),
  Type.Null(),
  Type.Array(Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) })),
]);
const message = Type.Object({
  role: Type.Enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: Type.Optional(content),
});
const tool = Type.Object({
  type: Type.Literal("function"),
  function: Type.Object({ name: Type.String({ minLength: 1 }), parameters: Type.Optional(Type.Unknown()) }),
});
const toolChoice = Type.Union([
  Type.Enum(["none", "auto", "required"]),
  Type.Object({ type: Type.Literal("function"), function: Type.Object({ name: Type.String() }) }),
]);
const responseFormat = Type.Union([
  Type.Object({ type: Type.Enum(["text", "json_object"]) }),
  Type.Object({
    type: Type.Literal("json_schema"),
    json_schema: Type.Object({ name: Type.String(), schema: Type.Optional(Type.Unknown()) }),
  }),
]);
const nullable = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]));
const request = Type.Object({
  model: Type.String({ minLength: 1 }),
  messages: Type.Array(message, { minItems: 1 }),
  stream: nullable(Type.Boolean()),
  stream_options: nullable(Type.Object({ include_usage: Type.Optional(Type.Boolean()) })),
  n: nullable(Type.Integer({ minimum: 1, maximum: 128 })),
  max_tokens: nullable(Type.Integer({ minimum: 1 })),
  max_completion_tokens: nullable(Type.Integer({ minimum: 1 })),
  stop: nullable(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 4 })])),
  temperature: nullable(Type.Number({ minimum: 0, maximum: 2 })),
  tools: nullable(Type.Array(tool, { minItems: 1 })),
  tool_choice: nullable(toolChoice),
  parallel_tool_calls: nullable(Type.Boolean()),
  response_format: nullable(responseFormat),
});
const compiled = Compile(request);

/** @throws {Refusal} As OpenAI refuses, naming the first field at fault. */
export function readChatRequest(body: unknown): ChatAsk {
  if (compiled.Check(body)) return requireTools(body);
  const given: Readonly<Record<string, unknown>> = typeof body === "object" && body !== null ? { ...body } : {};
  if (given["model"] === undefined || given["model"] === "") throw new Refusal(400, "you must provide a model parameter");
  if (given["messages"] === undefined) {
    throw new Refusal(400, "Missing required parameter: 'messages'.", { param: "messages", code: "missing_required_parameter" });
  }
  if (Array.isArray(given["messages"]) && given["messages"].length === 0) {
    const message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    throw new Refusal(400, message, { param: "messages", code: "empty_array" });
  }
  // Of a choice that fits nowhere every branch is reported; the shortest path names the field itself.
  const [fault] = [...compiled.Errors(body)].sort((a, b) => a.instancePath.length - b.instancePath.length);
  const param = fieldOf(fault?.instancePath ?? "");
  throw new Refusal(400, `Invalid value for '${param}': ${fault?.message ?? "it can not be read"}.`, { param, code: "invalid_value" });
}

function requireTools(ask: ChatAsk): ChatAsk {
  const names = (ask.tools ?? []).map((tool) => tool.function.name);
  if (ask.tool_choice && ask.tool_choice !== "none" && names.length === 0) {
    throw new Refusal(400, "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", {
      param: "tool_choice",
    });
  }
  if (typeof ask.tool_choice === "object" && ask.tool_choice !== null && !names.includes(ask.tool_choice.function.name)) {
    const message = `Tool choice '${ask.tool_choice.function.name}' not found in 'tools' parameter.`;
    throw new Refusal(400, message, { param: "tool_choice" });
  }
  return ask;
}

/** `/messages/0/role` as OpenAI writes it: `messages[0].role`. */
function fieldOf(pointer: string): string {
  return pointer
    .slice(1)
    .replace(/\/(\d+)(?=\/|$)/g, "[$1]")
    .replaceAll("/", ".");
}
