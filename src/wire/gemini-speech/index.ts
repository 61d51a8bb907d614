import { wavOf } from "../../bytes/wav.ts";
import { OmniError } from "../../ir/failure.ts";
import type { Tasks } from "../../ir/operation.ts";
import type { SpeechRequest } from "../../ir/speech.ts";
import type { Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { checkSpeech } from "../speech-checks.ts";
import type { Performed, TaskContext } from "../task.ts";
import { jsonBody, readJson } from "../task-json.ts";
import { taskWire } from "../task-wire.ts";
import type { Wire } from "../wire.ts";

/** How many samples a second Gemini makes, if it does not say. */
const SAMPLES_PER_SECOND = 24_000;

/** Gemini's speech: bare samples in an answer of generateContent. https://ai.google.dev/gemini-api/docs/speech-generation */
export const geminiSpeech: Wire = taskWire<"speech">({
  name: "gemini-speech",
  operation: "speech",
  provider: () => ({ codec: { perform } }),
});

async function perform(request: SpeechRequest, { call, model, sheet }: TaskContext): Promise<Performed<Tasks["speech"]>> {
  checkSpeech(request, sheet, model, ["wav", "pcm"]);
  const { text, voice, format, instructions } = request;
  const body = {
    contents: [{ parts: [{ text: instructions === undefined ? text : `${instructions}:\n${text}` }] }],
    generationConfig: {
      responseModalities: ["AUDIO"],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } },
    },
  };
  const response = await call({ path: `/models/${encodeURIComponent(model)}:generateContent`, body: jsonBody(body) });
  const answer = Fields.of(await readJson(response), "", "upstream_invalid");
  const { samples, rate } = readSound(answer);
  return { type: "whole", result: { sound: format === "wav" ? wavOf(samples, rate) : samples }, usage: readUsage(answer) };
}

function readSound(answer: Fields): { readonly samples: Uint8Array; readonly rate: number } {
  const parts = answer.objectsMaybe("candidates")?.[0]?.objectMaybe("content")?.objectsMaybe("parts") ?? [];
  const sound = parts.flatMap((part) => part.objectMaybe("inlineData") ?? []);
  const [first] = sound;
  if (first === undefined) throw new OmniError("upstream_invalid", "Cannot use the provider's answer: there is no sound in it.");
  const rate = Number(/rate=(\d+)/.exec(first.stringMaybe("mimeType") ?? "")?.[1] ?? SAMPLES_PER_SECOND);
  return { samples: Buffer.concat(sound.map((each) => Buffer.from(each.string("data"), "base64"))), rate };
}

function readUsage(answer: Fields): Usage | undefined {
  const usage = answer.objectMaybe("usageMetadata");
  if (usage === undefined) return undefined;
  const outputTokens = usage.numberMaybe("candidatesTokenCount") ?? 0;
  return {
    inputTokens: usage.numberMaybe("promptTokenCount") ?? 0,
    inputTokensCached: 0,
    outputTokens,
    outputTokensOfAudio: outputTokens,
    reasoningTokens: 0,
  };
}
