import { OmniError } from "../../ir/failure.ts";
import type { Json } from "../../ir/json.ts";
import { CATEGORIES, type ModerationInput, type ModerationRequest, type Verdict } from "../../ir/moderation.ts";
import type { Tasks } from "../../ir/operation.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiModerationsDialect {
  /** What their categories are called at OpenAI. What is not in it keeps its name. */
  readonly categories: Readonly<Record<string, string>>;
  /** Whether images can be judged. Default true. */
  readonly images: boolean;
}

/** Has inputs judged. */
export async function perform(
  request: ModerationRequest,
  { call, model }: TaskContext,
  { images = true, categories = {} }: Partial<OpenaiModerationsDialect>,
): Promise<Performed<Tasks["moderation"]>> {
  const input = request.inputs.map((each) => inputOf(each, images, model));
  const [first] = input;
  const body = jsonBody({ ...request.rest, model, input: input.length === 1 && first !== undefined ? first : input });
  const answer = Fields.of(await readJson(await call({ path: "/moderations", body })), "", "upstream_invalid");
  const verdicts = answer.objects("results").map((row) => readVerdict(row, categories));
  if (verdicts.length !== request.inputs.length)
    throw answer.wrong("results", `a list with a verdict for each of ${request.inputs.length} inputs`);
  return { type: "whole", result: { id: answer.stringMaybe("id") ?? "", verdicts }, usage: { ...NOTHING } };
}

/** Vendors give it away. */
const NOTHING = { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0 };

function inputOf(input: ModerationInput, images: boolean, model: string): Json {
  if (typeof input === "string") return input;
  return input.map((part) => {
    if (part.type === "text") return { type: "text", text: part.text };
    if (images) return { type: "image_url", image_url: { url: part.url } };
    throw new OmniError("invalid_request", `Cannot judge an image: ${model} judges texts alone.`, { param: "input" });
  });
}

function readVerdict(row: Fields, names: Readonly<Record<string, string>>): Verdict {
  const found = row.object("categories");
  const scored = row.objectMaybe("category_scores");
  const categories: Record<string, boolean> = Object.fromEntries(CATEGORIES.map((name) => [name, false]));
  const scores: Record<string, number> = Object.fromEntries(CATEGORIES.map((name) => [name, 0]));
  for (const name of Object.keys(found.json)) if (name !== "__proto__") categories[names[name] ?? name] = found.booleanMaybe(name) ?? false;
  for (const name of Object.keys(scored?.json ?? {}))
    if (name !== "__proto__") scores[names[name] ?? name] = scored?.numberMaybe(name) ?? 0;
  const flagged = row.booleanMaybe("flagged") ?? Object.values(categories).includes(true);
  return { flagged, categories, scores, appliedTo: row.objectMaybe("category_applied_input_types")?.json };
}
