import { bagOf, type ChatRequest, type CustomTool, type FunctionTool, type Tool, type ToolChoice } from "../../ir/chat.ts";
import { isJsonObject, type Json, type JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { shortToolName } from "../tool-names.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { encodeSchema } from "./encode-schema.ts";
import { noteCache } from "./encode-parts.ts";

/** Writes `tools` and `toolConfig`. All functions of the client stand in one object. */
export function encodeTools(request: ChatRequest, configRest: Json | undefined, losses: Losses): JsonObject {
  const functions: JsonObject[] = [];
  const tools: JsonObject[] = [];
  for (const [index, tool] of (request.tools ?? []).entries()) {
    const path = `tools[${index}]`;
    if (tool.type === "function" || tool.type === "custom") {
      if (functions.length === 0) tools.push({ functionDeclarations: functions });
      functions.push(encodeFunction(tool, path, losses));
      continue;
    }
    const written = encodeOther(tool, path, losses);
    if (written !== undefined) tools.push(written);
  }
  if (tools.length === 0) return {};
  if (request.parallelToolCalls === false) losses.add("parallelToolCalls", "parallel_tool_calls", "Gemini has no such switch.");
  const config = encodeConfig(functions.length === 0 ? undefined : request.toolChoice, configRest, losses);
  return { tools, ...(config && { toolConfig: config }) };
}

function encodeFunction(tool: FunctionTool | CustomTool, path: string, losses: Losses): JsonObject {
  losses.addBags(tool.bags, WIRE, path);
  noteCache(tool.cache, path, losses);
  const parameters = tool.type === "function" ? encodeParameters(tool, path, losses) : encodePacked(tool, path, losses);
  return {
    name: shortToolName(tool.name),
    ...(tool.description !== undefined && { description: tool.description }),
    ...(parameters && { parametersJsonSchema: parameters }),
    ...bagOf(tool.bags, WIRE),
  };
}

function encodeParameters({ parameters, strict }: FunctionTool, path: string, losses: Losses): JsonObject | undefined {
  if (strict === true) losses.add(`${path}.strict`, "strict", "Gemini does not hold single functions to their schemas.");
  return parameters && encodeSchema(parameters, `${path}.parameters`, losses);
}

/** A tool that takes free text becomes a function of an object with that text in it. */
function encodePacked({ format }: CustomTool, path: string, losses: Losses): JsonObject {
  if (format !== undefined && format["type"] !== "text") losses.add(`${path}.format`, "format", "Gemini has no grammars.");
  return { type: "object", properties: { input: { type: "string" } }, required: ["input"] };
}

function encodeOther(tool: Exclude<Tool, FunctionTool | CustomTool>, path: string, losses: Losses): JsonObject | undefined {
  if (tool.type === "hosted") {
    if (tool.wire === WIRE) return tool.json;
    losses.add(path, String(tool.json["type"] ?? "tool"), `Only ${tool.wire} runs this tool.`, "content");
    return undefined;
  }
  losses.addBags(tool.bags, WIRE, path);
  noteCache(tool.cache, path, losses);
  for (const [key, name] of [
    ["contextSize", "search_context_size"],
    ["usesMax", "max_uses"],
    ["domainsAllowed", "allowed_domains"],
    ["location", "user_location"],
  ] as const) {
    if (tool[key] !== undefined) losses.add(`${path}.${key}`, name, "Google's search has no such switch.");
  }
  return { googleSearch: { ...(tool.domainsBlocked && { excludeDomains: tool.domainsBlocked }), ...bagOf(tool.bags, WIRE) } };
}

function encodeConfig(choice: ToolChoice | undefined, rest: Json | undefined, losses: Losses): JsonObject | undefined {
  const { functionCallingConfig: callingRest, ...others } = isJsonObject(rest) ? rest : {};
  const calling = { ...encodeChoice(choice, losses), ...(isJsonObject(callingRest) && callingRest) };
  const config = { ...(Object.keys(calling).length > 0 && { functionCallingConfig: calling }), ...others };
  return Object.keys(config).length === 0 ? undefined : config;
}

function encodeChoice(choice: ToolChoice | undefined, losses: Losses): JsonObject {
  switch (choice?.type) {
    case undefined:
      return {};
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [shortToolName(choice.name)] };
    case "allowed":
      // Names are only taken where calls are checked.
      return { mode: choice.required ? "ANY" : "VALIDATED", allowedFunctionNames: choice.names.map(shortToolName) };
    case "hosted":
      losses.add("toolChoice", "tool_choice", `Only ${choice.wire} knows this choice.`);
      return {};
    default:
      return choice satisfies never;
  }
}
