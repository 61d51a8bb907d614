import { OmniError } from "../ir/failure.ts";
import { DEADLINES, Limit } from "../resilience/deadline.ts";
import { deadlineExceeded } from "./attempt.ts";
import { clientClosed, type Exchange } from "./exchange.ts";
import { resume, resumeMark } from "./resume.ts";
import type { StreamAnswer } from "./stream-answer.ts";

/** How long a broken stream's error event gets to reach the client before the connection is reset under it. */
const FAREWELL_MS = 100;

/**
 * The body of a streamed reply: hands on what the provider sends, as fast as the client reads and no faster.
 *
 * It may begin before there is an answer: then it keeps the client's connection alive while attempts go on. After the first content
 * nothing is ever tried again. A failure is told in the client's own format and the connection is then reset, so that what ends without
 * its protocol's own end does not look finished to anybody.
 */
export class StreamDelivery implements UnderlyingDefaultSource<Uint8Array> {
  private readonly exchange: Exchange;
  private readonly settle: (failure: OmniError | undefined) => void;
  private readonly opening: Promise<StreamAnswer> | undefined;
  private answer: StreamAnswer | undefined;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  private limit: Limit | undefined;
  /** Whether the client waits for a piece. */
  private wanted = false;
  /** When a piece was last asked for or came: silence is counted from there. */
  private progressMs: number;
  private sentMs: number;
  private greeted = false;
  private broken = false;
  private over = false;

  /**
   * @param answer What to deliver, or the promise of it.
   * @param settle Called once, when the last byte is out, or it broke, or the client is gone.
   */
  constructor(exchange: Exchange, answer: StreamAnswer | Promise<StreamAnswer>, settle: (failure: OmniError | undefined) => void) {
    this.exchange = exchange;
    this.settle = settle;
    this.progressMs = exchange.world.clock.nowMs();
    exchange.onGone = () => this.cancel();
    if (answer instanceof Promise) {
      this.opening = answer;
      answer.catch(() => {}); // It is told where it is awaited, which may be never if the client leaves.
    } else this.answer = answer;
    this.sentMs = this.progressMs;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.controller = controller;
    this.watch();
  }

