import type { EmbeddingRequest, Vector } from "../../ir/embedding.ts";
import type { Json } from "../../ir/json.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { NetworkResponse } from "../../world/network.ts";
import { cohereBody, cohereVectors } from "../cohere-embed/index.ts";
import { checkInputs, inBatches } from "../embedding-batches.ts";
import { inputUsage, textsOf } from "../embedding-texts.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** Cohere's models take as many texts as at Cohere's own; Titan takes one. */
const COHERE_INPUTS_MAX = 96;

/**
 * Embeddings by Bedrock's InvokeModel, whose bodies differ by who made the model: Amazon's Titan and Cohere's.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
 */
export const bedrockEmbed: Wire = taskWire<"embedding">({
  name: "bedrock-embed",
  operation: "embedding",
  provider: () => ({ codec: { perform } }),
});

function perform(request: EmbeddingRequest, context: TaskContext): Promise<Performed<Tasks["embedding"]>> {
  const { model, sheet } = context;
  checkInputs(request, sheet);
  const texts = textsOf(request.inputs, model);
  // Profiles of several regions are called by the model's name with the regions before it: `us.cohere.embed-v4:0`.
  const isCohere = /(?:^|[./])cohere\./.test(model);
  const inputsMax = isCohere ? Math.min(sheet.inputsMax ?? COHERE_INPUTS_MAX, COHERE_INPUTS_MAX) : 1;
  return inBatches(texts, { inputsMax }, async (inputs) => {
    const part = textsOf(inputs, model);
    const response = await invoke(isCohere ? cohereBody(request, part) : titanBody(request, part[0] ?? ""), context);
    const answer = Fields.of(await readJson(response), "", "upstream_invalid");
    const counted = Number(response.headers.get("x-amzn-bedrock-input-token-count") ?? Number.NaN);
    const said = Number.isFinite(counted) ? counted : answer.numberMaybe("inputTextTokenCount");
    return { vectors: isCohere ? cohereVectors(answer, inputs.length) : [answer.list("embedding") as Vector], usage: inputUsage(said) };
  });
}

function titanBody({ dimensions }: EmbeddingRequest, inputText: string): Json {
  return { inputText, ...(dimensions !== undefined && { dimensions }) };
}

function invoke(body: Json, { model, call }: TaskContext): Promise<NetworkResponse> {
  return call({ path: `/model/${encodeURIComponent(model)}/invoke`, body: jsonBody(body) });
}
