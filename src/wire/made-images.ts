import type { ForeignPart } from "../ir/chat-parts.ts";
import { isJsonObject, type JsonObject } from "../ir/json.ts";
import { GEMINI_GENERATE, OPENAI_CHAT, OPENAI_RESPONSES } from "./wire-names.ts";

/** A picture that a model made. */
export interface MadeImage {
  readonly mediaType: string;
  readonly base64: string;
}

const DATA_URL = /^data:(image\/[\w.+-]+);base64,(.*)$/s;

/**
 * The pictures that a part is, which every format writes in its own way: Gemini as `inlineData`, OpenRouter's chat as `images`, Responses as the call of its
 * tool.
 * @returns None for anything else, and where a picture is only an address.
 */
export function madeImages({ wire, json }: ForeignPart): readonly MadeImage[] {
  switch (wire) {
    case GEMINI_GENERATE:
      return imageOf(json["inlineData"] ?? json["inline_data"]);
    case OPENAI_CHAT:
      return json["type"] === "images" && Array.isArray(json["images"]) ? json["images"].flatMap(imageOfUrl) : [];
    case OPENAI_RESPONSES: {
      const { type, result, output_format: format = "png" } = json;
      const isMade = type === "image_generation_call" && typeof result === "string" && result !== "";
      return isMade ? [{ mediaType: `image/${String(format)}`, base64: result }] : [];
    }
    default:
      return [];
  }
}

function imageOf(data: unknown): MadeImage[] {
  if (!isJsonObject(data)) return [];
  const mediaType = data["mimeType"] ?? data["mime_type"];
  const { data: base64 } = data;
  return typeof mediaType === "string" && mediaType.startsWith("image/") && typeof base64 === "string" ? [{ mediaType, base64 }] : [];
}

function imageOfUrl(image: unknown): MadeImage[] {
  const place = isJsonObject(image) ? image["image_url"] : undefined;
  const url = isJsonObject(place) ? place["url"] : undefined;
  const [, mediaType, base64] = (typeof url === "string" ? DATA_URL.exec(url) : undefined) ?? [];
  return mediaType === undefined || base64 === undefined ? [] : [{ mediaType, base64 }];
}

/** As OpenRouter and others show it in a message of chat. https://openrouter.ai/docs/features/multimodal/image-generation */
export function chatImage({ mediaType, base64 }: MadeImage, index: number): JsonObject {
  return { index, type: "image_url", image_url: { url: `data:${mediaType};base64,${base64}` } };
}

/** As the tool of Responses gives it. @param id What the item is called. */
export function responsesImage({ mediaType, base64 }: MadeImage, id: string): JsonObject {
  return { type: "image_generation_call", id, status: "completed", output_format: mediaType.replace("image/", ""), result: base64 };
}

/** As Gemini says it. */
export function geminiImage({ mediaType, base64 }: MadeImage): JsonObject {
  return { inlineData: { mimeType: mediaType, data: base64 } };
}
