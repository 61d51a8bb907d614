import type { Citation } from "../../ir/chat-parts.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";
import { COHERE_CHAT as WIRE } from "../wire-names.ts";

/** Whether a citation is about the answer's words. There are some about its plan and its thoughts, which have no citations elsewhere. */
export function isOfText(citation: Fields): boolean {
  const type = citation.json["type"];
  return type === undefined || type === "TEXT_CONTENT";
}

/**
 * Reads a citation: one for each of its sources.
 * @param base How long the text parts before the cited one are; the format counts within a part.
 */
export function decodeCitation(citation: Fields, base: number): Citation[] {
  const start = citation.numberMaybe("start");
  const end = citation.numberMaybe("end");
  const range = { ...(start !== undefined && { start: base + start }), ...(end !== undefined && { end: base + end }) };
  const native = (json: JsonObject): NonNullable<Citation["native"]> => ({ wire: WIRE, json });
  const sources = citation.objectsMaybe("sources") ?? [];
  if (sources.length === 0) return [{ ...range, native: native(citation.json) }];
  return sources.map((source) => ({
    ...decodeSource(source.objectMaybe("document") ?? source.objectMaybe("tool_output")),
    ...range,
    native: native({ ...citation.json, sources: [source.json] }),
  }));
}

/** A document is whatever the client made it, so only what is usual can be told. */
function decodeSource(document: Fields | undefined): Pick<Citation, "url" | "title" | "citedText"> {
  const textOf = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const value = document?.json[key];
      if (typeof value === "string" && value !== "") return value;
    }
    return undefined;
  };
  const [url, title, citedText] = [textOf("url"), textOf("title"), textOf("text", "snippet", "content")];
  return { ...(url && { url }), ...(title && { title }), ...(citedText && { citedText }) };
}
