import { OmniError } from "../ir/failure.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { SoundFormat, SpeechRequest } from "../ir/speech.ts";

/**
 * Holds a request against what the model can do.
 * @param writes The formats that the provider writes.
 * @throws {OmniError} `invalid_voice`, `input_too_long` or `invalid_request`, with what there is.
 */
export function checkSpeech(
  { text, voice, format }: SpeechRequest,
  sheet: ModelSheet,
  model: string,
  writes: readonly SoundFormat[],
): void {
  const { voices, inputCharactersMax } = sheet;
  if (voices !== undefined && !voices.includes(voice)) {
    const message = `Cannot speak with the voice ${JSON.stringify(voice)}: ${model} has ${voices.join(", ")}.`;
    throw new OmniError("invalid_voice", message, { param: "voice" });
  }
  if (inputCharactersMax !== undefined && text.length > inputCharactersMax) {
    const message = `Cannot speak this text: it has ${text.length} characters, and ${model} takes ${inputCharactersMax} at most. Cut it into pieces.`;
    throw new OmniError("input_too_long", message, { param: "input" });
  }
  const formats = sheet.formats ?? writes;
  if (!formats.includes(format)) {
    const message = `Cannot make ${format} of it: ${model} makes ${formats.join(", ")}. Ask for one of them in \`response_format\`.`;
    throw new OmniError("invalid_request", message, { param: "response_format" });
  }
}
