import { type Patch, splice, splicePair } from "../bytes/splice.ts";
import type { CacheMark } from "../ir/chat-parts.ts";
import type { Loss } from "../ir/loss.ts";
import type { ModelSheet } from "../ir/model-sheet.ts";
import type { Usage } from "../ir/usage.ts";
import type { AnswerSink } from "./keeping.ts";
import type { EventFilter } from "./event-filter.ts";
import type { ClientRequest } from "./client-request.ts";
import type { ReasoningMemory, ReasoningMending } from "./reasoning-memory.ts";
import { stripReasoning } from "./strip-reasoning.ts";
import { TappedStream } from "./tapped-stream.ts";
import type { Tape } from "./tape.ts";
import { type TaskBridge, taskBridge } from "./task-bridge.ts";
import { translateChat } from "./translate-chat.ts";
import type { Downstream, Replay, RequestHead, StreamReader, Upstream, Wire } from "./wire.ts";

/** Joins what a client speaks to what a provider speaks. Chosen when the plan is compiled, one per pair. */
export interface Bridge {
  /** `verbatim`: both ends are the same wire, and bytes pass untouched but for the model's name. `translate`: by way of the IR. */
  readonly type: "verbatim" | "translate";
  readonly downstream: Downstream;
  readonly upstream: Upstream;
  /** Whether it has use for what is remembered of reasoning. Default false. */
  readonly remembers?: boolean;
  /** Every kind of work but chat goes this way, and never calls `cross`. */
  readonly task?: TaskBridge;
  /**
   * Takes a request over to one target.
   * @throws {OmniError} `invalid_request`, if the request is not what its format says.
   */
  cross(request: ClientRequest, model: ModelName, context: CrossingContext): Crossing;
}

/** A model as its provider knows it. */
export interface ModelName {
  readonly model: string;
  /** The same as a JSON string, quotes included. */
  readonly modelJson: Uint8Array;
  /** What is known of it. Default: nothing. */
  readonly sheet?: ModelSheet;
}

/** What a format may have to say of an exchange that neither end knows. */
export interface CrossingContext {
  readonly requestId: string;
  /** The client's headers, for providers that want something of them in the body. */
  readonly clientHeaders?: { get(name: string): string | null };
  /** The wall clock. Seconds since 1970. */
  readonly nowS: number;
  /** How long the exchange has taken so far. Some formats tell it with the answer. */
  elapsedMs?(): number;
  /** Whether the answer will be found again under its name, in formats that tell; undefined leaves it to what the client wished. */
  readonly isKept?: boolean | undefined;
  /** The answer that the request goes on from, whose words were written into it. */
  readonly previousId?: string | undefined;
  /** Looks at a streamed answer on its way. What passes untouched can not be looked at. */
  readonly filter?: EventFilter | undefined;
  /** Is told what becomes of the answer, in formats that have `keeping`. Whole answers are the caller's to tell. */
  readonly sink?: AnswerSink | undefined;
  /** What is remembered of this target's reasoning; only given to bridges that ask for it. */
  readonly memory?: ReasoningMemory | undefined;
  /** What to mark prompts with that are to be cached, where the client's format has no marks; undefined for not at all. */
  readonly cacheMark?: CacheMark | undefined;
  /** How the request is to be mended, after the target has refused it for its reasoning. */
  readonly mending?: ReasoningMending | undefined;
  /** Takes down what a stream says, or goes on with what it has taken down. Only ways by the IR look at it. */
  readonly tape?: Tape | undefined;
}

/** One request on its way to one target, and the answer on its way back. */
export interface Crossing {
  /** What the provider is sent; the client's own bytes when nothing had to change. */
  readonly body: Uint8Array;
  /** What the provider's format had no place for. */
  readonly losses: readonly Loss[];
  /**
   * Makes the client's whole answer of the provider's.
   * @throws {OmniError} If the answer is hollow, so that another target may be asked.
   */
  encodeAnswer(contentType: string | null, body: Uint8Array): EncodedAnswer;
  openStream(): StreamReader;
}

/** A whole answer as the client gets it. */
export interface EncodedAnswer {
  readonly body: Uint8Array;
  readonly usage: Usage | undefined;
  /** What the client's format had no place for. */
  readonly losses: readonly Loss[];
}

/**
 * Finds the way from a client's format to a provider's.
 * @param half The provider's half of `upstream`, made for its dialect.
 * @returns undefined when there is none.
 */
export function bridgeOf(downstream: Wire, upstream: Wire, half: Upstream): Bridge | undefined {
  return dressed(plainBridgeOf(downstream, upstream, half), downstream.name === upstream.name);
}

function plainBridgeOf(downstream: Wire, upstream: Wire, half: Upstream): Bridge | undefined {
  if (downstream.downstream === undefined) return undefined;
  if (downstream.downstream.task !== undefined && half.task !== undefined)
    return joined(downstream.downstream, half, taskBridge(downstream.downstream.task, half.task));
  if (downstream.name === upstream.name) return verbatim(downstream.downstream, half);
  if (downstream.downstream.chat === undefined || half.chat === undefined) return undefined;
  return translateChat(downstream.downstream, downstream.downstream.chat, half, half.chat);
}

