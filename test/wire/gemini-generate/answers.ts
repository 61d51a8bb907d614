import type { ChatEvent } from "../../../src/ir/chat-events.ts";
import type { ChatResponse } from "../../../src/ir/chat.ts";
import { foldEvents } from "../../../src/ir/fold-events.ts";
import { unfoldResponse } from "../../../src/ir/unfold-response.ts";
import type { ChatCodec } from "../../../src/wire/chat-codec.ts";
import { CHAT_CODECS } from "../../../src/wire/chat-codecs.ts";
import { geminiGenerateCodec } from "../../../src/wire/gemini-generate/codec.ts";
import { ollamaChatCodec } from "../../../src/wire/ollama-chat/codec.ts";
import { API_OF, exchangesOf } from "../codec/recordings.ts";
import { STREAMS, WHOLES } from "./recorded.ts";

/** All formats of chat, each of which must be able to say what any other one said. */
export const ALL_CODECS: readonly ChatCodec[] = [
  ...CHAT_CODECS.filter(({ wire }) => wire !== "gemini-generate" && wire !== "ollama-chat"),
  geminiGenerateCodec,
  ollamaChatCodec,
];

/** A recorded answer in the words of the IR. */
export interface Answer {
  readonly name: string;
  readonly events: readonly ChatEvent[];
  readonly response: ChatResponse;
}

/** Every good answer of every provider that was recorded, streams as they came and whole answers unfolded. */
export const ANSWERS: readonly Answer[] = [...CHAT_CODECS.flatMap(ofCodec), ...ofGoogle()];

function ofCodec(codec: ChatCodec): Answer[] {
  const api = API_OF[codec.wire];
  if (api === undefined) return [];
  return exchangesOf(api).flatMap(({ id, status, body, stream }) => {
    if (status !== 200) return [];
    if (stream === undefined) return [whole(id, codec.decodeResponse(body))];
    const decoder = codec.decodeStream();
    return streamed(id, [...stream.flatMap((event) => decoder.push(event.data, event.name)), ...decoder.end()]);
  });
}

function ofGoogle(): Answer[] {
  const { decodeResponse, decodeStream } = geminiGenerateCodec;
  return [
    ...WHOLES.map(({ name, pieces }) => whole(name, decodeResponse(pieces[0]))),
    ...STREAMS.flatMap(({ name, pieces }) => {
      const decoder = decodeStream();
      return streamed(name, [...pieces.flatMap((piece) => decoder.push(JSON.stringify(piece))), ...decoder.end()]);
    }),
  ];
}

function whole(name: string, response: ChatResponse): Answer {
  return { name, response, events: [...unfoldResponse(response)] };
}

function streamed(name: string, events: readonly ChatEvent[]): Answer[] {
  return events.at(-1)?.type === "end" ? [{ name, events, response: foldEvents(events) }] : [];
}

/** What must be the same, streamed or whole: all but where bags stand, and blanks between the arguments of calls. */
export function meaningOf({ choices, usage }: ChatResponse): unknown {
  return {
    usage,
    choices: choices.map(({ parts, finish: { bags: _bags, raw: _raw, ...finish } }) => ({
      finish,
      parts: parts.map((part) => (part.type === "tool-call" ? { ...part, argumentsJson: plain(part.argumentsJson) } : part)),
    })),
  };
}

function plain(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}
