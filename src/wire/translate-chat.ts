import { SSE_EVENT_BYTES_MAX, SseReader } from "../bytes/sse.ts";
import type { ChatRequest } from "../ir/chat.ts";
import type { ChatEvent } from "../ir/chat-events.ts";
import { OmniError } from "../ir/failure.ts";
import { parseJson } from "../ir/json.ts";
import type { Usage } from "../ir/usage.ts";
import type { Bridge, Crossing, CrossingContext, EncodedAnswer } from "./bridge.ts";
import { MARKED_BYTES_MIN, withCacheMarks } from "./cache-marks.ts";
import type { AnswerContext, ChatDownstream, ChatStreamDecoder, ChatStreamEncoder, ChatUpstream, Frames } from "./chat-codec.ts";
import type { AnswerSink } from "./keeping.ts";
import type { EventFilter } from "./event-filter.ts";
import { NotAStream } from "./not-a-stream.ts";
import {
  beginningOf,
  isAmidTools,
  keepReasoning,
  REASONING_WANTED,
  type ReasoningMemory,
  recallReasoning,
  withBlankReasoning,
  withoutReasoning,
} from "./reasoning-memory.ts";
import { ReasoningTap } from "./reasoning-tap.ts";
import { endStream } from "./stream-events.ts";
import { withoutTriflesAnswered, withoutTriflesAsked } from "./trifles.ts";
import { ANTHROPIC_MESSAGES, BEDROCK_CONVERSE } from "./wire-names.ts";
import type { Tape } from "./tape.ts";
import type { Downstream, StreamReader, Upstream } from "./wire.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();
const EMPTY: Uint8Array = new Uint8Array();

/** Joins two formats of chat by way of the IR. */
export function translateChat(downstream: Downstream, client: ChatDownstream, upstream: Upstream, provider: ChatUpstream): Bridge {
  return {
    type: "translate",
    downstream,
    upstream,
    remembers: true,
    cross(request, { model }, crossing): Crossing {
      const asked = request.chat(client);
      const kept = client.keptByVendor?.(asked);
      if (kept !== undefined) throw notKept(kept, model);
      // Usage is asked for always, since the ledger needs it; the client's encoder tells it only if the client asked.
      const { cacheMark, tape } = crossing;
      if (tape?.isGoingOn === false) tape.begin(asked);
      const recalled = withReasoning(asked, crossing, upstream);
      const whole = tape?.isGoingOn ? tape.continued(recalled, provider.goesOn?.(model) ?? false) : recalled;
      const isMarked = cacheMark !== undefined && request.body.length >= MARKED_BYTES_MIN && provider.marksPrompts?.(model) === true;
      const encoded = provider.encodeRequest({ ...(isMarked ? withCacheMarks(whole, cacheMark) : whole), model, streamUsage: true });
      // What is thought of the second half alone belongs to no whole answer.
      const context = { ...crossing, ...(tape?.isGoingOn && { memory: undefined }), request: asked };
      const names = { id: `gen-${crossing.requestId}`, model, isKept: crossing.isKept === true };
      return {
        body: utf8.encode(JSON.stringify(encoded.json)),
        losses: withoutTriflesAsked(encoded.losses, asked),
        encodeAnswer: (contentType, body) => encodeAnswer(upstream, provider, client, context, names, contentType, body),
        openStream: () => new TranslatedStream(upstream, provider, client, context, names, crossing.sink, crossing.filter, tape),
      };
    },
  };
}

/** The request with what the client's format dropped; mended, where the provider has refused it for its reasoning. */
function withReasoning(asked: ChatRequest, { memory, mending }: CrossingContext, upstream: Upstream): ChatRequest {
  if (mending === "strip") {
    const request = { ...asked, messages: withoutReasoning(asked.messages) };
    // Amid a loop of tools Claude takes a turn that begins without thinking only with thinking switched off.
    const isSwitchedOff = THINKS_IN_ORDER.has(upstream.wire) && isAmidTools(asked.messages);
    return isSwitchedOff ? { ...request, reasoning: { mode: "off" } } : request;
  }
  if (memory === undefined) return asked;
  const messages = recallReasoning(asked.messages, memory);
  if (mending === "blank") {
    memory.put(REASONING_WANTED, "1");
    return { ...asked, messages: withBlankReasoning(messages), reasoningWanted: true };
  }
  if (messages === asked.messages) return asked;
  return { ...asked, messages, reasoningWanted: memory.get(REASONING_WANTED) !== undefined };
}

