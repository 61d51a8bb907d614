import type { Citation } from "../../ir/chat-parts.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";

/** A source that supports what was said from `start` to `end`, in characters of the whole answer. */
export interface PlacedCitation {
  readonly citation: Citation;
  readonly start: number;
  readonly end: number;
}

/** Writes `groundingMetadata`, whose offsets are bytes of UTF-8; undefined if nothing is cited that it could say. */
export function encodeCitations(placed: readonly PlacedCitation[], text: string, path: string, losses: Losses): JsonObject | undefined {
  const sources = placed.filter(({ citation }) => citation.url !== undefined);
  if (sources.length < placed.length) losses.add(path, "citations", "Grounding cites what has an address.");
  if (sources.length === 0) return undefined;
  const urls = [...new Set(sources.map(({ citation }) => citation.url))];
  const titles = new Map(sources.map(({ citation }) => [citation.url, citation.title]));
  const characters = [...text];
  const bytesAt = (offset: number): number => Buffer.byteLength(characters.slice(0, offset).join(""));
  return {
    groundingChunks: urls.map((uri) => ({ web: { uri, title: titles.get(uri) ?? "" } })),
    groundingSupports: sources.map(({ citation, start, end }) => ({
      segment: { startIndex: bytesAt(start), endIndex: bytesAt(end), text: characters.slice(start, end).join("") },
      groundingChunkIndices: [urls.indexOf(citation.url)],
    })),
  };
}
