import { accountOf, objects, REASONER, refused, sign, streamWork, think, wholeWork, wordsOf } from "./reasoner.ts";
import { Refusal, type SimulatedOperation } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

/** What stands in for the signature of a call that another model made. */
const UNSIGNED = "skip_thought_signature_validator";

/** A reasoner as Google has it, which signs its calls. https://ai.google.dev/gemini-api/docs/thought-signatures */
export const generateContent: SimulatedOperation = {
  path: "/models/",
  perform: (body, _, headers, path) => {
    const [, model = "", method] = /^\/models\/([^:]+):(\w+)$/.exec(path) ?? [];
    if (!model.startsWith(REASONER)) throw new Refusal(404, `models/${model} is not found for API version v1beta.`);
    const account = accountOf(headers);
    const ask = objects([body])[0] ?? {};
    const contents = objects(ask["contents"]);
    const from = contents.findLastIndex(({ role, parts }) => role !== "model" && !objects(parts).some((part) => part["functionResponse"]));
    const turns = contents.slice(from + 1).filter(({ role }) => role === "model");
    for (const turn of turns) check(turn, account);
    const declared = objects(ask["tools"]).flatMap((tool) => objects(tool["functionDeclarations"]));
    const offers = declared.map(({ name, parameters, parametersJsonSchema }) => ({
      name: String(name),
      parameters: parametersJsonSchema ?? parameters,
    }));
    const thought = think(wordsOf(contents[from]?.["parts"]), turns.length, offers);
    const parts: Json[] = [
      { text: thought.text, thought: true },
      ...(thought.answer === "" ? [] : [{ text: thought.answer, thoughtSignature: sign(account, thought.answer) }]),
      ...thought.calls.map(({ id, name, input }, at) => ({
        functionCall: { id, name, args: input },
        ...(at === 0 && { thoughtSignature: signatureOf(account, name, input) }),
      })),
    ];
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    const answer = (some: readonly Json[], finishReason?: string): object => ({
      candidates: [{ index: 0, content: { role: "model", parts: some }, ...(finishReason && { finishReason }) }],
      usageMetadata,
      modelVersion: model,
      responseId: `r${turns.length}`,
    });
    if (method !== "streamGenerateContent") return wholeWork(answer(parts, "STOP"));
    return streamWork([...parts.map((part) => answer([part])), answer([{ text: "" }], "STOP")], false);
  },
};

function check({ parts }: Json, account: string): void {
  const first = objects(parts).find((part) => part["functionCall"] !== undefined);
  if (first === undefined) return;
  const { name, args } = objects([first["functionCall"]])[0] ?? {};
  const signature = first["thoughtSignature"];
  if (signature === undefined)
    throw refused(`Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.`);
  if (signature !== UNSIGNED && signature !== signatureOf(account, String(name), args)) throw refused("Thought signature is not valid.");
}

function signatureOf(account: string, name: string, input: unknown): string {
  return Buffer.from(sign(account, JSON.stringify([name, input]))).toString("base64");
}
