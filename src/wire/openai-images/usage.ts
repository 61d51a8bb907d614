import type { JsonObject } from "../../ir/json.ts";
import type { Usage } from "../../ir/usage.ts";
import type { Fields } from "../fields.ts";
import { usageOf } from "../image-task.ts";

/** @param images How many there are. */
export function readUsage(usage: Fields | undefined, images: number): Usage {
  const inputTokens = usage?.numberMaybe("input_tokens");
  if (usage === undefined || inputTokens === undefined) return usageOf(images);
  const details = usage.objectMaybe("input_tokens_details");
  const ofImages = details?.numberMaybe("image_tokens") ?? 0;
  const cached = Math.min(details?.numberMaybe("cached_tokens") ?? 0, inputTokens);
  return {
    ...usageOf(images),
    inputTokens: inputTokens - cached,
    inputTokensCached: cached,
    outputTokens: usage.numberMaybe("output_tokens") ?? 0,
    ...(ofImages > 0 && { inputTokensOfImages: ofImages }),
  };
}

const ABOUT = ["size", "quality", "background", "output_format"] as const;

/** What an answer says of its images. */
export function aboutOf(fields: Fields): JsonObject | undefined {
  const said = ABOUT.flatMap((key): [string, string][] => {
    const value = fields.json[key];
    return typeof value === "string" ? [[key, value]] : [];
  });
  return said.length === 0 ? undefined : Object.fromEntries(said);
}
