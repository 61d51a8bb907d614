import type { EmbeddingRequest, Vector } from "../../ir/embedding.ts";
import type { Tasks } from "../../ir/operation.ts";
import { checkInputs, inBatches } from "../embedding-batches.ts";
import { inputUsage, textsOf } from "../embedding-texts.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** Ollama's embeddings. https://docs.ollama.com/api/embed */
export const ollamaEmbed: Wire = taskWire<"embedding">({
  name: "ollama-embed",
  operation: "embedding",
  provider: () => ({ codec: { perform } }),
});

function perform(request: EmbeddingRequest, context: TaskContext): Promise<Performed<Tasks["embedding"]>> {
  const { model, sheet } = context;
  const { dimensions } = request;
  checkInputs(request, sheet);
  return inBatches(textsOf(request.inputs, model), sheet, async (inputs) => {
    const body = { model, input: textsOf(inputs, model), ...(dimensions !== undefined && { dimensions }) };
    const answer = Fields.of(await readJson(await context.call({ path: "/api/embed", body: jsonBody(body) })), "", "upstream_invalid");
    const vectors = answer.list("embeddings") as Vector[]; // Numbers are looked at when they are written.
    if (vectors.length !== inputs.length) throw answer.wrong("embeddings", `as many vectors as there were texts, ${inputs.length}`);
    return { vectors, usage: inputUsage(answer.numberMaybe("prompt_eval_count")) };
  });
}
