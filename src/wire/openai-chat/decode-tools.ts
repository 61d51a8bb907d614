import { bag, type FunctionTool, type Tool, type ToolChoice, type WebSearchTool } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { decodeCacheMark } from "./decode-parts.ts";

const FUNCTION = new Set(["name", "description", "parameters", "strict", "cache_control"]);

/** Reads `tools`, the old `functions`, and the search that this format asks for beside its tools. */
export function decodeTools(body: Fields): Tool[] | undefined {
  const tools: Tool[] = [
    ...(body.objectsMaybe("tools")?.map(decodeTool) ?? []),
    ...(body.objectsMaybe("functions")?.map((tool) => decodeFunction(tool, tool)) ?? []),
    ...decodeWebSearch(body.objectMaybe("web_search_options")),
  ];
  return tools.length === 0 && !body.has("tools") ? undefined : tools;
}

function decodeTool(tool: Fields): Tool {
  // Without a type, as some clients of Mistral send it, it is a function.
  switch (tool.stringMaybe("type") ?? "function") {
    case "function":
      return decodeFunction(tool.object("function"), tool);
    case "custom": {
      const custom = tool.object("custom");
      const description = custom.stringMaybe("description");
      const format = flatGrammar(custom.objectMaybe("format"));
      return { type: "custom", name: custom.string("name"), ...(description !== undefined && { description }), ...(format && { format }) };
    }
    default:
      return { type: "hosted", wire: WIRE, json: tool.json };
  }
}

/** Grammars stand one level down here; the IR holds them flat, as the Responses format does. */
function flatGrammar(format: Fields | undefined): JsonObject | undefined {
  const grammar = format?.objectMaybe("grammar")?.json;
  return grammar === undefined ? format?.json : { type: "grammar", ...grammar };
}

function decodeFunction(definition: Fields, tool: Fields): FunctionTool {
  const description = definition.stringMaybe("description");
  const parameters = definition.objectMaybe("parameters")?.json;
  const strict = definition.booleanMaybe("strict");
  const cache = decodeCacheMark(tool) ?? decodeCacheMark(definition);
  const bags = bag(WIRE, definition.rest(FUNCTION));
  return {
    type: "function",
    name: definition.string("name"),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
    ...(cache && { cache }),
    ...(bags && { bags }),
  };
}

function decodeWebSearch(options: Fields | undefined): WebSearchTool[] {
  if (options === undefined) return [];
  const contextSize = options.stringMaybe("search_context_size");
  const location = options.objectMaybe("user_location")?.objectMaybe("approximate")?.json;
  return [{ type: "web-search", ...(contextSize !== undefined && { contextSize }), ...(location && { location }) }];
}

/** Reads `tool_choice`, or the old `function_call`. */
export function decodeToolChoice(body: Fields): ToolChoice | undefined {
  const key = body.has("tool_choice") ? "tool_choice" : "function_call";
  if (!body.has(key)) return undefined;
  if (typeof body.json[key] === "string") return decodeMode(body, key);
  const choice = body.object(key);
  switch (choice.stringMaybe("type")) {
    case "function":
      return { type: "tool", name: choice.object("function").string("name") };
    case "custom":
      return { type: "tool", name: choice.object("custom").string("name"), kind: "custom" };
    case "allowed_tools":
      return decodeAllowed(choice.object("allowed_tools"), choice);
    case undefined:
      return { type: "tool", name: (choice.objectMaybe("function") ?? choice).string("name") };
    default:
      return { type: "hosted", wire: WIRE, json: choice.json };
  }
}

function decodeMode(body: Fields, key: string): ToolChoice {
  switch (body.string(key)) {
    case "auto":
      return { type: "auto" };
    case "none":
      return { type: "none" };
    case "required":
    case "any": // Mistral's word.
      return { type: "required" };
    default:
      throw body.wrong(key, '"none", "auto", "required" or an object');
  }
}

function decodeAllowed(allowed: Fields, choice: Fields): ToolChoice {
  const names = allowed.objects("tools").map((tool) => (tool.objectMaybe("function") ?? tool.objectMaybe("custom"))?.stringMaybe("name"));
  if (names.some((name) => name === undefined)) return { type: "hosted", wire: WIRE, json: choice.json };
  return { type: "allowed", names: names.filter((name) => name !== undefined), required: allowed.stringMaybe("mode") === "required" };
}
