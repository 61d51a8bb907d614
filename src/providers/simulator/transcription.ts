import { soundTypeOf } from "../../bytes/sound-type.ts";
import { wavSeconds } from "../../bytes/wav.ts";
import { Refusal, type SimulatedFile, type SimulatedOperation, type SimulatedWork } from "./operation.ts";
import { sentences } from "./prose.ts";
import { spokenIn } from "./sound.ts";
import { tokensOf } from "./tokens.ts";

/** What is taken for the length of a recording that does not say. */
const SECONDS = 5;

/** Transcriptions, as OpenAI answers them: of the simulator's own speech what was spoken, of anything else some prose. */
export const transcription: SimulatedOperation = operationAt("/audio/transcriptions", "transcribe");

/** Translations are the same: it speaks English. */
export const translation: SimulatedOperation = operationAt("/audio/translations", "translate");

function operationAt(path: string, task: string): SimulatedOperation {
  return { path, perform: (body) => write(body as Record<string, unknown>, task) };
}

function write({ file, response_format: format = "json", stream }: Record<string, unknown>, task: string): SimulatedWork {
  const bytes = (file as SimulatedFile | undefined)?.bytes;
  if (bytes === undefined) throw new Refusal(400, "A file is required.", { param: "file" });
  if (soundTypeOf(bytes) === undefined) throw new Refusal(400, "Invalid file format.", { param: "file" });
  const text = spokenIn(bytes) ?? twoSentences(String(Bun.hash.xxHash32(bytes)));
  const duration = wavSeconds(bytes) ?? SECONDS;
  const usage = { type: "duration", seconds: Math.ceil(duration) };
  if (stream === "true") return streamed(text, usage);
  const answer =
    format === "verbose_json"
      ? { task, language: "english", duration, text, segments: [{ id: 0, start: 0, end: duration, text }], usage }
      : { text, usage };
  return whole(answer);
}

function whole(answer: { readonly text: string }): SimulatedWork {
  return {
    type: "whole",
    contentType: "application/json",
    body: JSON.stringify(answer),
    hollow: "{}",
    events: tokensOf(answer.text).length,
  };
}

function streamed(text: string, usage: object): SimulatedWork {
  const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
  const deltas = tokensOf(text).map((delta) => ({ type: "content" as const, text: event({ type: "transcript.text.delta", delta }) }));
  const end = { type: "close" as const, text: event({ type: "transcript.text.done", text, usage }) };
  return {
    type: "stream",
    contentType: "text/event-stream; charset=utf-8",
    events: [...deltas, end],
    errorEvent: (error) => event(error as object),
  };
}

function twoSentences(seed: string): string {
  return sentences(seed).take(2).toArray().join(" ");
}
