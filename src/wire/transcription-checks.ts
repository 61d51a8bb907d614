import { OmniError } from "../ir/failure.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import { TRANSCRIPT_FORMATS, type TranscriptFormat, type TranscriptionRequest } from "../ir/transcription.ts";

/** Formats that say when something was said. */
const TIMED: ReadonlySet<TranscriptFormat> = new Set(["srt", "vtt", "verbose_json"]);

/** What a provider can do with recordings. */
export interface Listener {
  /** Whether it can translate into English. */
  readonly translates: boolean;
  /** What it can answer with, where the model's sheet does not say. Texts and times can be turned into one another here. */
  readonly formats: readonly TranscriptFormat[];
}

/**
 * Holds a request against what the model can do.
 * @throws {OmniError} `file_too_large` or `invalid_request`, with what there is.
 */
export function checkRecording(request: TranscriptionRequest, sheet: ModelSheet, model: string, listener: Listener): void {
  const { type, file, format } = request;
  const { fileBytesMax } = sheet;
  if (fileBytesMax !== undefined && file.bytes.length > fileBytesMax) {
    const message = `Cannot write down this recording: it has ${file.bytes.length} bytes, and ${model} takes ${fileBytesMax} at most. Cut or compress it.`;
    throw new OmniError("file_too_large", message, { param: "file" });
  }
  if (type === "translate" && !listener.translates)
    throw new OmniError("invalid_request", `Cannot translate: ${model} only writes down what was said, in its own language.`, {
      param: "model",
    });
  const formats = answersOf(sheet, listener);
  if (formats.includes(format)) return;
  const message = `Cannot answer with ${format}: ${model} gives ${formats.join(", ")}. Ask for one of them in \`response_format\`.`;
  throw new OmniError("invalid_request", message, { param: "response_format" });
}

/** All that clients can be given: who tells times can be asked for whatever is made of them. */
function answersOf({ formats }: ModelSheet, listener: Listener): readonly TranscriptFormat[] {
  const own = formats === undefined ? listener.formats : TRANSCRIPT_FORMATS.filter((format) => formats.includes(format));
  const timed = own.some((format) => TIMED.has(format));
  return TRANSCRIPT_FORMATS.filter(
    (format) => own.includes(format) || format === "text" || format === "json" || (timed && TIMED.has(format)),
  );
}

/** Whether an answer in this format has to know when things were said. */
export function isTimed(format: TranscriptFormat): boolean {
  return TIMED.has(format);
}
