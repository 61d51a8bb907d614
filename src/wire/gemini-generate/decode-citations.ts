import type { Citation } from "../../ir/chat-parts.ts";
import { charactersOf } from "../text-length.ts";
import type { Fields } from "../fields.ts";

/**
 * Reads what grounding says of the sources of a text. Its offsets are bytes of UTF-8, counted from the beginning of the answer.
 * https://ai.google.dev/gemini-api/docs/google-search
 */
export function decodeCitations(grounding: Fields, text: string): Citation[] {
  const chunks = grounding.objectsMaybe("groundingChunks") ?? [];
  const citations: Citation[] = [];
  const bytes = Buffer.from(text);
  // Supports come in the order of the text, so that what was counted once is not counted again.
  let knownBytes = 0;
  let knownCharacters = 0;
  const charactersAt = (offset: number): number => {
    const end = Math.min(Math.max(0, Math.trunc(offset)), bytes.length);
    if (end < knownBytes) {
      knownBytes = 0;
      knownCharacters = 0;
    }
    knownCharacters += charactersOf(bytes.toString("utf8", knownBytes, end));
    knownBytes = end;
    return knownCharacters;
  };
  for (const support of grounding.objectsMaybe("groundingSupports") ?? []) {
    const segment = support.objectMaybe("segment");
    const endIndex = segment?.numberMaybe("endIndex");
    const start = charactersAt(segment?.numberMaybe("startIndex") ?? 0);
    const range = endIndex === undefined ? {} : { start, end: charactersAt(endIndex) };
    for (const index of support.listMaybe("groundingChunkIndices") ?? []) {
      const source = sourceOf(typeof index === "number" ? chunks[index] : undefined);
      if (source !== undefined) citations.push({ ...source, ...range });
    }
  }
  return citations;
}

function sourceOf(chunk: Fields | undefined): Pick<Citation, "url" | "title" | "citedText"> | undefined {
  const source = chunk?.objectMaybe("web") ?? chunk?.objectMaybe("retrievedContext") ?? chunk?.objectMaybe("maps");
  if (source === undefined) return undefined;
  const url = source.stringMaybe("uri");
  const title = source.stringMaybe("title");
  const citedText = source.stringMaybe("text");
  return { ...(url !== undefined && { url }), ...(title !== undefined && { title }), ...(citedText !== undefined && { citedText }) };
}
