import { Refusal, type SimulatedOperation, type SimulatedWork } from "./operation.ts";
import { tokensOf } from "./tokens.ts";

/** How long vectors are where the request does not say. */
const DIMENSIONS = 256;
const DIMENSIONS_MAX = 3072;
const INPUTS_MAX = 2048;

/**
 * Embeddings, as OpenAI answers them. The same text has the same vector wherever it is asked for, of length 1; texts that share words are near each other.
 * https://platform.openai.com/docs/api-reference/embeddings
 */
export const embedding: SimulatedOperation = {
  path: "/embeddings",
  perform: (body) => answerEmbeddings(read(body)),
};

interface Ask {
  readonly model: string;
  readonly inputs: readonly (string | readonly number[])[];
  readonly dimensions: number;
  readonly base64: boolean;
}

function read(body: unknown): Ask {
  const { model, input, dimensions = DIMENSIONS, encoding_format: encoding = "float" } = body as Record<string, unknown>;
  if (typeof model !== "string") throw new Refusal(400, "you must provide a model parameter");
  const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
  if (inputs.length > INPUTS_MAX)
    throw new Refusal(400, `Invalid 'input': array too long. Expected an array with maximum length ${INPUTS_MAX}.`, { param: "input" });
  if (inputs.length === 0 || inputs.some((each) => !(typeof each === "string" || Array.isArray(each)) || each.length === 0))
    throw new Refusal(400, "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.", {
      param: "input",
    });
  if (typeof dimensions !== "number" || !(dimensions >= 1 && dimensions <= DIMENSIONS_MAX))
    throw new Refusal(400, `Invalid value for 'dimensions' = ${dimensions}. Must be from 1 to ${DIMENSIONS_MAX}.`, { param: "dimensions" });
  if (encoding !== "float" && encoding !== "base64")
    throw new Refusal(400, `Invalid value: '${encoding}'. Supported values are: 'float' and 'base64'.`, { param: "encoding_format" });
  return { model, inputs, dimensions, base64: encoding === "base64" };
}

function answerEmbeddings({ model, inputs, dimensions, base64 }: Ask): SimulatedWork {
  const words = inputs.map((input) => (typeof input === "string" ? tokensOf(input) : input.map(String)));
  const data = words.map((each, index) => {
    const vector = vectorOf(each, dimensions);
    return { object: "embedding", index, embedding: base64 ? Buffer.from(vector.buffer).toString("base64") : [...vector] };
  });
  const tokens = words.reduce((sum, each) => sum + each.length, 0);
  const answer = { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  return {
    type: "whole",
    contentType: "application/json",
    body: JSON.stringify(answer),
    hollow: JSON.stringify({ ...answer, data: [] }),
    events: 1,
  };
}

/** Each word pushes the vector its own way; what texts share, they share in their vectors. */
function vectorOf(words: readonly string[], dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of words) {
    const seed = Bun.hash.xxHash32(word.trim().toLowerCase());
    for (let index = 0; index < dimensions; index++) vector[index]! += Bun.hash.xxHash32(`${index}`, seed) / 0xffffffff - 0.5;
  }
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square) || 1;
  return vector.map((value) => value / length);
}
