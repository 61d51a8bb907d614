import type { Json, JsonObject } from "../../ir/json.ts";
import type { Fields } from "../fields.ts";

/** What a model speaks or draws, while it comes in pieces. */
export interface MediaDraft {
  readonly audio?: JsonObject;
  readonly images?: readonly Json[];
}

/** Adds a delta: sounds and their transcripts are joined, pictures come whole and are listed. */
export function mergeMedia(type: "audio" | "images", draft: MediaDraft, delta: Fields): MediaDraft {
  if (type === "images") return { images: [...(draft.images ?? []), ...delta.list("images")] };
  const merged: { [key: string]: Json | undefined } = { ...draft.audio };
  const more = delta.object("audio");
  for (const key of ["id", "expires_at"]) if (more.has(key)) merged[key] = more.json[key];
  for (const key of ["data", "transcript"]) {
    const piece = more.stringMaybe(key);
    if (piece !== undefined) merged[key] = `${merged[key] ?? ""}${piece}`;
  }
  return { audio: merged };
}
