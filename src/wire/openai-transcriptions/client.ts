import { soundTypeOf } from "../../bytes/sound-type.ts";
import { OmniError } from "../../ir/failure.ts";
import {
  TRANSCRIPT_FORMATS,
  type TranscriptFormat,
  type TranscriptionEvent,
  type TranscriptionRequest,
  type TranscriptionResult,
} from "../../ir/transcription.ts";
import type { Usage } from "../../ir/usage.ts";
import { Form } from "../form.ts";
import { encodeErrorEvent } from "../openai-chat/envelope.ts";
import type { TaskAnswer, TaskAnswerContext, TaskStreamEncoder } from "../task.ts";
import type { TaskClientOptions } from "../task-wire.ts";
import { segmentsOf, srtOf, vttOf } from "../transcript-text.ts";
import type { RequestHead } from "../wire.ts";
import { SCHEMAS } from "./schemas.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "file",
  "language",
  "prompt",
  "response_format",
  "temperature",
  "timestamp_granularities",
  "stream",
]);

/** What clients may send, in the words that they know. */
const TAKEN = "mp3, mp4, mpeg, mpga, m4a, wav, webm, ogg, flac";

/** The half that faces clients, of transcriptions or of translations. */
export function clientHalf(type: TranscriptionRequest["type"]): Omit<TaskClientOptions<"transcription">, "paths"> {
  return {
    takes: "form",
    schemas: SCHEMAS,
    readHead: (body, _, __, contentType) => readHead(body, contentType ?? null),
    codec: {
      decodeRequest: (body, contentType) => decodeRequest(body, contentType, type),
      encodeResult: (result, request, context) => encodeResult(result, request, context),
      encodeStream: () => ENCODER,
      unfold: (result) => [
        { type: "text-delta", text: result.text },
        { type: "end", result },
      ],
    },
  };
}

function readHead(body: Uint8Array, contentType: string | null): RequestHead {
  const form = Form.of(body, contentType);
  const { start, end } = form.model();
  const place = { modelBytes: body, modelStart: start, modelEnd: end, valueStart: -1, valueEnd: -1 };
  return { ...place, stream: form.booleanMaybe("stream") ?? false };
}

function decodeRequest(body: Uint8Array, contentType: string | null, type: TranscriptionRequest["type"]): TranscriptionRequest {
  const form = Form.of(body, contentType);
  const { bytes, filename } = form.file("file");
  const sound = soundTypeOf(bytes);
  if (sound === undefined) {
    const message = `Cannot tell what \`file\` is: by its content it is none of ${TAKEN}. Its name does not matter.`;
    throw new OmniError("invalid_file_format", message, { param: "file" });
  }
  const times = form.list("timestamp_granularities").map((value): "word" | "segment" => {
    if (value === "word" || value === "segment") return value;
    throw form.wrong("timestamp_granularities", 'a list of "word" and "segment"');
  });
  return {
    type,
    file: { bytes, name: filename, type: sound.mediaType },
    language: form.textMaybe("language"),
    prompt: form.textMaybe("prompt"),
    format: readFormat(form),
    temperature: form.numberMaybe("temperature"),
    times,
    stream: form.booleanMaybe("stream") ?? false,
    rest: form.rest(KNOWN),
  };
}

function readFormat(form: Form): TranscriptFormat {
  const format = form.textMaybe("response_format") ?? "json";
  const known = TRANSCRIPT_FORMATS.find((each) => each === format);
  if (known === undefined)
    throw form.wrong("response_format", `one of ${TRANSCRIPT_FORMATS.map((each) => JSON.stringify(each)).join(", ")}`);
  return known;
}

/** `text`, `srt` and `vtt` are plain text, as with OpenAI. */
function encodeResult(result: TranscriptionResult, { format, type }: TranscriptionRequest, { usage }: TaskAnswerContext): TaskAnswer {
  switch (format) {
    case "text":
      return plain(`${result.text}\n`);
    case "srt":
      return plain(srtOf(segmentsOf(result)));
    case "vtt":
      return plain(vttOf(segmentsOf(result)));
    case "json":
      return json({ text: result.text, ...usageOf(result, usage) });
    case "verbose_json":
    case "diarized_json":
      return json({ task: type, ...verbose(result), ...usageOf(result, usage) });
    default:
      return format satisfies never;
  }
}

function verbose(result: TranscriptionResult): object {
  const { text, language, duration, words, rest } = result;
  const segments = segmentsOf(result).map(({ start, end, text: said, rest: more }, id) => ({ id, ...more, start, end, text: said }));
  return {
    ...rest,
    ...(language !== undefined && { language }),
    ...(duration !== undefined && { duration }),
    text,
    segments,
    ...(words !== undefined && { words }),
  };
}

/** As the provider told it where that was OpenAI's way; else the seconds, if they are known. */
function usageOf({ rest }: TranscriptionResult, usage: Usage | undefined): object {
  if (rest?.["usage"] !== undefined) return { usage: rest["usage"] };
  return usage?.audioSeconds === undefined ? {} : { usage: { type: "duration", seconds: usage.audioSeconds } };
}

function plain(text: string): TaskAnswer {
  return { contentType: "text/plain; charset=utf-8", body: Buffer.from(text) };
}

function json(value: object): TaskAnswer {
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(value)) };
}

/** https://platform.openai.com/docs/api-reference/audio/transcript-text-delta-event */
const ENCODER: TaskStreamEncoder<TranscriptionEvent> = {
  push: (events) => Buffer.from(events.map((event) => `data: ${JSON.stringify(toldOf(event))}\n\n`).join("")),
  encodeFailure: encodeErrorEvent,
};

function toldOf(event: TranscriptionEvent): object {
  if (event.type === "text-delta") return { type: "transcript.text.delta", delta: event.text };
  return { type: "transcript.text.done", text: event.result.text, ...usageOf(event.result, undefined) };
}
