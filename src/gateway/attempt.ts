import { OmniError } from "../ir/failure.ts";
import type { Loss } from "../ir/loss.ts";
import type { Usage } from "../ir/usage.ts";
import { formatBytesSaved } from "../policies/compress/index.ts";
import { firstSignMs, Limit } from "../resilience/deadline.ts";
import type { Target, TargetBridge } from "../routing/plan.ts";
import { asItIs, type Bridge, type Crossing } from "../wire/bridge.ts";
import type { ClientRequest } from "../wire/client-request.ts";
import { mayFollow } from "../wire/origin.ts";
import { rateLimitOf } from "../wire/rate-limit.ts";
import type { TaskCall } from "../wire/task.ts";
import type { TaskBridge } from "../wire/task-bridge.ts";
import { Tape } from "../wire/tape.ts";
import { withoutBody } from "../wire/translate-chat.ts";
import { Cancellation, type CancelSignal } from "../world/cancellation.ts";
import type { Clock } from "../world/clock.ts";
import { hostOf, portOf } from "../world/guarded/check-url.ts";
import { type FetchedPage, guardedFetch } from "../world/guarded/guarded-fetch.ts";
import { NetworkError, type NetworkResponse } from "../world/network.ts";
import { networkErrorOf } from "../world/network-fetch.ts";
import { type BookedAttempt, policyTargetOf } from "./account.ts";
import { RememberedReasoning } from "./remembered-reasoning.ts";
import type { AttemptRecord, Exchange } from "./exchange.ts";
import type { LiveProvider } from "./live.ts";
import { StreamAnswer } from "./stream-answer.ts";

/** No answer is held in memory beyond this. 64 MiB. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Of a refusal's body no more is read than this; what matters stands at its beginning. */
const REFUSAL_BYTES_MAX = 64 * 1024;
/** How long a file may take to be fetched that an answer names by URL: images are larger than pages. */
const FETCH_MS_MAX = 60_000;
/** What an attempt that succeeded gives: the whole answer, or a stream that has come to its content. */
export type Answer = WholeAnswer | StreamAnswer;

/** A whole answer, as the client gets it. */
export interface WholeAnswer {
  readonly type: "whole";
  readonly attempt: Attempt;
  /** undefined where the answer took several of the provider's, or was made of its own. */
  readonly response: NetworkResponse | undefined;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Told where losses are, in the ledger too: not all of the answer is of the target that ended it. */
const WENT_ON: Loss = {
  path: "",
  what: "resumed",
  why: "It went on with what another target had said before it broke off.",
  weight: "content",
};

const NOBODY: AttemptRecord["passedOver"] = [];

/** One try at one target: sends, waits under a deadline, and judges what came. */
export class Attempt {
  readonly target: Target;
  readonly bridge: Bridge;
  readonly record: AttemptRecord;
  private readonly exchange: Exchange;
  private readonly provider: LiveProvider;
  private readonly way: TargetBridge;
  private readonly request: ClientRequest;
  private readonly purpose: "answer" | "count";
  /** What its stream says, where somebody else may have to go on with it. */
  readonly tape: Tape | undefined;
  private readonly cancellation = new Cancellation();
  private limit: Limit | undefined;
  private booked: BookedAttempt | undefined;
  private memory: RememberedReasoning | undefined;
  private firstByteMs: number | undefined;
  /** Bytes of the answer that went on to the client. */
  bytesOut = 0;
  /** What the provider said it used. */
  usage: Usage | undefined;
  /** Whether another attempt runs beside it, so that it is only the exchange's own once it has won. */
  isRival = false;
  private losses: readonly Loss[] = [];
  private firstContentMs: number | undefined;
  private sent = false;
  private over = false;

  /**
   * @param purpose Whether the request is to be answered, or its tokens counted by a target that has a counter.
   * @param goesOnWith What a stream had said before it broke off.
   */
  constructor(exchange: Exchange, target: Target, purpose: "answer" | "count" = "answer", goesOnWith?: Tape) {
    this.exchange = exchange;
    this.target = target;
    this.provider = exchange.live.providers[target.provider]!; // Ids are rows.
    this.purpose = purpose;
    const way = target.bridges.get(exchange.received.wire.name)!; // A route's targets can all be reached from its wire: the plan saw to it.
    this.way = purpose === "count" ? { ...way.count!, streamUrl: way.count!.url } : way; // The caller has looked.
    const { continuation } = exchange;
    this.request = continuation?.requestAt(target.id) ?? exchange.request;
    // What was kept of one vendor may hold what another would refuse, so it goes by the IR.
    this.tape = goesOnWith ?? (exchange.resumes ? new Tape() : undefined);
    const byIr = this.tape !== undefined || continuation?.isRestatedAt(target.id) === true;
    this.bridge = (byIr ? this.way.restating : undefined) ?? this.way.bridge;
    this.record = { target, startedMs: exchange.world.clock.nowMs(), failure: undefined, isHedge: false, passedOver: NOBODY };
    exchange.attempts.push(this.record);
    exchange.tried.add(target.id);
  }

