import type { Tasks } from "../../ir/operation.ts";
import type { TranscriptionRequest } from "../../ir/transcription.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import { checkRecording } from "../transcription-checks.ts";
import type { Wire } from "../wire.ts";

/** Gemini, which listens as it reads: it is asked to write down what it hears. It tells no times. https://ai.google.dev/gemini-api/docs/audio */
export const geminiListen: Wire = taskWire<"transcription">({
  name: "gemini-listen",
  operation: "transcription",
  provider: () => ({ codec: { perform } }),
});

async function perform(request: TranscriptionRequest, { call, model, sheet }: TaskContext): Promise<Performed<Tasks["transcription"]>> {
  checkRecording(request, sheet, model, { formats: ["json", "text"], translates: true });
  const { file, temperature } = request;
  const body = {
    contents: [
      { parts: [{ text: taskOf(request) }, { inlineData: { mimeType: file.type, data: Buffer.from(file.bytes).toString("base64") } }] },
    ],
    ...(temperature !== undefined && { generationConfig: { temperature } }),
  };
  const response = await call({ path: `/models/${encodeURIComponent(model)}:generateContent`, body: jsonBody(body) });
  const answer = Fields.of(await readJson(response), "", "upstream_invalid");
  const [candidate] = answer.objects("candidates");
  const parts = candidate?.objectMaybe("content")?.objectsMaybe("parts");
  if (parts === undefined) throw answer.wrong("candidates", "a list with a transcript in it");
  const text = parts
    .map((part) => (part.booleanMaybe("thought") ? "" : (part.stringMaybe("text") ?? "")))
    .join("")
    .trim();
  const result = { text, language: undefined, duration: undefined, segments: undefined, words: undefined, rest: undefined };
  return { type: "whole", result, usage: readUsage(answer.objectMaybe("usageMetadata")) };
}

function taskOf({ type, language, prompt }: TranscriptionRequest): string {
  const what =
    type === "translate"
      ? "Translate what is said in this recording into English."
      : "Write down what is said in this recording, word for word.";
  const spoken = language === undefined ? "" : ` The language is ${language}.`;
  const words = prompt === undefined ? "" : ` These words may occur in it: ${prompt}`;
  return `${what}${spoken} Answer with the text alone.${words}`;
}

function readUsage(usage: Fields | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const audio = usage
    .objectsMaybe("promptTokensDetails")
    ?.find((row) => row.stringMaybe("modality") === "AUDIO")
    ?.numberMaybe("tokenCount");
  return {
    inputTokens: usage.numberMaybe("promptTokenCount") ?? 0,
    inputTokensCached: 0,
    outputTokens: usage.numberMaybe("candidatesTokenCount") ?? 0,
    reasoningTokens: usage.numberMaybe("thoughtsTokenCount") ?? 0,
    ...(audio !== undefined && { inputTokensOfAudio: audio }),
  };
}
