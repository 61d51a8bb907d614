import type { AssistantPart, CacheMark, FilePart, ImagePart, MediaSource, ToolResultPart, UserPart } from "../../ir/chat-parts.ts";
import type { JsonObject } from "../../ir/json.ts";
import type { Losses } from "../../ir/loss.ts";
import { argumentsObject } from "../call-arguments.ts";
import { callIdFor } from "../call-ids.ts";
import { base64Of } from "../media.ts";
import { shortToolName } from "../tool-names.ts";
import { ANTHROPIC_MESSAGES, BEDROCK_CONVERSE as WIRE } from "../wire-names.ts";
import type { ModelTraits } from "./traits.ts";

const IMAGES: ReadonlySet<string> = new Set(["png", "jpeg", "gif", "webp"]);
const DOCUMENTS: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "text/html": "html",
  "text/markdown": "md",
  "text/plain": "txt",
  "application/json": "txt",
};

/** The mark that stands behind what is to be cached; none for models that would refuse it. */
export function cachePoint(cache: CacheMark | undefined, traits: ModelTraits, path: string, losses: Losses): JsonObject[] {
  if (cache === undefined) return [];
  if (traits.caches)
    return [
      {
        cachePoint: {
          type: "default",
          ...(cache.ttl !== undefined && traits.maker === "anthropic" && { ttl: cache.ttl === "5m" ? "5m" : "1h" }),
        },
      },
    ];
  losses.add(`${path}.cache`, "cache_control", "The model takes no marks of what to cache.");
  return [];
}

/** Writes the blocks of one request. Documents are told apart by their names, so that those are counted over all of it. */
export class BlockWriter {
  readonly #traits: ModelTraits;
  readonly #losses: Losses;
  readonly #names = new Set<string>();

  constructor(traits: ModelTraits, losses: Losses) {
    this.#traits = traits;
    this.#losses = losses;
  }

