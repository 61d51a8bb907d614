import type { ChatRequest, FunctionTool, Tool } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { shortToolName } from "../tool-names.ts";
import { COHERE_CHAT as WIRE } from "../wire-names.ts";

/** Writes `tools`, `strict_tools` and `tool_choice`. No single tool can be chosen here: what may be called is what is listed. */
export function encodeTools(request: ChatRequest, losses: Losses): JsonObject {
  const { toolChoice: choice } = request;
  const names = choice?.type === "tool" ? [choice.name] : choice?.type === "allowed" ? choice.names : undefined;
  const strict = isStrict(request.tools ?? []);
  const tools = (request.tools ?? []).flatMap((tool, index) => {
    if (names !== undefined && "name" in tool && !names.includes(tool.name)) return [];
    const json = encodeTool(tool, strict, `tools[${index}]`, losses);
    return json === undefined ? [] : [json];
  });
  if (choice?.type === "hosted") losses.add("toolChoice", "tool_choice", `Only ${choice.wire} knows this choice.`);
  if (tools.length === 0) return {};
  if (request.parallelToolCalls === false) losses.add("parallelToolCalls", "parallel_tool_calls", "Cohere has no such switch.");
  const isForced = choice?.type === "required" || choice?.type === "tool" || (choice?.type === "allowed" && choice.required);
  return {
    tools,
    ...(strict && { strict_tools: true }),
    ...(isForced && { tool_choice: "REQUIRED" }),
    ...(choice?.type === "none" && { tool_choice: "NONE" }),
  };
}

/** It is said for all tools at once, and refused if one of them has no parameter that is required. https://docs.cohere.com/docs/structured-outputs */
function isStrict(tools: readonly Tool[]): boolean {
  const isReady = ({ strict, parameters }: FunctionTool): boolean => {
    const required = parameters?.["required"];
    return strict === true && Array.isArray(required) && required.length > 0;
  };
  return tools.length > 0 && tools.every((tool) => tool.type === "function" && isReady(tool));
}

function encodeTool(tool: Tool, strict: boolean, path: string, losses: Losses): JsonObject | undefined {
  if (tool.type === "hosted" || tool.type === "web-search") {
    const what = tool.type === "hosted" ? String(tool.json["type"] ?? "tool") : "web_search";
    losses.add(path, what, "Cohere runs no tools by itself here.", "content");
    return undefined;
  }
  losses.addBags(tool.bags, WIRE, path);
  if (tool.cache !== undefined) losses.add(`${path}.cache`, "cache_control", "Cohere caches by itself and takes no marks.");
  const described = tool.description !== undefined && { description: tool.description };
  const head = { name: shortToolName(tool.name), ...described };
  if (tool.type === "function") {
    if (tool.strict === true && !strict)
      losses.add(
        `${path}.strict`,
        "strict",
        "Cohere holds either all tools to their schemas or none, and only those that require a parameter.",
      );
    return { type: "function", function: { ...head, parameters: tool.parameters ?? { type: "object", properties: {} } } };
  }
  // A tool that takes free text becomes a function of an object with that text in it.
  if (tool.format !== undefined && tool.format["type"] !== "text") losses.add(`${path}.format`, "format", "Cohere has no grammars.");
  const parameters = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };
  return { type: "function", function: { ...head, parameters } };
}