const THINKS_IN_ORDER: ReadonlySet<string> = new Set([ANTHROPIC_MESSAGES, BEDROCK_CONVERSE]);

/** To leave such a field out would answer a question without what it is about. */
export function notKept(field: string, model: string): OmniError {
  const message = `Cannot go on from \`${field}\`: ${model} is of another vendor than the one that keeps it, and the gateway keeps none. Send all of it in the request.`;
  return new OmniError("previous_response_not_found", message, { param: field });
}

interface RememberingContext extends AnswerContext {
  readonly request: ChatRequest;
  readonly memory?: ReasoningMemory | undefined;
}

/** What an answer is called whose format names neither itself nor its model. */
interface Names {
  readonly id: string;
  readonly model: string;
  /** Whether the answer is kept under its name, which then has to be no other's: not all providers see to that. */
  readonly isKept: boolean;
}

/** Names by which answers are found again at the provider that gave them. */
const FOUND_AGAIN = /^resp_/;

/** Gives an answer the names that its format has no place for. */
function named<T extends { readonly id: string; readonly model: string }>(answer: T, { id, model, isKept }: Names): T {
  const renamed = answer.id === "" || (isKept && !FOUND_AGAIN.test(answer.id));
  return renamed || answer.model === "" ? { ...answer, id: renamed ? id : answer.id, model: answer.model || model } : answer;
}

function encodeAnswer(
  upstream: Upstream,
  provider: ChatUpstream,
  client: ChatDownstream,
  context: RememberingContext,
  names: Names,
  contentType: string | null,
  body: Uint8Array,
): EncodedAnswer {
  const inspected = inspect(upstream, contentType, body);
  const response = named(provider.decodeResponse(parseJson(text.decode(body))), names);
  const [choice] = response.choices;
  if (context.memory !== undefined && choice !== undefined)
    keepReasoning(choice.parts, beginningOf(context.request.messages), context.memory);
  const { json, losses } = client.encodeResponse(response, context);
  return { body: utf8.encode(JSON.stringify(json)), usage: response.usage ?? inspected, losses: withoutTriflesAnswered(losses) };
}

/** Also tells answers that are hollow. What a provider says in them is in its own format, which the client does not speak. */
function inspect(upstream: Upstream, contentType: string | null, body: Uint8Array): Usage | undefined {
  try {
    return upstream.inspectAnswer(contentType, body);
  } catch (error) {
    throw error instanceof OmniError ? withoutBody(error) : error;
  }
}

/** Reads a provider's stream in one format and hands it on in another. */
class TranslatedStream implements StreamReader {
  committed = false;
  isComplete = false;
  failure: OmniError | undefined;
  usage: Usage | undefined;

  private readonly upstream: Upstream;
  private readonly frames: Frames;
  private readonly foreign: NotAStream | undefined;
  private readonly decoder: ChatStreamDecoder;
  private readonly encoder: ChatStreamEncoder;
  private readonly names: Names;

  private readonly context: RememberingContext;
  private readonly tap: ReasoningTap | undefined;
  private readonly tape: Tape | undefined;
  private sink: AnswerSink | undefined;
  private readonly filter: EventFilter | undefined;

