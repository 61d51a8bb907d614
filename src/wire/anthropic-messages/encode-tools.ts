import {
  bagOf,
  type ChatRequest,
  type CustomTool,
  type FunctionTool,
  type Tool,
  type ToolChoice,
  type WebSearchTool,
} from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { encodeCacheMark } from "./encode-blocks.ts";
import { ANTHROPIC_MESSAGES as WIRE } from "../wire-names.ts";

/** Writes `tools` and `tool_choice`; nothing at all if there are no tools, since a choice alone is refused. */
export function encodeTools(request: ChatRequest, losses: Losses): JsonObject {
  const { toolChoice } = request;
  const names = toolChoice?.type === "allowed" ? new Set(toolChoice.names) : undefined;
  const tools = (request.tools ?? [])
    .filter((tool) => names === undefined || !("name" in tool) || names.has(tool.name))
    .map((tool, index) => encodeTool(tool, `tools[${index}]`, losses))
    .filter((tool) => tool !== undefined);
  if (tools.length === 0) return {};
  const choice = encodeToolChoice(toolChoice, request.parallelToolCalls, losses);
  return { tools, ...(choice && { tool_choice: choice }) };
}

function encodeTool(tool: Tool, path: string, losses: Losses): JsonObject | undefined {
  if (tool.type === "hosted") {
    if (tool.wire === WIRE) return tool.json;
    losses.add(path, String(tool.json["type"] ?? "tool"), `Only ${tool.wire} runs this tool.`, "content");
    return undefined;
  }
  losses.addBags(tool.bags, WIRE, path);
  const cache = tool.cache && { cache_control: encodeCacheMark(tool.cache) };
  switch (tool.type) {
    case "function":
      return { ...encodeFunction(tool), ...cache, ...bagOf(tool.bags, WIRE) };
    case "custom":
      return { ...encodeCustom(tool, path, losses), ...cache, ...bagOf(tool.bags, WIRE) };
    case "web-search":
      if (tool.contextSize !== undefined)
        losses.add(`${path}.contextSize`, "search_context_size", "Anthropic's search has no such switch.");
      return { type: "web_search_20250305", ...encodeWebSearch(tool), ...cache, ...bagOf(tool.bags, WIRE) };
    default:
      return tool satisfies never;
  }
}

function encodeFunction({ name, description, parameters, strict }: FunctionTool): JsonObject {
  return {
    name,
    ...(description !== undefined && { description }),
    // The schema must say that it is an object, which OpenAI does not ask for.
    input_schema: parameters === undefined ? { type: "object", properties: {} } : { type: "object", ...parameters },
    ...(typeof strict === "boolean" && { strict }),
  };
}

/** A tool that takes free text becomes one that takes an object with that text in it. */
function encodeCustom(tool: CustomTool, path: string, losses: Losses): JsonObject {
  if (tool.format !== undefined && tool.format["type"] !== "text")
    losses.add(`${path}.format`, "format", "The Messages format has no grammars.");
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
  };
}

function encodeWebSearch(tool: WebSearchTool): JsonObject {
  return {
    name: "web_search",
    ...(tool.usesMax !== undefined && { max_uses: tool.usesMax }),
    ...(tool.domainsAllowed && { allowed_domains: tool.domainsAllowed }),
    ...(tool.domainsBlocked && { blocked_domains: tool.domainsBlocked }),
    ...(tool.location && { user_location: { type: "approximate", ...tool.location } }),
  };
}

function encodeToolChoice(choice: ToolChoice | undefined, parallel: boolean | undefined, losses: Losses): JsonObject | undefined {
  const single = parallel === false && { disable_parallel_tool_use: true };
  if (choice === undefined) return parallel === false ? { type: "auto", ...single } : undefined;
  switch (choice.type) {
    case "auto":
      return { type: "auto", ...single };
    case "none":
      return { type: "none" };
    case "required":
      return { type: "any", ...single };
    case "tool":
      return { type: "tool", name: choice.name, ...single };
    case "allowed":
      return { type: choice.required ? "any" : "auto", ...single };
    case "hosted":
      if (choice.wire === WIRE) return choice.json;
      losses.add("toolChoice", "tool_choice", `Only ${choice.wire} knows this choice.`);
      return undefined;
    default:
      return choice satisfies never;
  }
}
