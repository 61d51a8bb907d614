import type { Citation, Opaque } from "../../ir/chat-parts.ts";
import type { AssistantPart } from "../../ir/chat-parts.ts";
import { type Fields, textOf } from "../fields.ts";
import { ANTHROPIC_MESSAGES, BEDROCK_CONVERSE as WIRE } from "../wire-names.ts";

/** Reads a block of a whole answer; undefined if there is nothing in it. */
export function decodeBlock(block: Fields): AssistantPart | undefined {
  if (block.has("text")) {
    const text = block.string("text");
    return text === "" ? undefined : { type: "text", text };
  }
  if (block.has("reasoningContent")) return decodeReasoning(block.object("reasoningContent"));
  if (block.has("citationsContent")) return decodeCited(block.object("citationsContent"));
  const call = block.objectMaybe("toolUse");
  if (call === undefined || isServers(call)) return { type: "foreign", wire: WIRE, json: block.json };
  return {
    type: "tool-call",
    id: call.string("toolUseId"),
    name: call.string("name"),
    argumentsJson: call.has("input") ? textOf(call.object("input").json, call.at("input"), call.fault) : "",
  };
}

/** Whether the provider runs it by itself, so that it is no call of the client's. */
export function isServers(call: Fields): boolean {
  return call.json["type"] === "server_tool_use";
}

/** Signatures are Claude's, and good wherever Claude is served. https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
export function signatureOf(value: string): Opaque {
  return { issuer: ANTHROPIC_MESSAGES, kind: "signature", value };
}

/** Withheld for safety. */
export function redactedOf(value: string): Opaque {
  return { issuer: WIRE, kind: "redacted", value };
}

function decodeReasoning(reasoning: Fields): AssistantPart | undefined {
  const redacted = reasoning.stringMaybe("redactedContent");
  if (redacted !== undefined) return { type: "reasoning", texts: [], opaque: redactedOf(redacted) };
  const said = reasoning.object("reasoningText");
  const text = said.stringMaybe("text") ?? "";
  const signature = said.stringMaybe("signature");
  if (text === "" && !signature) return undefined;
  return { type: "reasoning", texts: text === "" ? [] : [{ form: "summary", text }], ...(signature && { opaque: signatureOf(signature) }) };
}

function decodeCited(cited: Fields): AssistantPart {
  const text = (cited.objectsMaybe("content") ?? []).map((piece) => piece.stringMaybe("text") ?? "").join("");
  const citations = (cited.objectsMaybe("citations") ?? []).map(decodeCitation);
  return { type: "text", text, ...(citations.length > 0 && { citations }) };
}

/** Reads a citation, which is about the whole of its block. */
export function decodeCitation(citation: Fields): Citation {
  const source = citation.stringMaybe("source");
  const title = citation.stringMaybe("title");
  const citedText = (citation.objectsMaybe("sourceContent") ?? []).map((piece) => piece.stringMaybe("text") ?? "").join("");
  const url =
    source !== undefined && /^https?:/.test(source) ? source : citation.objectMaybe("location")?.objectMaybe("web")?.stringMaybe("url");
  return {
    ...(url && { url }),
    ...(title && { title }),
    ...(citedText && { citedText }),
    native: { wire: WIRE, json: citation.json },
  };
}
