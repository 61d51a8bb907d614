import type { Patch } from "../bytes/splice.ts";
import type { OmniError } from "../ir/failure.ts";
import type { JsonObject } from "../ir/json.ts";
import type { Loss } from "../ir/loss.ts";
import type { Operation } from "../ir/operation.ts";
import type { Usage } from "../ir/usage.ts";
import type { ChatDownstream, ChatUpstream } from "./chat-codec.ts";
import type { CountDownstream, CountUpstream } from "./count-tokens.ts";
import type { AnswerSink, Keeping, KeepWish } from "./keeping.ts";
import type { ReasoningMemory } from "./reasoning-memory.ts";
import type { TaskDownstream, TaskUpstream } from "./task.ts";

/**
 * A format of one kind of work, in two halves: `downstream` serves clients, `upstream` calls providers.
 * A bridge (bridge.ts) joins any downstream half to any upstream half.
 */
export interface Wire<Dialect = object> {
  /** Also its folder's name, such as `openai-chat`. */
  readonly name: string;
  readonly operation: Operation;
  /** Absent when no client speaks it to us. */
  readonly downstream?: Downstream;
  /** @param departures Where a provider departs from the format's own vendor; `{}` for the vendor itself. */
  upstream(departures: Partial<Dialect>): Upstream;
}

/** What has to be known of a request before it is routed; read from its bytes without parsing them into objects. */
export interface RequestHead {
  /** The bytes that hold the model's name: the body itself, or a decoded copy when the name was written with escapes. */
  readonly modelBytes: Uint8Array;
  /** Where the name begins in `modelBytes`, its quotes not included. */
  readonly modelStart: number;
  /** Where it ends (exclusive). */
  readonly modelEnd: number;
  /** Where the name's JSON value stands in the body, its quotes included, so that another can be put in its place; -1 if it is not in the body. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Whether the client wants the answer as a stream. */
  readonly stream: boolean;
  /** Whether the client asks how many tokens the request has, and not for its answer, where the path alone does not tell. */
  readonly counts?: boolean;
  /**
   * What has to be written where, so that a stream tells its usage, in formats that tell it only to those who ask; undefined if the client asked itself.
   * Whoever writes it opens the stream so that it leaves out what the client did not ask for.
   */
  readonly usageWish?: Patch | undefined;
  /** What it says of answers that are kept, in formats that have such a thing. */
  readonly keep?: KeepWish | undefined;
  /** How the stream is framed, where the request chose another form than the format's usual one. */
  readonly streamForm?: StreamForm;
}

/** Another form of a format's stream, for clients that ask for it: the same events, framed otherwise. */
export interface StreamForm {
  /** The content type. */
  readonly streamType: string;
  /** What keeps a silent stream alive and means nothing, before its first event as well as between two. */
  readonly keepAlive: Uint8Array;
  /** An error before the first event. */
  encodeErrorEvent(error: OmniError, requestId: string): Uint8Array;
  /** Frames anew what a reader hands on in the usual form. */
  reframe(reader: StreamReader): StreamReader;
}

/** What a format's requests and answers are made of: JSON Schema, as OpenAPI 3.1 has it. */
export interface WireSchemas {
  readonly request: JsonObject;
  /** Of whole answers, by content type. */
  readonly answers: Readonly<Record<string, JsonObject>>;
}

/** The half of a wire that faces clients. */
export interface Downstream {
  /** Paths under `/v1` (and `/api/v1`, and those of single providers) that are posted to, such as `/chat/completions`. `*` at the end stands for the rest. */
  readonly paths: readonly string[];
  /** Whole paths that are posted to besides, such as `/api/chat`. */
  readonly rootPaths?: readonly string[];
  /** What its requests are sent as. Default: JSON. `form`: `multipart/form-data`. */
  readonly takes?: "json" | "form" | "json-or-form";
  /** What its requests and answers are made of, as JSON Schema, for the page of documentation. Default: only that there is a model. */
  readonly schemas?: WireSchemas;
  /** The smallest request that works as it is, for the page of documentation. Default: none is shown. */
  readonly sample?: JsonObject;
  /** A request that says all that its clients can say and that others may have no place for, by which it is foreseen what is lost where. */
  readonly everything?: JsonObject;
  /** The content type of a streamed answer. */
  readonly streamType: string;
  /** What keeps a silent stream alive and means nothing, such as an SSE comment. Empty where there is no such thing: then nothing is sent before the content. */
  readonly keepAlive: Uint8Array;
  /** The header in which its clients look for a request's id, to show it with errors: ours, where no provider of the format gives one. */
  readonly idHeader?: string;
  /**
   * Looks at a request's bytes, all of them, so that what the gateway reads is what a provider would read.
   * @param rest What stood for the `*` of the path, decoded; some formats name the model there. Empty if there is none.
   * @param query What stood behind the `?` of the path, as it was sent, for paths with a `*`; some formats choose the form of a stream there. Empty if there is none.
   * @param contentType As the client said it, for formats that are no chat; a form's boundary stands there.
   * @throws {OmniError} `malformed_json`, `invalid_model` or `invalid_request`, naming the field at fault.
   */
  readHead(body: Uint8Array, rest: string, query: string, contentType?: string | null): RequestHead;
  /** An error as this format's clients know it: the whole body of an answer that is not 2xx. */
  encodeError(error: OmniError, requestId: string): Uint8Array;
  /** The status that goes with it, where this format's clients know the failure by another one than the rest of the world. Default: the error's own. */
  statusOf?(error: OmniError): number;
  /** An error in the middle of a stream. Nothing follows it; no terminal is made up. */
  encodeErrorEvent(error: OmniError, requestId: string): Uint8Array;
  /** How the format is translated; absent while it only passes verbatim. */
  readonly chat?: ChatDownstream;
  /** How it is translated, for every kind of work but chat. */
  readonly task?: TaskDownstream;
  /** How its clients have tokens counted; absent if the format has no such thing. */
  readonly count?: CountDownstream;
  /** How its answers are kept and gone on from; absent if the format has no such thing. */
  readonly keeping?: Keeping;
}

