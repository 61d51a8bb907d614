import type { Tasks } from "../../ir/operation.ts";
import type { SoundFormat, SpeechRequest } from "../../ir/speech.ts";
import { checkIsSound, SoundStream, spokenUsage } from "../sound-stream.ts";
import { checkSpeech } from "../speech-checks.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** How ElevenLabs is asked for each format that it writes. */
const FORMATS: Readonly<Partial<Record<SoundFormat, string>>> = {
  mp3: "mp3_44100_128",
  opus: "opus_48000_128",
  wav: "wav_24000",
  pcm: "pcm_24000",
};

/** ElevenLabs' speech; a voice is an id there. https://elevenlabs.io/docs/api-reference/text-to-speech/stream */
export const elevenlabsSpeech: Wire = taskWire<"speech">({
  name: "elevenlabs-speech",
  operation: "speech",
  provider: () => ({ codec: { perform } }),
});

async function perform(request: SpeechRequest, { call, model, sheet }: TaskContext): Promise<Performed<Tasks["speech"]>> {
  checkSpeech(request, sheet, model, Object.keys(FORMATS) as SoundFormat[]);
  const { text, voice, format, speed } = request;
  const body = { text, model_id: model, ...(speed !== undefined && { voice_settings: { speed } }) };
  const path = `/text-to-speech/${encodeURIComponent(voice)}/stream?output_format=${FORMATS[format]}`;
  const response = await call({ path, body: jsonBody(body), accept: "*/*" });
  checkIsSound(response);
  return { type: "stream", response, decoder: new SoundStream(spokenUsage(text)) };
}
