import { OmniError } from "../../ir/failure.ts";
import type { Json } from "../../ir/json.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { TranscriptFormat, TranscriptionRequest, TranscriptionResult, Word } from "../../ir/transcription.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import { checkRecording } from "../transcription-checks.ts";
import type { Wire } from "../wire.ts";

/** What it tells can be made into all of these. */
const FORMATS: readonly TranscriptFormat[] = ["json", "text", "srt", "verbose_json", "vtt"];

/** Deepgram's transcriptions; a recording is sent as it is. https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded */
export const deepgramListen: Wire = taskWire<"transcription">({
  name: "deepgram-listen",
  operation: "transcription",
  provider: () => ({ codec: { perform } }),
});

async function perform(request: TranscriptionRequest, { call, model, sheet }: TaskContext): Promise<Performed<Tasks["transcription"]>> {
  checkRecording(request, sheet, model, { formats: FORMATS, translates: false });
  const query = new URLSearchParams({ model, smart_format: "true", utterances: "true" });
  if (request.language !== undefined) query.set("language", request.language);
  else query.set("detect_language", "true");
  const response = await call({ path: `/listen?${query}`, body: request.file.bytes, contentType: request.file.type });
  return { type: "whole", ...decode(await readJson(response)) };
}

function decode(json: Json): { readonly result: TranscriptionResult; readonly usage: Usage | undefined } {
  const answer = Fields.of(json, "", "upstream_invalid");
  const results = answer.object("results");
  const [channel] = results.objects("channels");
  const [best] = channel?.objects("alternatives") ?? [];
  if (channel === undefined || best === undefined)
    throw new OmniError("upstream_invalid", "Cannot use the provider's answer: there is no transcript in it.");
  const duration = answer.objectMaybe("metadata")?.numberMaybe("duration");
  const words = best.objectsMaybe("words")?.map((word): Word => {
    return {
      word: word.stringMaybe("punctuated_word") ?? word.string("word"),
      start: word.numberMaybe("start") ?? 0,
      end: word.numberMaybe("end") ?? 0,
    };
  });
  const segments = results.objectsMaybe("utterances")?.map((said) => ({
    start: said.numberMaybe("start") ?? 0,
    end: said.numberMaybe("end") ?? 0,
    text: said.string("transcript"),
    rest: undefined,
  }));
  const result = {
    text: best.string("transcript"),
    language: channel.stringMaybe("detected_language"),
    duration,
    segments,
    words,
    rest: undefined,
  };
  return { result, usage: secondsUsage(duration) };
}

/** What was used where seconds are billed. */
export function secondsUsage(audioSeconds: number | undefined): Usage | undefined {
  if (audioSeconds === undefined) return undefined;
  return { inputTokens: 0, inputTokensCached: 0, outputTokens: 0, reasoningTokens: 0, audioSeconds };
}
