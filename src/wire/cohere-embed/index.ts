import type { EmbeddingRequest, Vector } from "../../ir/embedding.ts";
import type { Json, JsonObject } from "../../ir/json.ts";
import type { Tasks } from "../../ir/operation.ts";
import { checkInputs, inBatches } from "../embedding-batches.ts";
import { inputUsage, textsOf } from "../embedding-texts.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** What one call may have. https://docs.cohere.com/reference/embed */
const INPUTS_MAX = 96;

/** Cohere's embeddings. https://docs.cohere.com/reference/embed */
export const cohereEmbed: Wire = taskWire<"embedding">({
  name: "cohere-embed",
  operation: "embedding",
  provider: () => ({ codec: { perform } }),
});

function perform(request: EmbeddingRequest, context: TaskContext): Promise<Performed<Tasks["embedding"]>> {
  const { model, sheet } = context;
  checkInputs(request, sheet);
  return inBatches(textsOf(request.inputs, model), { inputsMax: INPUTS_MAX, ...sheet }, async (inputs) => {
    const body = { model, ...cohereBody(request, textsOf(inputs, model)) };
    const answer = await readJson(await context.call({ path: "/embed", body: jsonBody(body) }));
    return decodeAnswer(answer, inputs.length);
  });
}

/** What is the same wherever Cohere's models are asked: at Cohere's own and at Bedrock. Their default for a purpose is none, so one has to be said. */
export function cohereBody({ purpose, dimensions, encoding }: EmbeddingRequest, texts: readonly string[]): JsonObject {
  return {
    texts,
    input_type: purpose ?? "search_document",
    embedding_types: [encoding === "base64" ? "base64" : "float"],
    ...(dimensions !== undefined && { output_dimension: dimensions }),
  };
}

function decodeAnswer(json: Json, count: number) {
  const answer = Fields.of(json, "", "upstream_invalid");
  const billed = answer.objectMaybe("meta")?.objectMaybe("billed_units");
  return { vectors: cohereVectors(answer, count), usage: inputUsage(billed?.numberMaybe("input_tokens")) };
}

/**
 * The vectors by the form that was asked for; older models answer with a bare list.
 * @throws {OmniError} `upstream_invalid`, unless there is one for each input.
 */
export function cohereVectors(answer: Fields, count: number): Vector[] {
  const bare = answer.json["embeddings"];
  const forms = Array.isArray(bare) ? undefined : answer.object("embeddings");
  const list = forms === undefined ? answer.list("embeddings") : forms.has("base64") ? forms.list("base64") : forms.list("float");
  if (list.length !== count) throw answer.wrong("embeddings", `as many vectors as there were texts, ${count}`);
  return list.map((each) => (typeof each === "string" ? { base64: each } : (each as Vector))); // Numbers are looked at when they are written.
}
