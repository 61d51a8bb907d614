import type { JsonObject } from "../../ir/json.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { SoundFormat, SpeechRequest } from "../../ir/speech.ts";
import { checkIsSound, SoundStream, spokenUsage } from "../sound-stream.ts";
import { checkSpeech } from "../speech-checks.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** How Cartesia is asked for each format that it writes. */
const FORMATS: Readonly<Partial<Record<SoundFormat, JsonObject>>> = {
  mp3: { container: "mp3", sample_rate: 44_100, bit_rate: 128_000 },
  wav: { container: "wav", encoding: "pcm_s16le", sample_rate: 24_000 },
  pcm: { container: "raw", encoding: "pcm_s16le", sample_rate: 24_000 },
};

/** Cartesia's speech; a voice is an id there. https://docs.cartesia.ai/api-reference/tts/bytes */
export const cartesiaSpeech: Wire = taskWire<"speech">({
  name: "cartesia-speech",
  operation: "speech",
  provider: () => ({ headers: { "cartesia-version": "2025-04-16" }, codec: { perform } }),
});

async function perform(request: SpeechRequest, { call, model, sheet }: TaskContext): Promise<Performed<Tasks["speech"]>> {
  checkSpeech(request, sheet, model, Object.keys(FORMATS) as SoundFormat[]);
  const { text, voice, format } = request;
  const body = { model_id: model, transcript: text, voice: { mode: "id", id: voice }, output_format: FORMATS[format] };
  const response = await call({ path: "/tts/bytes", body: jsonBody(body), accept: "*/*" });
  checkIsSound(response);
  return { type: "stream", response, decoder: new SoundStream(spokenUsage(text)) };
}
