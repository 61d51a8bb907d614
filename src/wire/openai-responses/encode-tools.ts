import { bagOf, type ChatRequest, type Tool, type ToolChoice } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { shortToolName } from "../tool-names.ts";
import { OPENAI_RESPONSES as WIRE } from "../wire-names.ts";

/** Writes `tools`, `tool_choice` and `parallel_tool_calls`; without tools, nothing. */
export function encodeTools(request: Pick<ChatRequest, "tools" | "toolChoice" | "parallelToolCalls">, losses: Losses): JsonObject {
  const tools = (request.tools ?? [])
    .map((tool, index) => encodeTool(tool, `tools[${index}]`, losses))
    .filter((tool) => tool !== undefined);
  if (tools.length === 0) return {};
  const customNames = new Set((request.tools ?? []).filter((tool) => tool.type === "custom").map((tool) => tool.name));
  const choice = encodeToolChoice(request.toolChoice, customNames, losses);
  return {
    tools,
    ...(choice !== undefined && { tool_choice: choice }),
    ...(request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
  };
}

/** Writes one tool; undefined if it has no form here. */
function encodeTool(tool: Tool, path: string, losses: Losses): JsonObject | undefined {
  if (tool.type === "hosted") {
    if (tool.wire === WIRE) return tool.json;
    losses.add(path, String(tool.json["type"] ?? "tool"), `Only ${tool.wire} runs this tool.`, "content");
    return undefined;
  }
  losses.addBags(tool.bags, WIRE, path);
  if (tool.cache !== undefined) losses.add(`${path}.cache`, "cache_control", "The Responses format has no such mark on tools.");
  const rest = bagOf(tool.bags, WIRE);
  switch (tool.type) {
    case "function": {
      const { name, description, parameters = { type: "object", properties: {} }, strict } = tool;
      const described = description !== undefined && { description };
      // To say nothing would ask for strict arguments here, which no other format means by it.
      return {
        type: "function",
        name: shortToolName(name),
        ...described,
        parameters,
        ...(strict !== "where-possible" && { strict: strict ?? false }),
        ...rest,
      };
    }
    case "custom": {
      const { name, description, format } = tool;
      return {
        type: "custom",
        name: shortToolName(name),
        ...(description !== undefined && { description }),
        ...(format && { format }),
        ...rest,
      };
    }
    case "web-search": {
      if (tool.usesMax !== undefined) losses.add(`${path}.usesMax`, "max_uses", "OpenAI's search has no such switch.");
      const filters = {
        ...(tool.domainsAllowed && { allowed_domains: tool.domainsAllowed }),
        ...(tool.domainsBlocked && { blocked_domains: tool.domainsBlocked }),
      };
      return {
        type: "web_search",
        ...(tool.contextSize !== undefined && { search_context_size: tool.contextSize }),
        ...(tool.location && { user_location: { type: "approximate", ...tool.location } }),
        ...(Object.keys(filters).length > 0 && { filters }),
        ...rest,
      };
    }
    default:
      return tool satisfies never;
  }
}

function encodeToolChoice(
  choice: ToolChoice | undefined,
  customNames: ReadonlySet<string>,
  losses: Losses,
): JsonObject | string | undefined {
  const typeOf = (name: string): string => (customNames.has(name) ? "custom" : "function");
  switch (choice?.type) {
    case undefined:
      return undefined;
    case "auto":
    case "none":
    case "required":
      return choice.type;
    case "tool":
      return { type: choice.kind ?? typeOf(choice.name), name: shortToolName(choice.name) };
    case "allowed":
      return {
        type: "allowed_tools",
        mode: choice.required ? "required" : "auto",
        tools: choice.names.map((name) => ({ type: typeOf(name), name: shortToolName(name) })),
      };
    case "hosted":
      if (choice.wire === WIRE) return choice.json;
      losses.add("toolChoice", "tool_choice", `Only ${choice.wire} knows this choice.`);
      return undefined;
    default:
      return choice satisfies never;
  }
}
