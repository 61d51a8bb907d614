import type { OmniError } from "../ir/failure.ts";
import type { Loss } from "../ir/loss.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Operation, Tasks } from "../ir/operation.ts";
import type { Task } from "../ir/task.ts";
import type { Usage } from "../ir/usage.ts";
import type { FetchedPage } from "../world/guarded/guarded-fetch.ts";
import type { NetworkResponse } from "../world/network.ts";

/** The client's half of a kind of work besides chat. */
export interface TaskDownstream<T extends Task<unknown, unknown, unknown> = Tasks[Exclude<Operation, "chat">]> {
  /**
   * Reads a request, and finds whatever is wrong with it whoever may answer: nothing has been sent then.
   * @param contentType As the client said it; a form's boundary stands there.
   * @throws {OmniError} `invalid_request` or a more telling kind, naming the field and what may stand there. Never anything else, whatever the bytes are.
   */
  decodeRequest(body: Uint8Array, contentType: string | null): T["request"];
  encodeResult(result: T["result"], request: T["request"], context: TaskAnswerContext): TaskAnswer;
  /** Starts a streamed answer. Absent where the format has none. */
  encodeStream?(request: T["request"], context: TaskAnswerContext): TaskStreamEncoder<T["event"]>;
  /** A result that came whole, as the events of a stream: for clients that want a stream of a provider that has none. */
  unfold?(result: T["result"]): readonly T["event"][];
}

/** The provider's half, made for its dialect. */
export interface TaskUpstream<T extends Task<unknown, unknown, unknown> = Tasks[Exclude<Operation, "chat">]> {
  /**
   * Has the work done: in one call, or in as many as the provider needs (batches, jobs that are asked after).
   * @throws {OmniError} What is wrong with the request for this very model (from its sheet), before anything is sent; or whatever `call` throws; or
   *   `upstream_invalid`. Never anything else, whatever the provider sends.
   */
  perform(request: T["request"], context: TaskContext): Promise<Performed<T>>;
}

/** What came of the work. */
export type Performed<T extends Task<unknown, unknown, unknown>> =
  | {
      readonly type: "whole";
      readonly result: T["result"];
      /** undefined if the provider did not say, and it does not follow from the request either. */
      readonly usage: Usage | undefined;
      readonly losses?: readonly Loss[];
    }
  /** The answer begins: its bytes come as the client reads. Only if the client asked for a stream (`TaskContext.stream`). */
  | { readonly type: "stream"; readonly response: NetworkResponse; readonly decoder: TaskStreamDecoder<T["event"]> };

/** What the work is done with. */
export interface TaskContext {
  /** As the provider calls it. */
  readonly model: string;
  readonly sheet: ModelSheet;
  /** Whether the client wants a stream. */
  readonly stream: boolean;
  readonly requestId: string;
  /**
   * Sends one request to the provider, signed, under the attempt's deadline.
   * @returns A 2xx answer.
   * @throws {OmniError} What the provider's refusal means, or the network's failure.
   */
  call(request: TaskCall): Promise<NetworkResponse>;
  /**
   * Fetches what a client or a provider named by URL, by the guarded fetch alone: no credential goes with it.
   * @param bytesMax No more is read.
   * @throws {FetchError} If there is nothing, or it is not to be fetched.
   */
  fetchUrl(url: string, bytesMax: number): Promise<FetchedPage>;
  /** Waits, for jobs that have to be asked after. Ends early, by throwing, with the attempt. */
  pause(ms: number): Promise<void>;
}

/** One request to a provider. */
export interface TaskCall {
  /** Default `POST`. */
  readonly method?: "GET" | "POST" | "DELETE";
  /** Below the base URL, `?` and what follows included. Segments that come from outside are to be encoded by the caller. */
  readonly path: string;
  /**
   * A whole URL that the provider gave, to be asked instead of `path` if a credential may go there: it is on the base URL's origin, or both are on hosts
   * that the format declares (`Upstream.hosts`). Default: none.
   */
  readonly url?: string | undefined;
  readonly body?: Uint8Array;
  /** Of the body. Default `application/json`. */
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
}

/** What an encoder may have to know besides the answer. */
export interface TaskAnswerContext {
  readonly requestId: string;
  /** The provider's name of the model. */
  readonly model: string;
  /** Seconds since 1970. */
  readonly nowS: number;
  readonly usage: Usage | undefined;
}

/** A whole answer as the client gets it. */
export interface TaskAnswer {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly losses?: readonly Loss[];
}

/** Makes events of a provider's streamed answer, cut anywhere. */
export interface TaskStreamDecoder<Event> {
  /** @throws {OmniError} What the stream says went wrong, or `upstream_invalid`. */
  push(chunk: Uint8Array): readonly Event[];
  /** Takes the end of the bytes. @throws {OmniError} `upstream_truncated`, if the protocol's own end is missing. */
  end(): readonly Event[];
  /** What it used, as far as the stream has said it by now. */
  readonly usage: Usage | undefined;
}

/** Makes the client's bytes of events. */
export interface TaskStreamEncoder<Event> {
  push(events: readonly Event[]): Uint8Array;
  /** Tells that the stream breaks off here; nothing where the format has no words for it, as in plain audio. */
  encodeFailure(error: OmniError, requestId: string): Uint8Array;
}
