import { bagOf, type ChatRequest, type CustomTool, type Tool, type ToolChoice, type WebSearchTool } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { shortToolName } from "../tool-names.ts";
import { OPENAI_CHAT as WIRE } from "../wire-names.ts";
import { encodeCacheMark, type PartContext } from "./encode-parts.ts";

/** Writes `tools`, `tool_choice` and `parallel_tool_calls`, all three or none: without tools the other two are refused, as is an empty list. */
export function encodeTools(request: ChatRequest, context: PartContext): JsonObject {
  const { losses } = context;
  const tools = (request.tools ?? [])
    .map((tool, index) => encodeTool(tool, `tools[${index}]`, context))
    .filter((tool) => tool !== undefined);
  const search = encodeWebSearch(request, losses);
  if (tools.length === 0) return search;
  const choice = encodeToolChoice(request.toolChoice, context);
  return {
    tools,
    ...(choice !== undefined && { tool_choice: choice }),
    ...(request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
    ...search,
  };
}

function encodeTool(tool: Tool, path: string, context: PartContext): JsonObject | undefined {
  switch (tool.type) {
    case "function": {
      const { name, description, parameters, strict } = tool;
      context.losses.addBags(tool.bags, WIRE, path);
      return {
        type: "function",
        function: {
          name: shortToolName(name),
          ...(description !== undefined && { description }),
          ...(parameters && { parameters }),
          ...(typeof strict === "boolean" && { strict }),
          ...bagOf(tool.bags, WIRE),
        },
        ...encodeCacheMark(tool.cache, path, context),
      };
    }
    case "custom":
      context.losses.addBags(tool.bags, WIRE, path);
      return context.customTools ? encodeCustom(tool) : encodePacked(tool, path, context.losses);
    case "web-search":
      return undefined; // Asked for beside the tools.
    case "hosted":
      if (tool.wire === WIRE) return tool.json;
      context.losses.add(path, String(tool.json["type"] ?? "tool"), `Only ${tool.wire} runs this tool.`, "content");
      return undefined;
    default:
      return tool satisfies never;
  }
}

function encodeCustom({ name, description, format }: CustomTool): JsonObject {
  const described = description !== undefined && { description };
  return { type: "custom", custom: { name: shortToolName(name), ...described, ...(format && { format: nestGrammar(format) }) } };
}

/** A tool that takes free text becomes a function of an object with that text in it. */
function encodePacked({ name, description, format }: CustomTool, path: string, losses: Losses): JsonObject {
  if (format !== undefined && format["type"] !== "text") losses.add(`${path}.format`, "format", "The provider has no grammars.");
  const parameters = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };
  return { type: "function", function: { name: shortToolName(name), ...(description !== undefined && { description }), parameters } };
}

/** The IR holds grammars flat, as the Responses format does; here they stand one level down. */
function nestGrammar(format: JsonObject): JsonObject {
  const { type, ...grammar } = format;
  return type === "grammar" ? { type, grammar } : format;
}

function encodeWebSearch(request: ChatRequest, losses: Losses): JsonObject {
  const index = request.tools?.findIndex((tool) => tool.type === "web-search") ?? -1;
  if (index === -1) return {};
  const tool = request.tools?.[index] as WebSearchTool; // Found by its type in the line above.
  losses.addBags(tool.bags, WIRE, `tools[${index}]`);
  for (const [key, name] of [
    ["usesMax", "max_uses"],
    ["domainsAllowed", "allowed_domains"],
    ["domainsBlocked", "blocked_domains"],
  ] as const) {
    if (tool[key] !== undefined) losses.add(`tools[${index}].${key}`, name, "OpenAI's chat format has no such switch.");
  }
  return {
    web_search_options: {
      ...(tool.contextSize !== undefined && { search_context_size: tool.contextSize }),
      ...(tool.location && { user_location: { type: "approximate", approximate: tool.location } }),
    },
  };
}

function encodeToolChoice(choice: ToolChoice | undefined, { customTools, losses }: PartContext): JsonObject | string | undefined {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case "auto":
    case "none":
    case "required":
      return choice.type;
    case "tool":
      if (choice.kind === "custom" && customTools) return { type: "custom", custom: { name: shortToolName(choice.name) } };
      return { type: "function", function: { name: shortToolName(choice.name) } };
    case "allowed":
      return {
        type: "allowed_tools",
        allowed_tools: {
          mode: choice.required ? "required" : "auto",
          tools: choice.names.map((name) => ({ type: "function", function: { name: shortToolName(name) } })),
        },
      };
    case "hosted":
      if (choice.wire === WIRE) return choice.json;
      losses.add("toolChoice", "tool_choice", `Only ${choice.wire} knows this choice.`);
      return undefined;
    default:
      return choice satisfies never;
  }
}
