import { bag, type FunctionTool, type Tool, type ToolChoice } from "../../ir/chat.ts";
import type { JsonObject } from "../../ir/json.ts";
import { Fields } from "../fields.ts";
import { GEMINI_GENERATE as WIRE } from "../wire-names.ts";
import { decodeSchema } from "./decode-schema.ts";
import { camelFields, camelList, camelObject } from "./spelling.ts";

const FUNCTION = new Set(["name", "description", "parameters", "parametersJsonSchema"]);
const CALLING = new Set(["mode", "allowedFunctionNames"]);

/** Reads `tools`; undefined if there are none. One object may hold several, and all functions of the client. */
export function decodeTools(body: Fields): Tool[] | undefined {
  const tools = camelList(body, "tools").flatMap(decodeTool);
  return tools.length === 0 ? undefined : tools;
}

function decodeTool(tool: Fields): Tool[] {
  return Object.keys(tool.json).flatMap((key): Tool[] => {
    if (!tool.has(key)) return [];
    if (key === "functionDeclarations") return camelList(tool, key).map(decodeFunction);
    if (key === "googleSearch") return [decodeSearch(tool)];
    return [{ type: "hosted", wire: WIRE, json: { [key]: tool.json[key] } }];
  });
}

function decodeFunction(declaration: Fields): FunctionTool {
  const description = declaration.stringMaybe("description");
  const own = declaration.objectMaybe("parameters")?.json;
  const parameters = declaration.objectMaybe("parametersJsonSchema")?.json ?? (own && decodeSchema(own));
  const bags = bag(WIRE, declaration.rest(FUNCTION));
  return {
    type: "function",
    name: declaration.string("name"),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(bags && { bags }),
  };
}

function decodeSearch(tool: Fields): Tool {
  const search = camelObject(tool, "googleSearch");
  const domainsBlocked = search?.stringsMaybe("excludeDomains");
  const bags = bag(WIRE, search?.rest(new Set(["excludeDomains"])));
  return { type: "web-search", ...(domainsBlocked && { domainsBlocked }), ...(bags && { bags }) };
}

/** What `toolConfig` comes to. */
interface DecodedToolConfig {
  readonly toolChoice?: ToolChoice;
  /** What only this format knows of it. */
  readonly rest?: JsonObject;
}

/** Reads `toolConfig`. */
export function decodeToolConfig(body: Fields): DecodedToolConfig {
  const config = camelObject(body, "toolConfig");
  if (config === undefined) return {};
  const calling = camelObject(config, "functionCallingConfig");
  const mode = calling?.stringMaybe("mode")?.toUpperCase();
  const callingRest = { ...calling?.rest(CALLING), ...(mode === "VALIDATED" && { mode }) };
  const configRest = config.rest(new Set(["functionCallingConfig"]));
  const rest = { ...configRest, ...(Object.keys(callingRest).length > 0 && { functionCallingConfig: callingRest }) };
  const toolChoice = calling && decodeChoice(calling, mode);
  return { ...(toolChoice && { toolChoice }), ...(Object.keys(rest).length > 0 && { rest }) };
}

function decodeChoice(calling: Fields, mode: string | undefined): ToolChoice | undefined {
  const names = calling.stringsMaybe("allowedFunctionNames") ?? [];
  switch (mode) {
    case undefined:
    case "MODE_UNSPECIFIED":
      return names.length === 0 ? undefined : { type: "allowed", names, required: false };
    case "AUTO":
    case "VALIDATED":
      return names.length === 0 ? { type: "auto" } : { type: "allowed", names, required: false };
    case "NONE":
      return { type: "none" };
    case "ANY": {
      const [only, second] = names;
      if (only === undefined) return { type: "required" };
      return second === undefined ? { type: "tool", name: only } : { type: "allowed", names, required: true };
    }
    default:
      throw Fields.of(calling.json, calling.path, calling.fault).wrong("mode", '"AUTO", "ANY", "NONE" or "VALIDATED"');
  }
}

/** The fields of `generationConfig`, in camel case. */
export function generationConfigOf(body: Fields): Fields {
  return camelObject(body, "generationConfig") ?? camelFields(Fields.of({}, "generationConfig", body.fault));
}
