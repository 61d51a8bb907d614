import type { JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/** What is to be done: drawn from a text, changed as a text says, or made once more and a little otherwise. */
export type ImageWork = "generate" | "edit" | "vary";

/** Images to be made. */
export interface ImageRequest {
  readonly work: ImageWork;
  /** What shall be seen. Empty only for `vary`. */
  readonly prompt: string;
  /** What is to be changed or varied; empty for `generate`. */
  readonly sources: readonly SourceImage[];
  /** Where the first of them may be changed: where this one is transparent. */
  readonly mask: SourceImage | undefined;
  /** How many. Default 1. */
  readonly count: number;
  /** Such as `1024x1024`, `16:9` where a model knows such, or `auto`. Default: the model's own. */
  readonly size: string | undefined;
  /** Such as `hd`, `low`, `high`. */
  readonly quality: string | undefined;
  /** Such as `vivid`, `natural`. */
  readonly style: string | undefined;
  /** `transparent`, `opaque` or `auto`. */
  readonly background: string | undefined;
  /** What file is wanted. Default: the model's own. */
  readonly format: ImageFormat | undefined;
  /** From 0, the smallest file, to 100. */
  readonly compression: number | undefined;
  /** How strict the provider's own judgement shall be: `low` or `auto`. */
  readonly moderation: string | undefined;
  /** What comes again for the same number, as far as a model keeps to it. */
  readonly seed: number | undefined;
  /** What shall not be seen. */
  readonly negativePrompt: string | undefined;
  /** How the client wants its images. Default: as the provider gives them. */
  readonly answerAs: "url" | "base64" | undefined;
  /** How many unfinished images a stream shall show. */
  readonly partialImages: number | undefined;
  /** Fields that only the client's format knows, to be sent on where the provider speaks the same. */
  readonly rest: JsonObject | undefined;
}

/** A kind of file that images are sent as. */
export type ImageFormat = "png" | "jpeg" | "webp";

/** An image that the client gave. */
export type SourceImage =
  /** The bytes, which are a view of the request's, and what they are by their own beginning. */
  | { readonly type: "bytes"; readonly bytes: Uint8Array; readonly mediaType: string; readonly filename: string; readonly param: string }
  /** To be fetched by the provider, or by nothing but the guarded fetch. */
  | { readonly type: "url"; readonly url: string; readonly param: string }
  /** One that the provider keeps. */
  | { readonly type: "file"; readonly id: string; readonly param: string };

/** The images, in the provider's order. */
export interface ImageResult {
  readonly images: readonly MadeImage[];
  /** What the provider says of all of them, such as `size` or `quality`; in OpenAI's words. */
  readonly about?: JsonObject | undefined;
}

/** One image that was made. */
export interface MadeImage {
  readonly source: { readonly url: string } | { readonly base64: string };
  /** What the provider made of the prompt before it drew. */
  readonly revisedPrompt: string | undefined;
}

/** A part of a streamed answer: an image that is not finished, or one that is. */
export type ImageEvent =
  | { readonly type: "partial"; readonly index: number; readonly base64: string; readonly about?: JsonObject | undefined }
  | {
      readonly type: "image";
      readonly base64: string;
      readonly about?: JsonObject | undefined;
      /** What all of the stream used; told with the last image alone. */
      readonly usage?: Usage | undefined;
    };