/** The half of a wire that faces providers. */
export interface Upstream {
  readonly wire: string;
  /** Where a request is posted to, below the provider's base URL. */
  path(model: string, stream: boolean): string;
  /** The content type by which a stream is asked for. Default: server-sent events. */
  readonly streamType?: string;
  /** Headers that the provider needs besides the credential, such as a version. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of the client's headers that may go on to a provider of the same format. Lower case. */
  readonly requestHeaders: readonly string[];
  /** Domains of the vendor, such as `bfl.ai`: a URL that it gives to be asked with the credential may be on any host of them. Default: only on the origin that is called. */
  readonly hosts?: readonly string[];
  /** Names of the provider's headers that clients may see. Lower case. */
  readonly responseHeaders: readonly string[];
  /**
   * Reads a refusal (any status but 2xx) and says what it means.
   * @param epochMs The wall clock, for `retry-after` dates.
   */
  decodeRefusal(status: number, headers: { get(name: string): string | null }, body: Uint8Array, epochMs: number): OmniError;
  /**
   * Looks at a whole 2xx answer.
   * @returns What it used, if it says so.
   * @throws {OmniError} If it is hollow: an error in a 200, no content, a web page.
   */
  inspectAnswer(contentType: string | null, body: Uint8Array): Usage | undefined;
  /**
   * Changes a body of the format, made already, into what the provider wants of it, such as one without the model's name.
   * @param clientHeaders The client's, where it speaks the same format.
   */
  dress?(
    body: Uint8Array,
    clientHeaders: { get(name: string): string | null } | undefined,
  ): { readonly body: Uint8Array; readonly losses: readonly Loss[] };
  /** What of a client's header may go on. Default: all of it. @returns undefined if nothing is left. */
  headerFor?(name: string, value: string): string | undefined;
  /** Whether the provider's streams tell their usage to those who ask for it by `RequestHead.usageWish`. Default: they tell it anyway, or never. */
  readonly grantsUsageWish?: boolean;
  /**
   * Starts to look at a streamed 2xx answer that goes to a client of the same format. Never called where no client speaks it.
   * @param hidesUsage Whether to leave out what only comes to those who ask for usage, since the client did not. Default false.
   * @param sink Is told what becomes of the answer, in formats that have `keeping`.
   */
  openStream(hidesUsage?: boolean, sink?: AnswerSink): StreamReader;
  /** Whether the provider keeps answers under their names, so that it can be asked for them and to go on from them. Default false. */
  readonly keepsAnswers?: boolean;
  /** Where it makes a conversation shorter, below its base URL; absent if it does not. */
  readonly compactPath?: string;
  /** How the format is translated; absent while it only passes verbatim. */
  readonly chat?: ChatUpstream;
  /** How reasoning that clients of the same format drop is put back for the provider. Default: they bring it themselves, or there is none. */
  readonly replay?: Replay;
  /** How the work is done, for every kind but chat. */
  readonly task?: TaskUpstream;
  /** How the provider counts tokens; absent if it does not. */
  readonly count?: CountUpstream;
}

/** Keeps reasoning that clients drop and puts it back, where requests and answers pass as they are. */
export interface Replay {
  /**
   * Puts back what is remembered.
   * @param isAsked Whether the provider has just refused the request for want of it.
   * @returns The same bytes where there is nothing to put back.
   */
  into(body: Uint8Array, memory: ReasoningMemory, isAsked: boolean): Uint8Array;
  /** Looks at an answer on its way. @param body What was asked. */
  open(body: Uint8Array, memory: ReasoningMemory): AnswerTap;
}

/** Looks on while an answer goes by; changes nothing and throws nothing. */
export interface AnswerTap {
  /** A whole answer. */
  whole(answer: Uint8Array): void;
  /** A piece of a stream, as the provider sent it; valid until the call is over. */
  push(chunk: Uint8Array): void;
  /** The stream has come to its proper end. */
  end(): void;
}

/**
 * Reads a provider's stream on its way to the client, chunk by chunk, cut anywhere.
 * It hands on only whole events, so that a stream that breaks off never leaves half an event with the client.
 */
export interface StreamReader {
  /**
   * Takes the next bytes.
   * @returns The whole events that are complete now, possibly of length 0. They may be views of `chunk`; the caller sends them before it pushes again.
   *   What follows a failure is not handed on.
   */
  push(chunk: Uint8Array): Uint8Array;
  /** Takes the end of the bytes; sets `failure` (`upstream_truncated`) if the protocol's own end was missing. Returns what is left to send. */
  end(): Uint8Array;
  /** Whether an event with content (text, reasoning, a tool call, an end) has been handed on. Before that, another target may still take over. */
  readonly committed: boolean;
  /**
   * Whether the protocol's own end has come, so that whatever becomes of the connection now, the answer is whole. Always false where a format has no event
   * for its end.
   */
  readonly isComplete: boolean;
  /** What went wrong inside the stream: an error event, an event too large, a missing end. Nothing is handed on after it. */
  readonly failure: OmniError | undefined;
  /** What the stream said it used; the last word wins. */
  readonly usage: Usage | undefined;
  /**
   * Tells the client that the stream breaks off here, in the client's format and in keeping with what it was given so far.
   * @param error The reader's own failure, or what cut the reading short. Nothing follows; no terminal is made up.
   */
  encodeFailure(error: OmniError, requestId: string): Uint8Array;
}
