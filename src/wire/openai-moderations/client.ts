import { OmniError } from "../../ir/failure.ts";
import type { ModerationInput, ModerationPart, ModerationRequest, ModerationResult } from "../../ir/moderation.ts";
import { Fields } from "../fields.ts";
import { parseRequest } from "../read-json.ts";
import type { TaskAnswer, TaskAnswerContext } from "../task.ts";

const KNOWN: ReadonlySet<string> = new Set(["model", "input", "stream"]);

/** @throws {OmniError} `invalid_request`, naming the field. */
export function decodeRequest(body: Uint8Array): ModerationRequest {
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  return { inputs: readInputs(fields), rest: fields.rest(KNOWN) };
}

/** A text; texts, each with a verdict of its own; or texts and images that are judged as one. */
function readInputs(fields: Fields): readonly ModerationInput[] {
  const input = fields.json["input"];
  if (typeof input === "string") return [input];
  if (!Array.isArray(input) || input.length === 0) throw fields.wrong("input", "a text, a list of texts, or a list of texts and images");
  if (typeof input[0] === "string") return fields.stringsMaybe("input") ?? [];
  return [fields.objects("input").map(readPart)];
}

function readPart(part: Fields): ModerationPart {
  const type = part.string("type");
  if (type === "text") return { type, text: part.string("text") };
  if (type === "image_url") return { type: "image", url: part.object("image_url").string("url") };
  const message = `Cannot judge \`${part.path}\`: its type is ${JSON.stringify(type)}, and must be "text" or "image_url".`;
  throw new OmniError("invalid_request", message, { param: "input" });
}

/** The answer as OpenAI writes it. */
export function encodeResult(
  { id, verdicts }: ModerationResult,
  _: ModerationRequest,
  { model, requestId }: TaskAnswerContext,
): TaskAnswer {
  const results = verdicts.map(({ flagged, categories, scores, appliedTo }) => ({
    flagged,
    categories,
    category_scores: scores,
    ...(appliedTo !== undefined && { category_applied_input_types: appliedTo }),
  }));
  const answer = { id: id === "" ? `modr-${requestId}` : id, model, results };
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(answer)) };
}
