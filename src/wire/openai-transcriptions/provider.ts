import { type NewFormPart, writeForm } from "../../bytes/multipart.ts";
import type { Json } from "../../ir/json.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { Segment, TranscriptFormat, TranscriptionRequest, TranscriptionResult, Word } from "../../ir/transcription.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { readJson } from "../task-json.ts";
import { checkRecording, isTimed } from "../transcription-checks.ts";
import { TranscriptStream } from "./stream.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiTranscriptionsDialect {
  /** What they answer with. Default: everything but speakers. */
  readonly formats: readonly TranscriptFormat[];
  /** Whether they translate. Default true. */
  readonly translates: boolean;
}

const FORMATS: readonly TranscriptFormat[] = ["json", "text", "srt", "verbose_json", "vtt"];

/** Has a recording written down. Times and texts are asked for as JSON, which says what was used, and turned into what the client wants here. */
export async function perform(
  request: TranscriptionRequest,
  { call, model, sheet, requestId }: TaskContext,
  { formats = FORMATS, translates = true }: Partial<OpenaiTranscriptionsDialect>,
): Promise<Performed<Tasks["transcription"]>> {
  checkRecording(request, sheet, model, { formats, translates });
  const { contentType, body } = writeForm(partsOf(request, model), `omni-${requestId}`);
  const path = request.type === "translate" ? "/audio/translations" : "/audio/transcriptions";
  const response = await call({ path, body, contentType, accept: request.stream ? "text/event-stream" : "application/json" });
  // Older models do not stream, whatever they are asked.
  if (request.stream && /^text\/event-stream/i.test(response.headers.get("content-type") ?? ""))
    return { type: "stream", response, decoder: new TranscriptStream() };
  const { result, usage } = decodeTranscript(await readJson(response));
  return { type: "whole", result, usage };
}

function partsOf(request: TranscriptionRequest, model: string): NewFormPart[] {
  const { file, format, language, prompt, temperature, times, stream, rest } = request;
  const asked = format === "diarized_json" ? format : isTimed(format) ? "verbose_json" : "json";
  const fields: [string, string | undefined][] = [
    ["model", model],
    ["response_format", asked],
    ["language", language],
    ["prompt", prompt],
    ["temperature", temperature === undefined ? undefined : String(temperature)],
    ...times.map((each): [string, string] => ["timestamp_granularities[]", each]),
    ["stream", stream ? "true" : undefined],
  ];
  return [
    ...fields.flatMap(([name, content]) => (content === undefined ? [] : [{ name, content }])),
    ...rest.map(([name, content]) => ({ name, content })),
    { name: "file", content: file.bytes, filename: file.name, contentType: file.type },
  ];
}

const KNOWN: ReadonlySet<string> = new Set(["text", "task", "language", "duration", "segments", "words"]);
const SEGMENT: ReadonlySet<string> = new Set(["start", "end", "text"]);

/** @throws {OmniError} `upstream_invalid`, naming the field. */
export function decodeTranscript(json: Json): { readonly result: TranscriptionResult; readonly usage: Usage | undefined } {
  const answer = Fields.of(json, "", "upstream_invalid");
  const segments = answer.objectsMaybe("segments")?.map((segment): Segment => {
    return {
      start: segment.numberMaybe("start") ?? 0,
      end: segment.numberMaybe("end") ?? 0,
      text: segment.string("text"),
      rest: segment.rest(SEGMENT),
    };
  });
  const words = answer.objectsMaybe("words")?.map((word): Word => {
    return { word: word.string("word"), start: word.numberMaybe("start") ?? 0, end: word.numberMaybe("end") ?? 0 };
  });
  const duration = answer.numberMaybe("duration");
  const result = {
    text: answer.string("text"),
    language: answer.stringMaybe("language"),
    duration,
    segments,
    words,
    rest: answer.rest(KNOWN),
  };
  return { result, usage: readUsage(answer.objectMaybe("usage"), duration) };
}

/** Newer models bill tokens, older ones seconds. */
export function readUsage(usage: Fields | undefined, duration: number | undefined): Usage | undefined {
  const seconds = usage?.numberMaybe("seconds") ?? duration;
  const inputTokens = usage?.numberMaybe("input_tokens");
  if (inputTokens === undefined && seconds === undefined) return undefined;
  const audio = usage?.objectMaybe("input_token_details")?.numberMaybe("audio_tokens");
  return {
    inputTokens: inputTokens ?? 0,
    inputTokensCached: 0,
    outputTokens: usage?.numberMaybe("output_tokens") ?? 0,
    reasoningTokens: 0,
    ...(audio !== undefined && { inputTokensOfAudio: audio }),
    ...(inputTokens === undefined && seconds !== undefined && { audioSeconds: seconds }),
  };
}