  /**
   * Runs until there is an answer worth giving to the client.
   * @param last Whether no other target could take over, so that patience is all there is.
   * @throws {OmniError} Whatever went wrong; health knows of it by then.
   */
  async run(last: boolean): Promise<Answer> {
    const { exchange, target } = this;
    const { health } = exchange.live;
    health.started(target.id, this.record.startedMs, exchange.hasFailedAt(target.provider));
    exchange.onLeave((reason) => this.abort(reason));
    try {
      const { stream } = exchange.request.head;
      this.armFirstSign(firstSignMs(stream, last, exchange.route.firstByteMs));
      const answer = this.bridge.task === undefined ? await this.converse(stream) : await this.perform(this.bridge.task);
      const nowMs = exchange.world.clock.nowMs();
      this.firstContentMs = nowMs;
      if (!this.isRival) this.adopt();
      health.succeeded(target.id, this.record.startedMs, nowMs);
      // How quickly it counts says nothing of how quickly it answers.
      if (this.purpose === "answer") health.observed(target.id, nowMs - this.record.startedMs, nowMs);
      return answer;
    } catch (error) {
      const failure = this.failureOf(error);
      this.fail(failure);
      throw failure;
    }
  }

  /** What came of it is the exchange's from now on. */
  adopt(): void {
    const { exchange } = this;
    exchange.losses = this.losses;
    exchange.usage = this.usage;
    exchange.firstContentMs ??= this.firstContentMs;
  }

  /** Chat: one request, one answer. */
  private async converse(stream: boolean): Promise<Answer> {
    const { exchange, target } = this;
    const { reasoning, mending } = exchange;
    if (reasoning !== undefined && this.bridge.remembers) this.memory = new RememberedReasoning(reasoning, exchange, target);
    const crossing = this.bridge.cross(this.request, target, {
      requestId: exchange.id,
      nowS: this.nowS,
      elapsedMs: () => exchange.elapsedMs,
      clientHeaders: exchange.received.headers,
      filter: exchange.guarded?.filter(),
      memory: this.memory,
      cacheMark: exchange.live.plan.policies.promptCache,
      mending,
      ...exchange.continuation?.contextAt(target, this.bridge),
      tape: this.tape,
    });
    this.losses = this.tape?.isGoingOn ? [...crossing.losses, WENT_ON] : crossing.losses;
    if (crossing.losses.length > 0 && exchange.route.onLoss !== "warn") throw lossy(exchange, target, crossing.losses);
    this.openBooks();
    const response = await this.provider.session.send({
      method: "POST",
      url: this.url,
      headers: this.signed(stream, crossing.body),
      body: crossing.body,
      signal: this.cancellation,
    });
    await this.greet(response);
    return stream ? this.openStream(response, crossing) : this.readWhole(response, crossing);
  }

  /** Every other kind of work: as many calls as the provider needs. The books are opened before the first of them. */
  private async perform(task: TaskBridge): Promise<Answer> {
    const { exchange, target } = this;
    const outcome = await task.perform(exchange.request, target, {
      requestId: exchange.id,
      nowS: this.nowS,
      call: (request) => this.call(request),
      fetchUrl: (url, bytesMax) => this.fetchUrl(url, bytesMax),
      pause: (ms) => pause(exchange.world.clock, ms, this.cancellation),
    });
    this.losses = outcome.losses;
    if (outcome.type === "stream") {
      const { response, reader } = outcome;
      if (response.body === null) throw emptyStream(target);
      return this.commit(new StreamAnswer(this, response, reader, response.body));
    }
    const { contentType, body } = outcome.answer;
    this.usage = outcome.usage;
    this.bytesOut = body.length;
    this.end();
    return { type: "whole", attempt: this, response: undefined, contentType, body };
  }

