import { Refusal, type SimulatedOperation, type SimulatedWork } from "./operation.ts";
import { samplesOf, silentMp3, spokenWav } from "./sound.ts";

/** The voices that it answers to; all sound the same. */
export const VOICES = ["alloy", "echo", "fable", "onyx", "nova", "shimmer"] as const;
const CHARACTERS_MAX = 4096;

/** The formats that it writes. MP3 is silent: to sound, it would have to be coded. */
const WRITERS: Readonly<Record<string, readonly [contentType: string, write: (text: string) => Uint8Array]>> = {
  mp3: ["audio/mpeg", silentMp3],
  wav: ["audio/wav", spokenWav],
  pcm: ["audio/pcm", samplesOf],
};

/**
 * Speech, as OpenAI answers it: tones as long as the text. What a WAV file says can be written down again.
 * https://platform.openai.com/docs/api-reference/audio/createSpeech
 */
export const speech: SimulatedOperation = {
  path: "/audio/speech",
  perform: (body): SimulatedWork => {
    const { input, voice, response_format: format = "mp3" } = body as Record<string, unknown>;
    if (typeof input !== "string" || input === "" || input.length > CHARACTERS_MAX)
      throw new Refusal(400, `Invalid 'input': a text of 1 to ${CHARACTERS_MAX} characters is needed.`, { param: "input" });
    if (!VOICES.some((name) => name === voice))
      throw new Refusal(400, `Invalid voice. Supported: ${VOICES.join(", ")}.`, { param: "voice" });
    const [contentType, write] = WRITERS[String(format)] ?? [];
    if (contentType === undefined || write === undefined)
      throw new Refusal(400, `Invalid response_format. Supported: ${Object.keys(WRITERS).join(", ")}.`, { param: "response_format" });
    return { type: "whole", contentType, body: write(input), hollow: "", events: 1 };
  },
};
