import { OmniError } from "../../ir/failure.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { TranscriptFormat, TranscriptionRequest, Word } from "../../ir/transcription.ts";
import { secondsUsage } from "../deepgram-listen/index.ts";
import { Fields } from "../fields.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import { checkRecording } from "../transcription-checks.ts";
import type { Wire } from "../wire.ts";

/** What it tells can be made into all of these. */
const FORMATS: readonly TranscriptFormat[] = ["json", "text", "srt", "verbose_json", "vtt"];
/** How long to wait before a job is asked after again: more and more patiently. */
const PAUSES_MS = [500, 1000, 2000, 3000] as const;

/** AssemblyAI's transcriptions: a recording is put there, a job is begun, and asked after. https://www.assemblyai.com/docs/api-reference/transcripts/submit */
export const assemblyaiTranscription: Wire = taskWire<"transcription">({
  name: "assemblyai-transcription",
  operation: "transcription",
  provider: () => ({ codec: { perform } }),
});

async function perform(request: TranscriptionRequest, context: TaskContext): Promise<Performed<Tasks["transcription"]>> {
  const { call, model, sheet } = context;
  checkRecording(request, sheet, model, { formats: FORMATS, translates: false });
  const put = await call({ path: "/upload", body: request.file.bytes, contentType: "application/octet-stream" });
  const audio_url = Fields.of(await readJson(put), "", "upstream_invalid").string("upload_url");
  const spoken = request.language === undefined ? { language_detection: true } : { language_code: request.language };
  const job = await call({ path: "/transcript", body: jsonBody({ audio_url, speech_models: [model], ...spoken }) });
  const answer = await finished(Fields.of(await readJson(job), "", "upstream_invalid"), context);
  const duration = answer.numberMaybe("audio_duration");
  const words = answer.objectsMaybe("words")?.map((word): Word => {
    return { word: word.string("text"), start: (word.numberMaybe("start") ?? 0) / 1000, end: (word.numberMaybe("end") ?? 0) / 1000 };
  });
  const language = answer.stringMaybe("language_code");
  const result = { text: answer.stringMaybe("text") ?? "", language, duration, segments: undefined, words, rest: undefined };
  return { type: "whole", result, usage: secondsUsage(duration) };
}

/** Asks after a job until it has ended. The attempt's own deadline ends the waiting. */
async function finished(begun: Fields, { call, pause }: TaskContext): Promise<Fields> {
  let job = begun;
  for (let turn = 0; ; turn++) {
    const status = job.string("status");
    if (status === "completed") return job;
    if (status === "error")
      throw new OmniError(
        "upstream_failed",
        `The provider could not write it down: ${(job.stringMaybe("error") ?? "it did not say why").slice(0, 500)}`,
      );
    await pause(PAUSES_MS[Math.min(turn, PAUSES_MS.length - 1)]!); // Below its length.
    const path = `/transcript/${encodeURIComponent(job.string("id"))}`;
    job = Fields.of(await readJson(await call({ method: "GET", path })), "", "upstream_invalid");
  }
}
