import { writeForm } from "../../bytes/multipart.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { TranscriptFormat, TranscriptionRequest, Word } from "../../ir/transcription.ts";
import { secondsUsage } from "../deepgram-listen/index.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import { checkRecording } from "../transcription-checks.ts";
import type { Wire } from "../wire.ts";

/** What it tells can be made into all of these. */
const FORMATS: readonly TranscriptFormat[] = ["json", "text", "srt", "verbose_json", "vtt"];

/** ElevenLabs' transcriptions. https://elevenlabs.io/docs/api-reference/speech-to-text/convert */
export const elevenlabsTranscription: Wire = taskWire<"transcription">({
  name: "elevenlabs-transcription",
  operation: "transcription",
  provider: () => ({ codec: { perform } }),
});

async function perform(
  request: TranscriptionRequest,
  { call, model, sheet, requestId }: TaskContext,
): Promise<Performed<Tasks["transcription"]>> {
  checkRecording(request, sheet, model, { formats: FORMATS, translates: false });
  const { file, language } = request;
  const parts = [
    { name: "model_id", content: model },
    { name: "timestamps_granularity", content: "word" },
    ...(language === undefined ? [] : [{ name: "language_code", content: language }]),
    { name: "file", content: file.bytes, filename: file.name, contentType: file.type },
  ];
  const { contentType, body } = writeForm(parts, `omni-${requestId}`);
  const answer = Fields.of(await readJson(await call({ path: "/speech-to-text", body, contentType })), "", "upstream_invalid");
  const words = (answer.objectsMaybe("words") ?? []).flatMap((word): Word[] => {
    if (word.stringMaybe("type") !== "word") return [];
    return [{ word: word.string("text"), start: word.numberMaybe("start") ?? 0, end: word.numberMaybe("end") ?? 0 }];
  });
  const duration = answer.numberMaybe("audio_duration_secs") ?? words.at(-1)?.end;
  const language_code = answer.stringMaybe("language_code");
  const result = { text: answer.string("text"), language: language_code, duration, segments: undefined, words, rest: undefined };
  return { type: "whole", result, usage: secondsUsage(duration) };
}
