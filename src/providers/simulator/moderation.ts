import { CATEGORIES } from "../../ir/moderation.ts";
import { Refusal, type SimulatedOperation, type SimulatedWork } from "./operation.ts";

/** Words that give a text away, by category. Enough to see a text flagged, and no more. */
const WORDS: Readonly<Record<string, RegExp>> = {
  violence: /\b(?:kill|murder|stab|shoot)\w*/i,
  harassment: /\b(?:idiot|loser)\w*/i,
  hate: /\bhate\w*/i,
  "self-harm": /\b(?:suicide|self-harm)\w*/i,
  illicit: /\b(?:bomb|explosive)\w*/i,
};

/**
 * Moderations, as OpenAI answers them, by a few words.
 * https://platform.openai.com/docs/api-reference/moderations
 */
export const moderation: SimulatedOperation = {
  path: "/moderations",
  perform: (body) => {
    const { model, input } = body as Record<string, unknown>;
    if (typeof model !== "string") throw new Refusal(400, "you must provide a model parameter");
    const texts = textsOf(input);
    const answer = { id: `modr-${Bun.hash.xxHash32(JSON.stringify(input))}`, model, results: texts.map(judge) };
    return whole(answer, { ...answer, results: [] });
  },
};

function textsOf(input: unknown): readonly string[] {
  if (typeof input === "string") return [input];
  if (Array.isArray(input) && input.every((each) => typeof each === "string")) return input;
  if (Array.isArray(input)) return [input.map((part) => (typeof part?.text === "string" ? part.text : "")).join("\n")];
  throw new Refusal(400, "Invalid type for 'input'.", { param: "input" });
}

function judge(text: string): object {
  const scores = CATEGORIES.map((name) => [name, WORDS[name]?.test(text) ? 0.98 : 0.0001] as const);
  const categories = Object.fromEntries(scores.map(([name, score]) => [name, score > 0.5]));
  return { flagged: Object.values(categories).includes(true), categories, category_scores: Object.fromEntries(scores) };
}

function whole(answer: object, hollow: object): SimulatedWork {
  return { type: "whole", contentType: "application/json", body: JSON.stringify(answer), hollow: JSON.stringify(hollow), events: 1 };
}
