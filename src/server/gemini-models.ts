import { OmniError } from "../ir/failure.ts";
import type { Model } from "./models.ts";

/** No list is longer than this, whatever is asked for. Google's own limit. */
const PAGE_SIZE_MAX = 1000;

/**
 * The catalog as Google writes it, page by page. https://ai.google.dev/api/models#method:-models.list
 * @throws {OmniError} `invalid_request`, if the page asked for is none.
 */
export function geminiList(models: readonly Model[], url: string): object {
  const params = new URL(url).searchParams;
  const size = numberOf(params, "pageSize", PAGE_SIZE_MAX);
  const start = numberOf(params, "pageToken", 0);
  const end = start + Math.min(Math.max(size, 1), PAGE_SIZE_MAX);
  return { models: models.slice(start, end).map(geminiModel), ...(end < models.length && { nextPageToken: String(end) }) };
}

/** One model as Google writes it. How much it can read and write is not known here, and so not told. */
export function geminiModel({ id, owned_by: owner }: Model): object {
  return {
    name: `models/${id}`,
    version: "",
    displayName: id,
    description: `Served by ${owner}.`,
    supportedGenerationMethods: ["generateContent", "streamGenerateContent"],
  };
}

function numberOf(params: URLSearchParams, name: string, otherwise: number): number {
  const text = params.get(name);
  if (text === null || text === "") return otherwise;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new OmniError("invalid_request", `Cannot list the models: ${name} must be a number that an earlier list gave.`, { param: name });
}