  constructor(
    upstream: Upstream,
    provider: ChatUpstream,
    client: ChatDownstream,
    context: RememberingContext,
    names: Names,
    sink: AnswerSink | undefined,
    filter: EventFilter | undefined,
    tape: Tape | undefined,
  ) {
    this.sink = sink;
    this.filter = filter;
    this.tape = tape;
    this.names = names;
    this.context = context;
    this.tap = context.memory && new ReasoningTap();
    this.upstream = upstream;
    this.foreign = provider.openFrames === undefined ? new NotAStream() : undefined;
    this.frames = provider.openFrames?.() ?? new SseReader();
    this.decoder = provider.decodeStream();
    const encode = (): ChatStreamEncoder => client.encodeStream(context);
    this.encoder = tape === undefined ? encode() : tape.encoder(encode);
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.failure !== undefined) return EMPTY;
    if (this.foreign?.takes(chunk)) {
      this.failure = this.foreign.failure;
      return EMPTY;
    }
    const { frames } = this;
    const events: ChatEvent[] = [];
    frames.push(chunk);
    while (this.failure === undefined && frames.next()) this.read(events);
    if (frames.tooLong)
      this.fail(
        new OmniError("upstream_invalid", `Cannot use the provider's stream: an event is longer than ${SSE_EVENT_BYTES_MAX} bytes.`),
      );
    if (frames.broken !== undefined && this.failure === undefined)
      this.fail(new OmniError("upstream_invalid", `Cannot use the provider's stream: ${frames.broken}.`));
    frames.take();
    return this.write(events);
  }

  end(): Uint8Array {
    if (this.failure !== undefined) return EMPTY;
    if (this.foreign?.isForeign) {
      this.fail(this.foreign.end((body) => this.upstream.inspectAnswer(null, body)));
      return EMPTY;
    }
    const events: ChatEvent[] = [];
    const { frames } = this;
    if (frames.finish() === "event") this.note(endStream(this.decoder, dataOf(frames), frames.type), events);
    else this.note(this.decoder.end(), events);
    return this.write(events);
  }

  encodeFailure(error: OmniError): Uint8Array {
    return utf8.encode(this.encoder.write({ type: "failure", error }));
  }

  private write(events: readonly ChatEvent[]): Uint8Array {
    const bytes = this.encoder.push(events);
    if (this.sink !== undefined && this.encoder.answer !== undefined) {
      this.sink.ended(utf8.encode(JSON.stringify(this.encoder.answer)));
      this.sink = undefined;
    }
    return bytes;
  }

  private read(events: ChatEvent[]): void {
    this.note(this.decoder.push(dataOf(this.frames), this.frames.type), events);
  }

  /** Keeps what is to be handed on; what follows a failure is not. */
  private note(said: readonly ChatEvent[], events: ChatEvent[]): void {
    for (const event of said) {
      if (event.type === "failure") {
        this.fail(event.error);
        return;
      }
      if (event.type === "usage") this.usage = event.usage;
      else if (event.type === "start") this.usage = event.usage ?? this.usage;
      if (event.type === "end") {
        this.isComplete = true;
        this.remember();
      }
      this.tap?.push(event);
      this.committed ||= isContent(event);
      const shown = event.type === "start" ? named(event, this.names) : event;
      // The tape has what the client gets, and no more.
      const passed: ChatEvent[] = this.tape === undefined ? events : [];
      const goesOn = this.filter === undefined ? passed.push(shown) > 0 : this.passes(shown, passed, this.filter);
      if (this.tape !== undefined) for (const each of passed) events.push(...this.tape.pass(each));
      if (!goesOn) return;
    }
  }

  /** @returns Whether the stream may go on. */
  private passes(event: ChatEvent, events: ChatEvent[], filter: EventFilter): boolean {
    try {
      filter.push(event, events);
      return true;
    } catch (error) {
      if (!(error instanceof OmniError)) throw error;
      this.fail(error);
      return false;
    }
  }

  /** The answer has come to its end: what of it the client's format may drop is kept. */
  private remember(): void {
    const { memory, request } = this.context;
    const parts = this.tap?.parts;
    if (memory !== undefined && parts !== undefined) keepReasoning(parts, beginningOf(request.messages), memory);
  }

  private fail(failure: OmniError): void {
    // The body is in the provider's own format, which the client does not speak.
    this.failure = withoutBody(failure);
  }
}

function dataOf({ data, dataStart, dataEnd }: Frames): string {
  return text.decode(data.subarray(dataStart, dataEnd));
}

/** Tells an error in the client's own words, if what it holds is in the provider's. */
export function withoutBody(failure: OmniError): OmniError {
  if (failure.body === undefined) return failure;
  const { kind, message, status, retryAfterMs, param } = failure;
  return new OmniError(kind, message, {
    cause: failure,
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(param !== undefined && { param }),
  });
}

function isContent(event: ChatEvent): boolean {
  switch (event.type) {
    case "part-start":
      return event.content.type === "text" || event.content.type === "refusal"
        ? event.content.text !== ""
        : event.content.type !== "reasoning";
    case "text-delta":
    case "reasoning-delta":
      return event.text !== "";
    case "arguments-delta":
    case "citation":
    case "opaque":
    case "foreign-delta":
    case "finish":
      return true;
    default:
      return false;
  }
}
