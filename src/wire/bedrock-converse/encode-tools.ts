import type { ChatRequest, Tool, ToolChoice } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { shortToolName } from "../tool-names.ts";
import { BEDROCK_CONVERSE as WIRE } from "../wire-names.ts";
import { cachePoint } from "./encode-blocks.ts";
import type { ModelTraits } from "./traits.ts";

/** Writes `toolConfig`. A history that has calls in it is refused without one, so the tools of such are listed at least by name. */
export function encodeTools(request: ChatRequest, traits: ModelTraits, losses: Losses): JsonObject {
  const { toolChoice: choice } = request;
  const called = namesCalled(request);
  const isNone = choice?.type === "none";
  if (isNone && called.size === 0) return {};
  if (isNone && request.tools !== undefined)
    losses.add("toolChoice", "tool_choice", "Bedrock can not be told to call no tool once one was called.");
  const allowed = choice?.type === "allowed" ? new Set(choice.names) : undefined;
  const tools = (request.tools ?? []).flatMap((tool, index) => {
    if (allowed !== undefined && "name" in tool && !allowed.has(tool.name) && !called.has(tool.name)) return [];
    return encodeTool(tool, traits, `tools[${index}]`, losses);
  });
  if (tools.length === 0) tools.push(...[...called].map((name) => toolSpec(name, undefined, undefined)));
  if (tools.length === 0) return {};
  if (request.parallelToolCalls === false) losses.add("parallelToolCalls", "parallel_tool_calls", "Converse has no such switch.");
  const toolChoice = encodeChoice(choice, losses);
  return { toolConfig: { tools, ...(toolChoice && { toolChoice }) } };
}

function namesCalled({ messages }: ChatRequest): Set<string> {
  const names = new Set<string>();
  for (const { parts } of messages) for (const part of parts) if (part.type === "tool-call") names.add(part.name);
  return names;
}

function toolSpec(name: string, description: string | undefined, parameters: JsonObject | undefined, strict = false): JsonObject {
  const json = parameters ?? { type: "object", properties: {} };
  // An empty description is refused.
  const described = description !== undefined && description.trim() !== "" && { description };
  return { toolSpec: { name: shortToolName(name), ...described, inputSchema: { json }, ...(strict && { strict }) } };
}

function encodeTool(tool: Tool, traits: ModelTraits, path: string, losses: Losses): JsonObject[] {
  if (tool.type === "hosted" && tool.wire === WIRE) return [tool.json];
  if (tool.type === "hosted" || tool.type === "web-search") {
    const what = tool.type === "hosted" ? String(tool.json["type"] ?? "tool") : "web_search";
    losses.add(path, what, "Converse does not run this tool.", "content");
    return [];
  }
  losses.addBags(tool.bags, WIRE, path);
  const mark = cachePoint(tool.cache, traits, path, losses);
  const { name, description } = tool;
  if (tool.type === "function") {
    if (tool.strict === true && !traits.schemas)
      losses.add(`${path}.strict`, "strict", "On Bedrock the model does not hold calls to their schemas.");
    return [toolSpec(name, description, tool.parameters, tool.strict === true && traits.schemas), ...mark];
  }
  // A tool that takes free text becomes a function of an object with that text in it.
  if (tool.format !== undefined && tool.format["type"] !== "text") losses.add(`${path}.format`, "format", "Converse has no grammars.");
  return [toolSpec(name, description, { type: "object", properties: { input: { type: "string" } }, required: ["input"] }), ...mark];
}

function encodeChoice(choice: ToolChoice | undefined, losses: Losses): JsonObject | undefined {
  switch (choice?.type) {
    case undefined:
    case "none":
    // What happens anyway need not be said, and some models refuse to be told.
    case "auto":
      return undefined;
    case "required":
      return { any: {} };
    case "tool":
      return { tool: { name: shortToolName(choice.name) } };
    case "allowed":
      return choice.required ? { any: {} } : undefined;
    case "hosted":
      if (choice.wire === WIRE) return choice.json;
      losses.add("toolChoice", "tool_choice", `Only ${choice.wire} knows this choice.`);
      return undefined;
    default:
      return choice satisfies never;
  }
}
