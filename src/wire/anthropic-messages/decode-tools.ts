import { bag, type FunctionTool, type Tool, type ToolChoice, type WebSearchTool } from "../../ir/chat.ts";
import type { Fields } from "../fields.ts";
import { decodeCacheMark } from "./decode-blocks.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

const FUNCTION = new Set(["type", "name", "description", "input_schema", "strict", "cache_control"]);
const WEB_SEARCH = new Set(["name", "max_uses", "allowed_domains", "blocked_domains", "user_location", "cache_control"]);

/** Reads one tool: the client's own, Anthropic's search, or another one that Anthropic knows by heart. */
export function decodeTool(tool: Fields): Tool {
  const type = tool.stringMaybe("type") ?? "custom";
  if (type === "custom") return decodeFunction(tool);
  if (type.startsWith("web_search_")) return decodeWebSearch(tool);
  return { type: "hosted", wire: WIRE, json: tool.json };
}

function decodeFunction(tool: Fields): FunctionTool {
  const description = tool.stringMaybe("description");
  const parameters = tool.objectMaybe("input_schema")?.json;
  const strict = tool.booleanMaybe("strict");
  const cache = decodeCacheMark(tool);
  const bags = bag(WIRE, tool.rest(FUNCTION));
  return {
    type: "function",
    name: tool.string("name"),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
    ...(cache && { cache }),
    ...(bags && { bags }),
  };
}

function decodeWebSearch(tool: Fields): WebSearchTool {
  const usesMax = tool.numberMaybe("max_uses");
  const domainsAllowed = tool.stringsMaybe("allowed_domains");
  const domainsBlocked = tool.stringsMaybe("blocked_domains");
  const location = tool.objectMaybe("user_location")?.rest(new Set(["type"]));
  const cache = decodeCacheMark(tool);
  const bags = bag(WIRE, tool.rest(WEB_SEARCH)); // Holds `type`, which is the version of the tool.
  return {
    type: "web-search",
    ...(usesMax !== undefined && { usesMax }),
    ...(domainsAllowed && { domainsAllowed }),
    ...(domainsBlocked && { domainsBlocked }),
    ...(location && { location }),
    ...(cache && { cache }),
    ...(bags && { bags }),
  };
}

/** Reads `tool_choice`, without its switch for parallel calls. */
export function decodeToolChoice(choice: Fields): ToolChoice {
  switch (choice.string("type")) {
    case "auto":
      return { type: "auto" };
    case "any":
      return { type: "required" };
    case "none":
      return { type: "none" };
    case "tool":
      return { type: "tool", name: choice.string("name") };
    default:
      return { type: "hosted", wire: WIRE, json: choice.json };
  }
}