  /** Hot path, once per chunk. */
  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (this.broken) return this.part(controller);
    if (this.answer === undefined && !this.greeted) return this.greet(controller);
    const { clock } = this.exchange.world;
    this.wanted = true;
    this.progressMs = clock.nowMs();
    try {
      this.answer ??= await this.opening!; // Without an answer there is the promise of one.
      const piece = await this.answer.read();
      if (this.over) return;
      this.wanted = false;
      this.progressMs = clock.nowMs();
      this.sentMs = this.progressMs;
      if (piece !== undefined) {
        controller.enqueue(piece);
        return;
      }
      this.answer.noteUsage(this.exchange);
      this.answer.attempt.end();
      this.finish(undefined);
      controller.close();
    } catch (error) {
      if (this.answer?.attempt.tape === undefined || !(await this.goOn(this.answer, error, controller))) this.breakOff(error);
    }
  }

  /** Lets another target go on with a stream that broke off, if there is one. @returns Whether there is nothing left to tell of the break. */
  private async goOn(broken: StreamAnswer, error: unknown, controller: ReadableStreamDefaultController<Uint8Array>): Promise<boolean> {
    if (this.over) return true;
    broken.noteUsage(this.exchange);
    const next = resume(this.exchange, broken, broken.attempt.failureOf(error));
    if (next === undefined) return false;
    try {
      this.answer = await next;
    } catch {
      // The client is told of the break itself, and not of what was tried to mend it.
      return this.over;
    }
    if (this.over) {
      this.answer.attempt.fail(clientClosed());
      return true;
    }
    this.wanted = false;
    this.progressMs = this.exchange.world.clock.nowMs();
    this.sentMs = this.progressMs;
    // Something has to be handed on, or nothing more would be asked for.
    controller.enqueue(resumeMark(this.exchange.streamForm, broken.attempt, this.answer.attempt));
    return true;
  }

  /** A client that is answered before there is an answer has waited for its first bytes already. */
  private greet(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.greeted = true;
    controller.enqueue(this.exchange.downstream.keepAlive);
  }

  /** The client is gone. Called by the runtime, or by the client's signal when the body was not asked for yet. */
  cancel(): void {
    if (this.over) return;
    const failure = clientClosed();
    this.answer?.noteUsage(this.exchange);
    // The attempt's end comes first: it keeps the pieces that are under way from being taken for a fault of the provider.
    this.answer?.attempt.fail(failure);
    // An answer that is only promised may be ready in this very moment.
    if (this.answer === undefined) this.opening?.then((answer) => answer.attempt.fail(failure)).catch(() => {});
    this.finish(failure);
    this.exchange.leave();
  }

  private breakOff(error: unknown): void {
    if (this.over || this.controller === undefined) return;
    // Before there is an answer only dispatch throws, and it throws nothing but OmniErrors.
    const failure = this.answer?.attempt.failureOf(error) ?? (error as OmniError);
    this.answer?.noteUsage(this.exchange);
    this.answer?.attempt.fail(failure);
    this.finish(failure);
    this.broken = true;
    if (failure.kind === "client_closed") this.controller.error(failure);
    else {
      const { streamForm, id, live } = this.exchange;
      const event = this.answer?.reader.encodeFailure(failure, id) ?? streamForm.encodeErrorEvent(failure, id);
      this.controller.enqueue(live.redaction.bytes(event));
    }
  }

  /** The error event is out of our hands; what follows is the reset. */
  private part(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    return new Promise((resolve) => {
      this.exchange.world.clock.startTimer(FAREWELL_MS, () => {
        controller.error(new Error("The stream broke off."));
        resolve();
      });
    });
  }

  private finish(failure: OmniError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.limit?.cancel();
    this.settle(failure);
  }

  /** Looks after silence, deadlines and clients that do not read. One limit per stream, set anew only when it is over. */
  private watch(): void {
    if (this.over || this.controller === undefined) return;
    const { clock } = this.exchange.world;
    const nowMs = clock.nowMs();
    const { remainingMs } = this.exchange;
    if (remainingMs <= 0) this.stop(deadlineExceeded(this.exchange));
    else if (this.wanted) this.whileWaiting(nowMs);
    else if (nowMs - this.sentMs >= DEADLINES.stalledMs) this.giveUp();
    if (this.over) return;
    const silenceMs = this.answer?.attempt.silenceMs ?? DEADLINES.silenceMs;
    const dueMs = Math.min(this.sentMs + DEADLINES.keepAliveMs, this.progressMs + silenceMs, nowMs + remainingMs);
    const delayMs = dueMs > nowMs ? dueMs - nowMs : Math.min(DEADLINES.keepAliveMs, silenceMs);
    this.limit = new Limit(clock, delayMs, () => this.watch());
  }

  /** The client waits, and nothing comes. */
  private whileWaiting(nowMs: number): void {
    if (this.answer !== undefined && nowMs - this.progressMs >= this.answer.attempt.silenceMs) {
      const { target, silenceMs } = this.answer.attempt;
      this.stop(new OmniError("upstream_timeout", `Cannot finish the answer of ${target.name}: nothing came for ${silenceMs / 1000} s.`));
    } else if (nowMs - this.sentMs >= DEADLINES.keepAliveMs) {
      this.sentMs = nowMs;
      this.controller?.enqueue(this.exchange.streamForm.keepAlive);
    }
  }

  /** Ends what is being read, so that whoever reads it gets `reason`. */
  private stop(reason: OmniError): void {
    if (this.answer !== undefined && this.wanted) this.answer.attempt.abort(reason);
    else if (this.answer !== undefined) this.breakOff(reason);
    // Before there is an answer, the attempt's own timers see to it.
  }

  private giveUp(): void {
    const failure = new OmniError("client_closed", `The client read nothing for ${DEADLINES.stalledMs / 1000} s.`);
    this.breakOff(failure);
  }
}