  /** What a user said, and what instructions say. */
  user(parts: readonly UserPart[], path: string): JsonObject[] {
    return parts.flatMap((part, index) => this.#part(part, `${path}.parts[${index}]`));
  }

  /** What the model said. */
  assistant(parts: readonly AssistantPart[], path: string): JsonObject[] {
    return parts.flatMap((part, index) => this.#said(part, `${path}.parts[${index}]`));
  }

  #part(part: UserPart, path: string): JsonObject[] {
    if (part.type === "foreign") return this.#foreign(part, path);
    this.#losses.addBags(part.bags, WIRE, path);
    const block = this.#block(part, path);
    return block === undefined ? [] : [block, ...cachePoint(part.cache, this.#traits, path, this.#losses)];
  }

  #block(part: Exclude<UserPart, { type: "foreign" }>, path: string): JsonObject | undefined {
    switch (part.type) {
      case "text":
        return textBlock(part.text);
      case "image":
        return this.#image(part, path);
      case "file":
        return this.#document(part, path);
      case "audio":
        return { audio: { format: part.format, source: { bytes: part.data } } };
      case "tool-result":
        return this.#result(part, path);
      default:
        return part satisfies never;
    }
  }

  #said(part: AssistantPart, path: string): JsonObject[] {
    if (part.type === "foreign") return this.#foreign(part, path);
    const losses = this.#losses;
    losses.addBags(part.bags, WIRE, path);
    const block = this.#saidBlock(part, path);
    return block === undefined ? [] : [block, ...cachePoint(part.cache, this.#traits, path, losses)];
  }

  #saidBlock(part: Exclude<AssistantPart, { type: "foreign" }>, path: string): JsonObject | undefined {
    switch (part.type) {
      case "text":
        if (part.citations !== undefined) this.#losses.add(`${path}.citations`, "citations", "Bedrock takes back only words.");
        return textBlock(part.text);
      case "refusal":
        return textBlock(part.text);
      case "reasoning": {
        const { opaque } = part;
        const isClaude = this.#traits.maker === "anthropic";
        if (isClaude && opaque?.kind === "redacted" && opaque.issuer === WIRE)
          return { reasoningContent: { redactedContent: opaque.value } };
        if (isClaude && opaque?.kind === "signature" && opaque.issuer === ANTHROPIC_MESSAGES) {
          const text = part.texts.map((piece) => piece.text).join("\n\n");
          return { reasoningContent: { reasoningText: { text, signature: opaque.value } } };
        }
        this.#losses.add(path, "reasoning", "The model takes back only reasoning that it signed itself.");
        return undefined;
      }
      case "tool-call":
        if (part.opaque !== undefined) this.#losses.add(path, "signature", `Only ${part.opaque.issuer} can read it.`);
        return { toolUse: { toolUseId: callId(part.id), name: shortToolName(part.name), input: argumentsObject(part) } };
      default:
        return part satisfies never;
    }
  }

  #foreign({ wire, json, isNote }: Extract<UserPart, { type: "foreign" }>, path: string): JsonObject[] {
    if (wire === WIRE) return [json];
    if (!isNote) this.#losses.add(path, String(json["type"] ?? "part"), `Only ${wire} knows it.`, "content");
    return [];
  }

  #result(part: ToolResultPart, path: string): JsonObject {
    const content = part.parts.flatMap((output, index) => this.#part(output, `${path}.parts[${index}]`));
    // A mark can only stand beside the result.
    const blocks = content.filter((block) => block["cachePoint"] === undefined);
    return { toolResult: { toolUseId: callId(part.id), content: blocks, ...(part.isError && { status: "error" }) } };
  }

  #image({ source, detail }: ImagePart, path: string): JsonObject | undefined {
    if (detail !== undefined && detail !== "auto") this.#losses.add(`${path}.detail`, "detail", "Converse has no such switch.");
    const format = formatOfImage(source);
    const bytes = bytesOf(source);
    if (bytes !== undefined && format !== undefined) return { image: { format, source: bytes } };
    this.#losses.add(
      path,
      "image",
      "Bedrock takes the bytes of PNG, JPEG, GIF and WebP pictures, and no addresses but those of S3.",
      "content",
    );
    return undefined;
  }

  #document({ source, name }: FilePart, path: string): JsonObject | undefined {
    const bytes = bytesOf(source);
    const format =
      source.type === "text"
        ? "txt"
        : source.type === "base64"
          ? DOCUMENTS[source.mediaType]
          : /\.(pdf|csv|docx?|xlsx?|html|txt|md)$/.exec(source.type === "url" ? source.url : "")?.[1];
    if (bytes !== undefined && format !== undefined) return { document: { format, name: this.#nameFor(name), source: bytes } };
    this.#losses.add(path, "file", "Bedrock takes the bytes of documents, and no addresses but those of S3.", "content");
    return undefined;
  }

  /** Names may have letters, digits, single blanks, hyphens and brackets, and none may occur twice. */
  #nameFor(name: string | undefined): string {
    const stem =
      (name ?? "")
        .replace(/[^A-Za-z0-9\-()[\]]+/g, " ")
        .trim()
        .slice(0, 190) || "document";
    let unique = stem;
    for (let number = 2; this.#names.has(unique); number++) unique = `${stem} ${number}`;
    this.#names.add(unique);
    return unique;
  }
}

/** Blank texts are refused. */
function textBlock(text: string): JsonObject | undefined {
  return text.trim() === "" ? undefined : { text };
}

/** Letters, digits, hyphens and underscores, 64 at most: what Anthropic and OpenAI demand, both at once. */
function callId(id: string): string {
  return callIdFor("openai", callIdFor("anthropic", id));
}

function bytesOf(source: MediaSource): JsonObject | undefined {
  if (source.type === "base64") return { bytes: source.data };
  if (source.type === "text") return { bytes: base64Of(source.text) };
  return source.type === "url" && source.url.startsWith("s3://") ? { s3Location: { uri: source.url } } : undefined;
}

function formatOfImage(source: MediaSource): string | undefined {
  const said =
    source.type === "base64" ? source.mediaType.replace(/^image\//, "") : /\.(\w+)$/.exec(source.type === "url" ? source.url : "")?.[1];
  const format = said === "jpg" ? "jpeg" : said;
  return format !== undefined && IMAGES.has(format) ? format : undefined;
}
