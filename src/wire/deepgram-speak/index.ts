import type { Tasks } from "../../ir/operation.ts";
import type { SoundFormat, SpeechRequest } from "../../ir/speech.ts";
import { checkIsSound, SoundStream, spokenUsage } from "../sound-stream.ts";
import { checkSpeech } from "../speech-checks.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** How Deepgram is asked for each format. https://developers.deepgram.com/docs/tts-media-output-settings */
const FORMATS: Readonly<Record<SoundFormat, string>> = {
  mp3: "encoding=mp3",
  opus: "encoding=opus&container=ogg",
  aac: "encoding=aac",
  flac: "encoding=flac",
  wav: "encoding=linear16&container=wav&sample_rate=24000",
  pcm: "encoding=linear16&container=none&sample_rate=24000",
};

/** Deepgram's speech. A voice is a model there, `aura-2-thalia-en`; one of another voice is asked for by that name. https://developers.deepgram.com/reference/text-to-speech */
export const deepgramSpeak: Wire = taskWire<"speech">({
  name: "deepgram-speak",
  operation: "speech",
  provider: () => ({ codec: { perform } }),
});

async function perform(request: SpeechRequest, { call, model, sheet }: TaskContext): Promise<Performed<Tasks["speech"]>> {
  checkSpeech(request, sheet, model, ["mp3", "opus", "aac", "flac", "wav", "pcm"]);
  const { text, voice, format } = request;
  const path = `/speak?model=${encodeURIComponent(voiceOf(model, voice))}&${FORMATS[format]}`;
  const response = await call({ path, body: jsonBody({ text }), accept: "*/*" });
  checkIsSound(response);
  return { type: "stream", response, decoder: new SoundStream(spokenUsage(text)) };
}

/** The model with another voice in it: of `aura-2-thalia-en` and `zeus` comes `aura-2-zeus-en`. */
function voiceOf(model: string, voice: string): string {
  if (voice.startsWith("aura-")) return voice;
  const [, family, language] = /^(aura(?:-\d+)?)-[a-z]+-([a-z]{2})$/.exec(model) ?? [];
  return family === undefined ? model : `${family}-${voice.toLowerCase()}-${language}`;
}
