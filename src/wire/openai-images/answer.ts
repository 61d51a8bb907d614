import type { OmniError } from "../../ir/failure.ts";
import type { ImageEvent, ImageRequest, ImageResult } from "../../ir/image.ts";
import type { JsonObject } from "../../ir/json.ts";
import { inputTokensTotal, outputTokensTotal, type Usage } from "../../ir/usage.ts";
import { encodeErrorEvent } from "../openai-chat/envelope.ts";
import { sseEvent } from "../sse-writer.ts";
import type { TaskAnswer, TaskAnswerContext, TaskStreamEncoder } from "../task.ts";

/** The answer as OpenAI writes it. Each image is in the form that was asked for already. */
export function encodeResult({ images, about }: ImageResult, _request: ImageRequest, { nowS, usage }: TaskAnswerContext): TaskAnswer {
  const data = images.map(({ source, revisedPrompt }) => ({
    ...("url" in source ? { url: source.url } : { b64_json: source.base64 }),
    ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
  }));
  const answer = { created: nowS, data, ...about, ...usageField(usage) };
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(answer)) };
}

/** Of what is billed by the piece no tokens are told. */
function usageField(usage: Usage | undefined): { readonly usage?: JsonObject } {
  if (usage === undefined) return {};
  const [input, output] = [inputTokensTotal(usage), outputTokensTotal(usage)];
  if (input + output === 0) return {};
  const ofImages = usage.inputTokensOfImages ?? 0;
  const details = { text_tokens: input - ofImages, image_tokens: ofImages };
  return { usage: { total_tokens: input + output, input_tokens: input, output_tokens: output, input_tokens_details: details } };
}

/** A whole answer as the events of a stream. */
export function unfold({ images, about }: ImageResult): readonly ImageEvent[] {
  // Streams are of base64 alone, and images were brought into that form.
  return images.map(({ source }) => ({ type: "image", base64: "base64" in source ? source.base64 : "", about }));
}

/** Writes OpenAI's stream: unfinished images, and finished ones, which are its end. */
export class ImageStreamEncoder implements TaskStreamEncoder<ImageEvent> {
  private readonly prefix: string;
  private readonly context: TaskAnswerContext;

  constructor({ work }: ImageRequest, context: TaskAnswerContext) {
    this.prefix = work === "edit" ? "image_edit" : "image_generation";
    this.context = context;
  }

  push(events: readonly ImageEvent[]): Uint8Array {
    return Buffer.from(events.map((event) => this.encode(event)).join(""));
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return encodeErrorEvent(error, requestId);
  }

  private encode(event: ImageEvent): string {
    const created_at = this.context.nowS;
    switch (event.type) {
      case "partial":
        return sseEvent({
          type: `${this.prefix}.partial_image`,
          b64_json: event.base64,
          created_at,
          ...event.about,
          partial_image_index: event.index,
        });
      case "image":
        return sseEvent({
          type: `${this.prefix}.completed`,
          b64_json: event.base64,
          created_at,
          ...event.about,
          ...usageField(event.usage ?? this.context.usage),
        });
      default:
        return event satisfies never;
    }
  }
}