  private async call({
    method = "POST",
    path,
    url: given,
    body,
    contentType,
    accept = "application/json",
  }: TaskCall): Promise<NetworkResponse> {
    this.openBooks();
    const follows = given !== undefined && mayFollow(this.way.url, given, this.bridge.upstream.hosts ?? []);
    const url = follows ? given : this.way.url + path;
    const own = this.headers(accept);
    const typed = contentType === undefined ? own : { ...own, "content-type": contentType };
    const { "content-type": _, ...untyped } = typed;
    const request = { method, url, headers: body === undefined ? untyped : typed, body };
    const { sign } = this.exchange.live.accounts[this.target.account]!; // Ids are rows.
    const headers = sign === undefined ? request.headers : { ...request.headers, ...sign(request, this.exchange.world.clock.epochMs()) };
    const response = await this.provider.session.send({ ...request, headers, signal: this.cancellation });
    await this.greet(response);
    // The head is there; what follows has whatever time is left.
    if (!this.exchange.request.head.stream) this.armBody();
    return response;
  }

  /** What lies with the provider itself may be fetched wherever the operator has put it; anything else only if it is public. */
  private fetchUrl(url: string, bodyBytesMax: number): Promise<FetchedPage> {
    const { world } = this.exchange;
    const [base, target] = [new URL(this.way.url), URL.parse(url)];
    const own = target?.origin === base.origin ? { privateHosts: [hostOf(base)], ports: [portOf(base)] } : {};
    return guardedFetch(world, url, { ...own, bodyBytesMax, timeMsMax: FETCH_MS_MAX, signal: this.cancellation });
  }

  /** Takes down that the attempt begins; once, before anything is sent. */
  private openBooks(): void {
    const { exchange, target } = this;
    this.booked ??= exchange.account?.openAttempt(policyTargetOf(exchange, target), exchange.live.plan.prices[target.id]);
    this.sent = true;
  }

  /** Looks at the head of an answer. @throws {OmniError} If it is a refusal. */
  private async greet(response: NetworkResponse): Promise<void> {
    this.firstByteMs ??= this.exchange.world.clock.nowMs();
    if (this.exchange.route.asksHeadroom) this.noteRateLimit(response);
    if (response.status < 200 || response.status > 299) throw await this.refusal(response);
  }

  private get nowS(): number {
    return Math.floor(this.exchange.world.clock.epochMs() / 1000);
  }

  /** How long its stream may be silent. Milliseconds. */
  get silenceMs(): number {
    return this.provider.planned.silenceMs;
  }

  /** Does something later. @returns How to have it not done. */
  after(delayMs: number, act: () => void): () => void {
    const { clock } = this.exchange.world;
    const timer = clock.startTimer(delayMs, act);
    return () => clock.cancelTimer(timer);
  }

  private get url(): string {
    const { received, request } = this.exchange;
    if (received.compacts) return this.way.compactUrl ?? this.way.url;
    return request.head.stream ? this.way.streamUrl : this.way.url;
  }

  /** What was given back of remembered reasoning was refused: it is not given again. */
  forgetReasoning(): void {
    this.memory?.forgetGiven();
  }

  /** Stops the attempt; whoever waits for it gets `reason`. */
  abort(reason: OmniError): void {
    if (!this.over) this.cancellation.abort(reason);
  }

  /** The attempt is over and its connection is free. To be called once, after a good answer. */
  end(failure?: OmniError): void {
    if (this.over) return;
    this.over = true;
    this.disarm();
    const { exchange, firstByteMs } = this;
    exchange.live.health.ended(this.target.id);
    if (this.booked === undefined) return;
    const { usage, firstContentMs: firstTokenMs, losses } = this;
    exchange.account?.settleAttempt(this.booked, {
      failure: failure?.kind,
      usage,
      firstByteMs,
      firstTokenMs,
      bytesOut: this.bytesOut,
      losses,
      tokensSaved: tokensSaved(exchange),
      bytesSavedBy: formatBytesSaved(exchange.savings),
    });
  }

  /** The attempt is over and was no good. */
  fail(failure: OmniError): void {
    if (this.over) return;
    const { health } = this.exchange.live;
    this.record.failure = failure.kind;
    if (!this.isRival) this.exchange.losses = this.losses;
    // What was never sent says nothing of who would have got it.
    if (failure.kind === "client_closed" || !this.sent) health.abandoned(this.target.id, this.record.startedMs);
    else health.failed(this.target.id, failure.kind, failure.retryAfterMs, this.record.startedMs, this.exchange.world.clock.nowMs());
    this.end(failure);
    // Frees the connection: nobody will read what is left.
    this.cancellation.abort(failure);
  }

  /** Another attempt was quicker. Once, whatever has come of this one. */
  lose(): void {
    const { clock } = this.exchange.world;
    // How long it would have taken nobody knows; so long at least.
    this.exchange.live.health.observed(this.target.id, clock.nowMs() - this.record.startedMs, clock.nowMs());
    this.fail(new OmniError("hedge_lost", `${this.target.name} was asked in vain: another target was quicker.`));
    // It may have ended well in this very moment.
    this.record.failure = "hedge_lost";
  }

