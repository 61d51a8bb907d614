import type { OmniError } from "../../ir/failure.ts";
import { SOUND_FORMATS, SOUND_TYPES, type SoundFormat, type SpeechEvent, type SpeechRequest, type SpeechResult } from "../../ir/speech.ts";
import { inputTokensTotal, outputTokensTotal, type Usage } from "../../ir/usage.ts";
import { Fields } from "../fields.ts";
import { encodeErrorEvent } from "../openai-chat/envelope.ts";
import { readBodyHead } from "../openai-chat/head.ts";
import { parseRequest } from "../read-json.ts";
import type { TaskAnswer, TaskAnswerContext, TaskStreamEncoder } from "../task.ts";
import type { RequestHead, StreamForm } from "../wire.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "input",
  "voice",
  "response_format",
  "speed",
  "instructions",
  "stream_format",
  "stream",
]);
const SPEED_MIN = 0.25;
const SPEED_MAX = 4;
const NOTHING: Uint8Array = new Uint8Array();

/** Sound always goes out as it is made, whatever form the client asked for. */
export function readHead(body: Uint8Array): RequestHead {
  const head = readBodyHead(body, false);
  const { format, events } = decodeRequest(body);
  return { ...head, stream: true, ...(!events && { streamForm: bare(SOUND_TYPES[format]) }) };
}

/** Sound by itself: nothing can stand before it, nothing can be said in it. */
function bare(streamType: string): StreamForm {
  return { streamType, keepAlive: NOTHING, encodeErrorEvent: () => NOTHING, reframe: (reader) => reader };
}

/** @throws {OmniError} `invalid_request`, naming the field and what may stand there. */
export function decodeRequest(body: Uint8Array): SpeechRequest {
  const fields = Fields.of(parseRequest(body), "", "invalid_request");
  const text = fields.string("input");
  if (text === "") throw fields.wrong("input", "a text with something in it");
  const speed = fields.numberMaybe("speed");
  if (speed !== undefined && !(speed >= SPEED_MIN && speed <= SPEED_MAX))
    throw fields.wrong("speed", `a number from ${SPEED_MIN} to ${SPEED_MAX}`);
  return {
    text,
    voice: readVoice(fields),
    format: oneOf(fields, "response_format", SOUND_FORMATS) ?? "mp3",
    speed,
    instructions: fields.stringMaybe("instructions"),
    events: oneOf(fields, "stream_format", ["audio", "sse"]) === "sse",
    rest: fields.rest(KNOWN),
  };
}

/** A name, or an object with an id, as of voices that a customer made. */
function readVoice(fields: Fields): string {
  return typeof fields.json["voice"] === "object" ? fields.object("voice").string("id") : fields.string("voice");
}

function oneOf<const Word extends string>(fields: Fields, key: string, words: readonly Word[]): Word | undefined {
  const value = fields.stringMaybe(key);
  if (value === undefined) return undefined;
  const known = words.find((word) => word === value);
  if (known === undefined) throw fields.wrong(key, `one of ${words.map((word) => JSON.stringify(word)).join(", ")}`);
  return known;
}

/** All of the sound, for those who take it whole. */
export function encodeResult({ sound }: SpeechResult, { format }: { readonly format: SoundFormat }): TaskAnswer {
  return { contentType: SOUND_TYPES[format], body: sound };
}

/** Sound that came whole, as if it had come as it was made. */
export function unfold({ sound }: SpeechResult): readonly SpeechEvent[] {
  return [{ type: "sound", bytes: sound }, { type: "end" }];
}

/** Sound as it is made: by itself, or in server-sent events. */
export function encodeStream({ events }: SpeechRequest, context: TaskAnswerContext): TaskStreamEncoder<SpeechEvent> {
  return events ? new EventEncoder(context.usage) : { push: (parts) => join(parts.map(soundOf)), encodeFailure: () => NOTHING };
}

function soundOf(event: SpeechEvent): Uint8Array {
  return event.type === "sound" ? event.bytes : NOTHING;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces); // The length was just looked at.
}

/** Pieces of sound as server-sent events. */
class EventEncoder implements TaskStreamEncoder<SpeechEvent> {
  private readonly usage: Usage | undefined;

  constructor(usage: Usage | undefined) {
    this.usage = usage;
  }

  push(events: readonly SpeechEvent[]): Uint8Array {
    return Buffer.from(events.map((event) => this.textOf(event)).join(""));
  }

  encodeFailure(error: OmniError, requestId: string): Uint8Array {
    return encodeErrorEvent(error, requestId);
  }

  private textOf(event: SpeechEvent): string {
    if (event.type === "sound") return dataOf({ type: "speech.audio.delta", audio: Buffer.from(event.bytes).toString("base64") });
    return dataOf({ type: "speech.audio.done", ...(this.usage !== undefined && { usage: told(this.usage) }) });
  }
}

function told(usage: Usage): object {
  const [input, output] = [inputTokensTotal(usage), outputTokensTotal(usage)];
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

function dataOf(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
