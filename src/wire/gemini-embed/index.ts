import type { EmbeddingRequest, Vector } from "../../ir/embedding.ts";
import type { Tasks } from "../../ir/operation.ts";
import { checkInputs, inBatches } from "../embedding-batches.ts";
import { inputUsage, textsOf } from "../embedding-texts.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** What one call may have. https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
const INPUTS_MAX = 100;

/** What vectors are for, in Google's words. */
const TASK_TYPES: Readonly<Record<string, string>> = {
  search_query: "RETRIEVAL_QUERY",
  query: "RETRIEVAL_QUERY",
  search_document: "RETRIEVAL_DOCUMENT",
  document: "RETRIEVAL_DOCUMENT",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
};

/** Gemini's embeddings. https://ai.google.dev/api/embeddings */
export const geminiEmbed: Wire = taskWire<"embedding">({
  name: "gemini-embed",
  operation: "embedding",
  provider: () => ({ codec: { perform } }),
});

function perform(request: EmbeddingRequest, context: TaskContext): Promise<Performed<Tasks["embedding"]>> {
  const { model, sheet } = context;
  checkInputs(request, sheet);
  const name = `models/${model.replace(/^models\//, "")}`;
  const taskType = request.purpose && (TASK_TYPES[request.purpose] ?? request.purpose);
  return inBatches(textsOf(request.inputs, model), { inputsMax: INPUTS_MAX, ...sheet }, async (inputs) => {
    const requests = textsOf(inputs, model).map((text) => ({
      model: name,
      content: { parts: [{ text }] },
      ...(taskType !== undefined && { taskType }),
      ...(request.dimensions !== undefined && { outputDimensionality: request.dimensions }),
    }));
    const path = `/models/${encodeURIComponent(name.slice("models/".length))}:batchEmbedContents`;
    const answer = Fields.of(await readJson(await context.call({ path, body: jsonBody({ requests }) })), "", "upstream_invalid");
    const vectors = answer.objects("embeddings").map((each) => each.list("values") as Vector); // Numbers are looked at when they are written.
    if (vectors.length !== inputs.length) throw answer.wrong("embeddings", `as many vectors as there were texts, ${inputs.length}`);
    return { vectors, usage: inputUsage(answer.objectMaybe("usageMetadata")?.numberMaybe("promptTokenCount")) };
  });
}