/** The same, by way of the IR even where both ends speak the same: for who has to look at what passes. */
export function translatedBridgeOf(downstream: Wire, upstream: Wire, half: Upstream): Bridge | undefined {
  if (downstream.name !== upstream.name || downstream.downstream?.task !== undefined) return bridgeOf(downstream, upstream, half);
  if (downstream.downstream?.chat === undefined || half.chat === undefined) return undefined;
  return dressed(translateChat(downstream.downstream, downstream.downstream.chat, half, half.chat), true);
}

/** The same bridge to a provider that wants the format's bodies in clothes of its own. */
function dressed(bridge: Bridge | undefined, isSame: boolean): Bridge | undefined {
  const dress = bridge?.upstream.dress;
  if (bridge === undefined || dress === undefined) return bridge;
  return {
    ...bridge,
    cross: (request, model, context) => {
      const crossing = bridge.cross(request, model, context);
      const { body, losses } = dress(crossing.body, isSame ? context.clientHeaders : undefined);
      return { ...crossing, body, losses: losses.length === 0 ? crossing.losses : [...crossing.losses, ...losses] };
    },
  };
}

function joined(downstream: Downstream, upstream: Upstream, task: TaskBridge): Bridge {
  return {
    type: "translate",
    downstream,
    upstream,
    task,
    cross: () => {
      throw new Error("This kind of work goes by way of `task`.");
    },
  };
}

/**
 * The way between two ends that speak the same, but by the IR: for requests into which kept words of another vendor were written, which may hold what this
 * one would refuse; and for streams that another provider may have to go on with.
 * @returns undefined where nothing is translated.
 */
export function restatingBridge({ downstream }: Wire, half: Upstream): Bridge | undefined {
  if (downstream?.chat === undefined || half.chat === undefined) return undefined;
  return translateChat(downstream, downstream.chat, half, half.chat);
}

const NONE: readonly Loss[] = [];

/** Both ends speak the same: only the model's name changes on the way, and usage is asked for where the ledger would not hear of it otherwise. */
export function verbatim(downstream: Downstream, upstream: Upstream): Bridge {
  const encodeAnswer = (contentType: string | null, body: Uint8Array): EncodedAnswer => asItIs(upstream, contentType, body);
  const openStream = (): StreamReader => upstream.openStream();
  const openWithoutUsage = (): StreamReader => upstream.openStream(true);
  const { grantsUsageWish = false, replay } = upstream;
  return {
    type: "verbatim",
    downstream,
    upstream,
    ...(replay !== undefined && { remembers: true }),
    cross: ({ body, head }, { modelJson }, { memory, mending, sink, filter }) => {
      const wish = grantsUsageWish && head.stream ? head.usageWish : undefined;
      const crossing = {
        body: patched(body, head, modelJson, wish),
        losses: NONE,
        encodeAnswer,
        openStream:
          filter !== undefined
            ? unfiltered
            : sink !== undefined
              ? () => upstream.openStream(wish !== undefined, sink)
              : wish === undefined
                ? openStream
                : openWithoutUsage,
      };
      if (mending === "strip") return { ...crossing, body: stripReasoning(upstream.wire, crossing.body) };
      return replay === undefined || memory === undefined ? crossing : replayed(crossing, replay, memory, mending === "blank");
    },
  };
}

/** What was compiled for who looks at answers has no such bridges. */
function unfiltered(): never {
  throw new Error("What passes untouched can not be looked at.");
}

/** Hands a whole answer on untouched. @throws {OmniError} If it is hollow. */
export function asItIs(upstream: Upstream, contentType: string | null, body: Uint8Array): EncodedAnswer {
  return { body, usage: upstream.inspectAnswer(contentType, body), losses: NONE };
}

/** The same with reasoning put back, and the answer's kept. */
function replayed(crossing: Crossing, replay: Replay, memory: ReasoningMemory, isAsked: boolean): Crossing {
  const body = replay.into(crossing.body, memory, isAsked);
  return {
    body,
    losses: crossing.losses,
    encodeAnswer: (contentType, answer) => {
      const encoded = crossing.encodeAnswer(contentType, answer);
      replay.open(body, memory).whole(answer);
      return encoded;
    },
    openStream: () => new TappedStream(crossing.openStream(), replay.open(body, memory)),
  };
}

/** Hot path: one allocation, the body's copy, and none where nothing changes. */
function patched(body: Uint8Array, { valueStart, valueEnd }: RequestHead, modelJson: Uint8Array, wish: Patch | undefined): Uint8Array {
  const named = valueStart < 0 || holds(body, valueStart, valueEnd, modelJson);
  if (wish === undefined) return named ? body : splice(body, valueStart, valueEnd, modelJson);
  if (named) return splice(body, wish.start, wish.end, wish.text);
  return splicePair(body, { start: valueStart, end: valueEnd, text: modelJson }, wish);
}

function holds(body: Uint8Array, start: number, end: number, value: Uint8Array): boolean {
  if (end - start !== value.length) return false;
  for (let index = 0; index < value.length; index++) if (body[start + index] !== value[index]) return false;
  return true;
}
