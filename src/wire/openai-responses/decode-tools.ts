import { bag, type FunctionTool, type Tool, type ToolChoice, type WebSearchTool } from "../../ir/chat.ts";
import type { Fields } from "../fields.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";

const FUNCTION = new Set(["type", "name", "description", "parameters", "strict"]);
const CUSTOM = new Set(["type", "name", "description", "format"]);
const WEB_SEARCH = new Set(["search_context_size", "user_location", "filters"]);

/** Reads one tool. */
export function decodeTool(tool: Fields): Tool {
  const type = tool.string("type");
  if (type === "function") return decodeFunction(tool);
  if (type === "custom") {
    const description = tool.stringMaybe("description");
    const format = tool.objectMaybe("format")?.json;
    const bags = bag(WIRE, tool.rest(CUSTOM));
    const name = tool.string("name");
    return { type, name, ...(description !== undefined && { description }), ...(format && { format }), ...(bags && { bags }) };
  }
  if (type.startsWith("web_search")) return decodeWebSearch(tool);
  return { type: "hosted", wire: WIRE, json: tool.json };
}

function decodeFunction(tool: Fields): FunctionTool {
  const description = tool.stringMaybe("description");
  const parameters = tool.objectMaybe("parameters")?.json;
  const bags = bag(WIRE, tool.rest(FUNCTION));
  return {
    type: "function",
    name: tool.string("name"),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    // Measured: absent means strict where the schema allows it, null means not strict.
    strict: tool.json["strict"] === undefined ? "where-possible" : (tool.booleanMaybe("strict") ?? false),
    ...(bags && { bags }),
  };
}

function decodeWebSearch(tool: Fields): WebSearchTool {
  const contextSize = tool.stringMaybe("search_context_size");
  const location = tool.objectMaybe("user_location")?.rest(new Set(["type"]));
  const filters = tool.objectMaybe("filters");
  const domainsAllowed = filters?.stringsMaybe("allowed_domains");
  const domainsBlocked = filters?.stringsMaybe("blocked_domains");
  const bags = bag(WIRE, tool.rest(WEB_SEARCH)); // Holds `type`, which is the version of the tool.
  return {
    type: "web-search",
    ...(contextSize !== undefined && { contextSize }),
    ...(location && { location }),
    ...(domainsAllowed && { domainsAllowed }),
    ...(domainsBlocked && { domainsBlocked }),
    ...(bags && { bags }),
  };
}

/** Reads `tool_choice`. */
export function decodeToolChoice(body: Fields): ToolChoice | undefined {
  if (!body.has("tool_choice")) return undefined;
  const value = body.json["tool_choice"];
  if (value === "auto" || value === "none" || value === "required") return { type: value };
  if (typeof value === "string") throw body.wrong("tool_choice", '"none", "auto", "required" or an object');
  const choice = body.object("tool_choice");
  switch (choice.string("type")) {
    case "function":
      return { type: "tool", name: choice.string("name") };
    case "custom":
      return { type: "tool", name: choice.string("name"), kind: "custom" };
    case "allowed_tools":
      return decodeAllowed(choice);
    default:
      return { type: "hosted", wire: WIRE, json: choice.json };
  }
}

function decodeAllowed(choice: Fields): ToolChoice {
  const names = choice.objects("tools").map((tool) => tool.stringMaybe("name"));
  if (names.some((name) => name === undefined)) return { type: "hosted", wire: WIRE, json: choice.json };
  return { type: "allowed", names: names.filter((name) => name !== undefined), required: choice.stringMaybe("mode") === "required" };
}
