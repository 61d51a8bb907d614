import type { Tasks } from "../../ir/operation.ts";
import { SOUND_FORMATS, type SoundFormat, type SpeechRequest } from "../../ir/speech.ts";
import { checkIsSound, SoundStream, spokenUsage } from "../sound-stream.ts";
import { checkSpeech } from "../speech-checks.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody } from "../task-json.ts";

/** Where providers that speak this format depart from OpenAI. */
export interface OpenaiSpeechDialect {
  /** What they write. Default: everything. */
  readonly formats: readonly SoundFormat[];
}

/** Has a text spoken. */
export async function perform(
  request: SpeechRequest,
  { call, model, sheet }: TaskContext,
  { formats = SOUND_FORMATS }: Partial<OpenaiSpeechDialect>,
): Promise<Performed<Tasks["speech"]>> {
  checkSpeech(request, sheet, model, formats);
  const { text, voice, format, speed, instructions, rest } = request;
  const body = {
    ...rest,
    model,
    input: text,
    voice,
    response_format: format,
    ...(speed !== undefined && { speed }),
    ...(instructions !== undefined && { instructions }),
  };
  const response = await call({ path: "/audio/speech", body: jsonBody(body), accept: "*/*" });
  checkIsSound(response);
  return { type: "stream", response, decoder: new SoundStream(spokenUsage(text)) };
}
