import type { EmbeddingRequest, EmbeddingResult, Vector } from "../../ir/embedding.ts";
import type { Json } from "../../ir/json.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { Usage } from "../../ir/usage.ts";
import { checkInputs, inBatches } from "../embedding-batches.ts";
import { inputUsage, textsOf } from "../embedding-texts.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiEmbeddingsDialect {
  /** The path below the base URL. Default `/embeddings`. */
  readonly path: string;
  /** Whether they can write base64. Default true; without it numbers are asked for and turned into base64 here. */
  readonly base64: boolean;
  /** What they call the length of vectors. Default `dimensions`. */
  readonly dimensionsField: string;
  /** The field that says what vectors are for, where they have one. Default: none, and it is left out. */
  readonly purposeField: string;
  /** What they call purposes that OpenAI's clients say in Cohere's words. Default: the same. */
  readonly purposes: Readonly<Record<string, string>>;
  /** Whether lists of tokens can be sent. Default true. */
  readonly tokens: boolean;
  /** What they call the form of numbers. Default `encoding_format`. */
  readonly encodingField: string;
}

/** Has vectors made, in as many calls as the model's sheet says. */
export function perform(
  request: EmbeddingRequest,
  context: TaskContext,
  departures: Partial<OpenaiEmbeddingsDialect>,
): Promise<Performed<Tasks["embedding"]>> {
  checkInputs(request, context.sheet);
  if (departures.tokens === false) textsOf(request.inputs, context.model);
  return inBatches(request.inputs, context.sheet, async (inputs) => {
    const response = await context.call({
      path: departures.path ?? "/embeddings",
      body: jsonBody(bodyOf(request, inputs, context.model, departures)),
    });
    return decodeAnswer(await readJson(response), inputs.length);
  });
}

function bodyOf(
  { rest, dimensions, encoding, purpose }: EmbeddingRequest,
  inputs: EmbeddingRequest["inputs"],
  model: string,
  departures: Partial<OpenaiEmbeddingsDialect>,
): Json {
  const { base64 = true, dimensionsField = "dimensions", encodingField = "encoding_format", purposeField, purposes = {} } = departures;
  return {
    ...rest,
    model,
    input: inputs.length === 1 && inputs[0] !== undefined ? inputs[0] : inputs,
    ...(dimensions !== undefined && { [dimensionsField]: dimensions }),
    ...(purpose !== undefined && purposeField !== undefined && { [purposeField]: purposes[purpose] ?? purpose }),
    // Numbers are what all of them write unasked.
    ...(base64 && encoding === "base64" && { [encodingField]: encoding }),
  };
}

/** @throws {OmniError} `upstream_invalid`, unless there is exactly one vector for each input. */
export function decodeAnswer(json: Json, count: number): EmbeddingResult & { readonly usage: Usage | undefined } {
  const answer = Fields.of(json, "", "upstream_invalid");
  const vectors: (Vector | undefined)[] = Array.from({ length: count }, () => undefined);
  answer.objects("data").forEach((row, place) => {
    const index = row.numberMaybe("index") ?? place;
    if (!(index in vectors) || vectors[index] !== undefined) throw row.wrong("index", `a number from 0 to ${count - 1} that comes once`);
    vectors[index] = readVector(row);
  });
  const missing = vectors.indexOf(undefined);
  if (missing !== -1) throw answer.wrong("data", `a list with a vector for each of ${count} inputs (number ${missing} has none)`);
  return { vectors: vectors as Vector[], usage: readUsage(answer.objectMaybe("usage")) }; // None is missing.
}

function readVector(row: Fields): Vector {
  const base64 = row.json["embedding"];
  if (typeof base64 === "string") return { base64 };
  return row.list("embedding") as Vector; // Numbers by the million: each is looked at when it is written.
}

function readUsage(usage: Fields | undefined): Usage | undefined {
  return inputUsage(usage?.numberMaybe("prompt_tokens") ?? usage?.numberMaybe("total_tokens"));
}