  /** What a thrown value means. The network's errors carry a code; what does not is a bug of ours, and nobody's health suffers from it. */
  failureOf(error: unknown): OmniError {
    if (error instanceof OmniError) return error;
    if (error instanceof NetworkError || (error instanceof Error && "code" in error))
      return failureOfNetwork(networkErrorOf(error), this.target);
    return new OmniError("internal_error", "Cannot carry this request: the gateway made a mistake. Its log says more.", { cause: error });
  }

  /** All headers, with the signature of the rest among them where the provider wants one. */
  private signed(stream: boolean, body: Uint8Array): Readonly<Record<string, string>> {
    const headers = this.headers(stream ? (this.bridge.upstream.streamType ?? "text/event-stream") : "application/json");
    const { sign } = this.exchange.live.accounts[this.target.account]!; // Ids are rows.
    if (sign === undefined) return headers;
    return { ...headers, ...sign({ method: "POST", url: this.url, headers, body }, this.exchange.world.clock.epochMs()) };
  }

  /** What is the same for every request is shared; a copy is made only when a header of the client goes on. */
  private headers(accept: string): Readonly<Record<string, string>> {
    const { upstream } = this.bridge;
    const own = this.exchange.live.accounts[this.target.account]!.headersFor(upstream, accept); // Ids are rows.
    let headers: Record<string, string> | undefined;
    for (const name of upstream.requestHeaders) {
      const value = this.exchange.received.headers.get(name);
      if (value === null || (name in own && !this.yields(name, own))) continue;
      const allowed = upstream.headerFor === undefined ? value : upstream.headerFor(name, value);
      if (allowed === undefined) continue;
      headers ??= { ...own };
      headers[name] = allowed;
    }
    return headers ?? own;
  }

  /** Whether a header gives way to the client's: the format's own default does, such as a version, to a client that speaks the format itself. */
  private yields(name: string, own: Readonly<Record<string, string>>): boolean {
    return this.bridge.type === "verbatim" && own[name] === this.bridge.upstream.headers[name];
  }

  private noteRateLimit(response: NetworkResponse): void {
    const { clock } = this.exchange.world;
    const state = rateLimitOf(response.headers, clock.epochMs());
    if (state !== undefined) this.exchange.live.health.limited(this.target.id, state.share, state.resetMs, clock.nowMs());
  }

  private armFirstSign(signMs: number): void {
    const limitMs = Math.min(signMs, this.provider.planned.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.armWithin(limitMs, limitMs);
  }

  /** What follows a whole answer's head has what is left of the attempt's time. */
  private armBody(): void {
    const { timeoutMs = Number.POSITIVE_INFINITY } = this.provider.planned;
    this.armWithin(timeoutMs - (this.exchange.world.clock.nowMs() - this.record.startedMs), timeoutMs);
  }

  /** @param leftMs What is left of the time that the attempt has. @param allMs All of that time, for people to read. */
  private armWithin(leftMs: number, allMs: number): void {
    const { remainingMs } = this.exchange;
    this.arm(Math.min(leftMs, remainingMs), () =>
      leftMs < remainingMs
        ? new OmniError("upstream_timeout", `Cannot get an answer from ${this.target.name}: none came within ${Math.round(allMs)} ms.`)
        : deadlineExceeded(this.exchange),
    );
  }

  private arm(delayMs: number, reason: () => OmniError): void {
    this.disarm();
    this.limit = new Limit(this.exchange.world.clock, Math.max(delayMs, 0), () => this.abort(reason()));
  }

  private disarm(): void {
    this.limit?.cancel();
    this.limit = undefined;
  }

  private async refusal(response: NetworkResponse): Promise<OmniError> {
    const body = await readUpTo(response, REFUSAL_BYTES_MAX, true).catch(() => new Uint8Array());
    const failure = this.bridge.upstream.decodeRefusal(response.status, response.headers, body, this.exchange.world.clock.epochMs());
    return this.bridge.type === "verbatim" ? failure : withoutBody(failure);
  }

  private async readWhole(response: NetworkResponse, crossing: Crossing): Promise<WholeAnswer> {
    // The head is there; the body has whatever time is left.
    this.armBody();
    const bytes = await readUpTo(response, ANSWER_BYTES_MAX, false);
    const type = response.headers.get("content-type");
    // A shorter conversation is no answer, and only its maker can read it.
    const encoded = this.exchange.received.compacts ? asItIs(this.bridge.upstream, type, bytes) : crossing.encodeAnswer(type, bytes);
    const { usage, losses } = encoded;
    this.usage = usage;
    const body = this.exchange.guarded?.answer(encoded.body) ?? encoded.body;
    this.exchange.continuation?.keep(this.target, this.bridge, body);
    this.bytesOut = body.length;
    if (losses.length > 0) this.losses = [...this.losses, ...losses];
    this.end();
    return { type: "whole", attempt: this, response, contentType: "application/json", body };
  }

  private async openStream(response: NetworkResponse, crossing: Crossing): Promise<StreamAnswer> {
    if (response.body === null) throw emptyStream(this.target);
    const reader = crossing.openStream();
    const { streamForm } = this.exchange.request.head;
    return this.commit(new StreamAnswer(this, response, streamForm?.reframe(reader) ?? reader, response.body));
  }

  private async commit(answer: StreamAnswer): Promise<StreamAnswer> {
    await answer.commit();
    // From here on the delivery watches over the time.
    this.disarm();
    return answer;
  }
}

function emptyStream(target: Target): OmniError {
  return new OmniError("upstream_invalid", `Cannot use the answer of ${target.name}: a stream was asked for, and it is empty.`);
}

/** Waits. @throws The signal's reason, as soon as it is aborted. */
function pause(clock: Clock, ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const leave = (): void => {
      clock.cancelTimer(timer);
      reject(signal.reason);
    };
    const timer = clock.startTimer(ms, () => {
      signal.removeEventListener("abort", leave);
      resolve();
    });
    signal.addEventListener("abort", leave);
  });
}

