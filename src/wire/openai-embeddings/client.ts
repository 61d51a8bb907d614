import type { EmbeddingRequest, EmbeddingResult, Vector } from "../../ir/embedding.ts";
import { OmniError } from "../../ir/failure.ts";
import { inputTokensTotal } from "../../ir/usage.ts";
import { base64Of, floatsOf } from "../embedding-vectors.ts";
import { Fields } from "../fields.ts";
import { parseRequest } from "../read-json.ts";
import type { TaskAnswer, TaskAnswerContext } from "../task.ts";

const KNOWN: ReadonlySet<string> = new Set(["model", "input", "dimensions", "encoding_format", "input_type", "stream"]);
const ENCODINGS = ["float", "base64"] as const;

/** @throws {OmniError} `invalid_request` or `invalid_encoding_format`, naming the field. */
export function decodeRequest(body: Uint8Array): EmbeddingRequest {
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  const dimensions = fields.numberMaybe("dimensions");
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && dimensions > 0))
    throw fields.wrong("dimensions", "a whole number from 1");
  return {
    inputs: readInputs(fields),
    dimensions,
    encoding: readEncoding(fields),
    purpose: fields.stringMaybe("input_type"),
    rest: fields.rest(KNOWN),
  };
}

function readEncoding(fields: Fields): EmbeddingRequest["encoding"] {
  const encoding = fields.stringMaybe("encoding_format") ?? "float";
  const known = ENCODINGS.find((each) => each === encoding);
  if (known !== undefined) return known;
  const message = `Cannot encode vectors as ${JSON.stringify(encoding)}: \`encoding_format\` must be ${ENCODINGS.map((each) => `"${each}"`).join(" or ")}.`;
  throw new OmniError("invalid_encoding_format", message, { param: "encoding_format" });
}

/** A text, texts, tokens, or lists of tokens. */
function readInputs(fields: Fields): EmbeddingRequest["inputs"] {
  const input = fields.json["input"];
  if (typeof input === "string") return [filled(input, "input")];
  if (!Array.isArray(input)) throw fields.wrong("input", "a text, a list of texts, a list of tokens, or a list of such lists");
  if (input.length === 0) throw empty("input");
  if (typeof input[0] === "number") return [tokens(input, "input")];
  return input.map((each, index) => {
    const path = `input[${index}]`;
    return typeof each === "string" ? filled(each, path) : tokens(each, path);
  });
}

function filled(text: string, path: string): string {
  if (text === "") throw empty(path);
  return text;
}

function tokens(list: unknown, path: string): readonly number[] {
  if (!Array.isArray(list)) throw invalid(path, "must be a text or a list of tokens");
  if (list.length === 0) throw empty(path);
  for (const token of list) if (!(Number.isInteger(token) && token >= 0)) throw invalid(path, "has something in it that is no token");
  return list;
}

function empty(path: string): OmniError {
  return invalid(path, "is empty: there has to be something to make a vector of");
}

function invalid(path: string, what: string): OmniError {
  return new OmniError("invalid_request", `Cannot read the input: \`${path}\` ${what}.`, { param: "input" });
}

/** The answer as OpenAI writes it; a vector is turned into the other form only where the client asked for that. */
export function encodeResult({ vectors }: EmbeddingResult, request: EmbeddingRequest, { model, usage }: TaskAnswerContext): TaskAnswer {
  const encode = (vector: Vector): readonly number[] | string => (request.encoding === "float" ? floatsOf(vector) : base64Of(vector));
  const data = vectors.map((vector, index) => ({ object: "embedding", index, embedding: encode(vector) }));
  const tokensIn = usage === undefined ? 0 : inputTokensTotal(usage);
  const answer = { object: "list", data, model, usage: { prompt_tokens: tokensIn, total_tokens: tokensIn } };
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(answer)) };
}