/** Roughly, as for limits: a token is about four bytes. */
function tokensSaved({ savings }: Exchange): number {
  let bytes = 0;
  for (const { bytesBefore, bytesAfter } of savings) bytes += bytesBefore - bytesAfter;
  return Math.round(bytes / 4);
}

/** The operator wants nothing lost on the way. */
function lossy({ route }: Exchange, target: Target, losses: readonly Loss[]): OmniError {
  const names = [...new Set(losses.map(({ what }) => what))].join(", ");
  const message = `Cannot send this request to ${target.name}: its format has no place for ${names}, and "${route.name}" is not to lose anything. Leave it out, or ask for a model that knows it.`;
  const first = losses[0]; // There are some.
  // What is not worth a look elsewhere is the client's own affair at once.
  return new OmniError(route.onLoss === "error" ? "invalid_request" : "lossy_translation", message, first && { param: first.path });
}

/** The exchange's time is used up. */
export function deadlineExceeded(exchange: Exchange): OmniError {
  return new OmniError(
    "deadline_exceeded",
    `Cannot finish within ${exchange.route.deadlineMs} ms, the time that "${exchange.route.name}" allows for all attempts together.`,
  );
}

function failureOfNetwork(error: NetworkError, target: Target): OmniError {
  const cause = { cause: error };
  if (!error.sent) return new OmniError("upstream_unreachable", `Cannot reach ${target.name}: ${error.fault}.`, cause);
  switch (error.fault) {
    case "timed-out":
      return new OmniError("upstream_timeout", `Cannot get an answer from ${target.name}: the connection timed out.`, cause);
    case "invalid-response":
      return new OmniError("upstream_invalid", `Cannot use the answer of ${target.name}: it is not proper HTTP.`, cause);
    default:
      return new OmniError(
        "upstream_reset",
        `Cannot get an answer from ${target.name}: the connection broke after the request was sent.`,
        cause,
      );
  }
}

/**
 * Reads a body whole.
 * @param cut Whether to stop at `bytesMax` instead of refusing what is longer.
 */
async function readUpTo(response: NetworkResponse, bytesMax: number, cut: boolean): Promise<Uint8Array> {
  const declared = response.headers.get("content-length");
  // With a length that is declared and small, the runtime's own way is the cheapest, and it can not grow beyond the length.
  // To ask for `body` first would make a stream of it, which costs several microseconds.
  if ((declared !== null && Number(declared) <= bytesMax) || response.body === null) return response.bytes();
  const source = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await source.read();
    if (done) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length); // The length was just looked at.
    chunks.push(value);
    length += value.length;
    if (length <= bytesMax) continue;
    source.cancel().catch(() => {}); // Rejects with the abort's reason when the attempt was stopped meanwhile.
    if (cut) return Buffer.concat(chunks, bytesMax);
    throw new OmniError("upstream_invalid", `Cannot use the answer: it is longer than ${bytesMax} bytes.`);
  }
}
