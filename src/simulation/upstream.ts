import type { CancelSignal } from "../world/cancellation.ts";
import type { Clock } from "../world/clock.ts";
import { NetworkError, type NetworkRequest, type NetworkResponse } from "../world/network.ts";
import type { Random } from "../world/random.ts";
import { Draws } from "./draws.ts";
import type { SimulatedFault } from "./scenario.ts";

/** Where a simulated provider is. Nobody can own the name. */
export function simulatedBaseUrl(provider: string): string {
  return `http://${encodeURIComponent(provider)}.simulated.invalid`;
}

/** One request, as its provider saw it. */
export interface SeenRequest {
  /** The number of the request: its answer carries it in every word. */
  readonly id: number;
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  readonly atMs: number;
  readonly tools: boolean;
  readonly images: boolean;
  readonly bytes: number;
  /** Whether its answer was sent with its proper end. */
  ended: boolean;
  outputTokens: number;
}

/** Requests per second and key beyond which a quota is exceeded. */
const QUOTA = 4;
const QUOTA_MS = 1_000;
const WORDS = 4;
/** Within so many bytes stands what is read of a request. */
const HEAD_BYTES = 400;

/**
 * All providers of a simulation: they answer in OpenAI's format, at the pace that chance gives them, and fail as the scenario says.
 * What they saw is the truth that the gateway is held against.
 */
export class SimulatedUpstreams {
  readonly seen: SeenRequest[] = [];
  /** From when until when a key was told to wait, by key and model. */
  private readonly rests = new Map<string, { fromMs: number; untilMs: number }>();
  /** What was done that must never be. */
  readonly violations: string[] = [];
  /** From when on everybody answers as usual, without a tail. */
  calmFromMs: number = Number.POSITIVE_INFINITY;
  private readonly clock: Clock;
  private readonly draws: Draws;
  private readonly faults: readonly SimulatedFault[];
  /** When the requests of the current second came, by key. */
  private readonly quotas = new Map<string, { startMs: number; count: number }>();
  /** Half of the answers of each provider come within this. */
  private readonly medianMs = new Map<string, number>();

  constructor(clock: Clock, random: Random, faults: readonly SimulatedFault[]) {
    this.clock = clock;
    this.draws = new Draws(random);
    this.faults = faults;
  }

  async answer(request: NetworkRequest): Promise<NetworkResponse> {
    const seen = this.note(request);
    const fault = this.faultFor(seen);
    const medianMs = this.medianOf(seen.provider);
    const delayMs = seen.atMs >= this.calmFromMs ? medianMs : this.draws.latencyMs(medianMs) * (fault === "slow" ? 20 : 1);
    switch (fault) {
      case "refuse":
        throw new NetworkError("refused", false);
      case "stall":
        return this.pause(Number.POSITIVE_INFINITY, request.signal) as Promise<never>; // It never ends but by the signal.
      case "quota": {
        const waitMs = this.overQuotaMs(seen);
        if (waitMs === 0) break;
        await this.pause(5, request.signal);
        return this.refuse(429, { "retry-after-ms": String(waitMs) }, () => this.rest(seen, waitMs));
      }
      case "refuse-key":
        if (!seen.key.endsWith("#0")) break;
        await this.pause(5, request.signal);
        return this.refuse(401);
      default:
    }
    await this.pause(delayMs, request.signal);
    switch (fault) {
      case "reset":
        throw new NetworkError("reset", true);
      case "error-500":
        return this.refuse(500);
      case "overloaded-503":
        return this.refuse(503);
      case "reject-400":
        return this.refuse(400);
      case "hollow":
        return new Response("", { headers: { "content-type": "application/json" } });
      default:
        return this.serve(request, seen, fault);
    }
  }

  private note({ url, headers, body }: NetworkRequest): SeenRequest {
    const provider = decodeURIComponent(new URL(url).hostname.replace(/\.simulated\.invalid$/, ""));
    const key = headers["authorization"]?.replace(/^Bearer /, "") ?? "";
    const bytes = Buffer.from(body!.buffer, body!.byteOffset, body!.length); // Requests for answers have bodies.
    // Our own clients write the model first.
    const model = /"model":"([^"]*)"/.exec(bytes.toString("utf8", 0, HEAD_BYTES))?.[1] ?? "";
    const seen = {
      id: this.seen.length,
      provider,
      model,
      key,
      atMs: this.clock.nowMs(),
      tools: bytes.includes('"tools":'),
      images: bytes.includes('"image_url"'),
      bytes: bytes.length,
      ended: false,
      outputTokens: 0,
    };
    if (!key.startsWith(`${provider}#`)) this.violations.push(`A credential reached another provider: ${key} at ${provider}.`);
    const rest = this.rests.get(`${key} ${model}`);
    // What was under way at the very moment could not know.
    if (rest !== undefined && seen.atMs > rest.fromMs && seen.atMs < rest.untilMs)
      this.violations.push(
        `${provider}/${model} was asked ${Math.ceil(rest.untilMs - seen.atMs)} ms before the time that it had asked for.`,
      );
    this.seen.push(seen);
    return seen;
  }

  private faultFor({ provider, model }: SeenRequest): SimulatedFault["type"] | undefined {
    const nowMs = this.clock.nowMs();
    for (const { at, fromMs, untilMs, type, share = 1 } of this.faults) {
      if (nowMs < fromMs || nowMs >= untilMs) continue;
      if (at !== "*" && at !== provider && at !== `${provider}/${model}`) continue;
      if (this.draws.happens(share)) return type;
    }
    return undefined;
  }

  private medianOf(provider: string): number {
    let medianMs = this.medianMs.get(provider);
    if (medianMs === undefined) {
      medianMs = this.draws.whole(20, 300);
      this.medianMs.set(provider, medianMs);
    }
    return medianMs;
  }

  /** @returns How long until the key may be used again; 0 if it may now. */
  private overQuotaMs({ key, atMs }: SeenRequest): number {
    let quota = this.quotas.get(key);
    if (quota === undefined || atMs - quota.startMs >= QUOTA_MS) {
      quota = { startMs: atMs, count: 0 };
      this.quotas.set(key, quota);
    }
    quota.count++;
    return quota.count > QUOTA ? Math.ceil(quota.startMs + QUOTA_MS - this.clock.nowMs()) : 0;
  }

  private rest({ key, model }: SeenRequest, waitMs: number): void {
    const nowMs = this.clock.nowMs();
    this.rests.set(`${key} ${model}`, { fromMs: nowMs, untilMs: nowMs + waitMs });
  }

  private refuse(status: number, headers: Readonly<Record<string, string>> = {}, sent?: () => void): NetworkResponse {
    const body = JSON.stringify({ error: { message: `Simulated ${status}.`, type: "simulated", code: null } });
    const response = new Response(body, { status, headers: { "content-type": "application/json", ...headers } });
    sent?.();
    return response;
  }

  private serve(request: NetworkRequest, seen: SeenRequest, fault: SimulatedFault["type"] | undefined): NetworkResponse {
    const stream = request.headers["accept"] !== "application/json";
    const pieces = stream ? streamOf(seen) : [wholeOf(seen)];
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const isCut = fault === "cut" || fault === "end-early";
    // The last bytes of a stream are its mark of the end; to lose those alone does no harm.
    const end = isCut ? this.draws.whole(0, bytes - (stream ? 20 : 1)) : bytes;
    const gapMs = this.draws.whole(1, 50) * (fault === "slow" ? 20 : 1);
    const body = this.send(pieces, end, fault === "cut", stream ? gapMs : 0, seen, request.signal);
    return new Response(body, { headers: { "content-type": stream ? "text/event-stream" : "application/json" } });
  }

  private send(
    pieces: readonly Uint8Array[],
    end: number,
    breaks: boolean,
    gapMs: number,
    seen: SeenRequest,
    signal: CancelSignal,
  ): ReadableStream<Uint8Array> {
    let sent = 0;
    let next = 0;
    const whole = pieces.reduce((sum, piece) => sum + piece.length, 0);
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            if (next > 0 && gapMs > 0) await this.pause(gapMs, signal);
            const piece = pieces[next++];
            const rest = end - sent;
            if (piece !== undefined && rest > 0) {
              controller.enqueue(piece.subarray(0, rest));
              sent += Math.min(piece.length, rest);
              seen.outputTokens++;
              return;
            }
            if (breaks) throw new NetworkError("reset", true);
            seen.ended = end === whole;
            controller.close();
          } catch (error) {
            controller.error(error);
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Waits; throws the signal's reason if that comes first. */
  private pause(delayMs: number, signal: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        if (timer !== undefined) this.clock.cancelTimer(timer);
        reject(signal.reason);
      };
      const timer = Number.isFinite(delayMs)
        ? this.clock.startTimer(delayMs, () => {
            signal.removeEventListener("abort", leave);
            resolve();
          })
        : undefined;
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    });
  }
}

function streamOf({ id, model }: SeenRequest): Uint8Array[] {
  const event = (delta: object, finish: string | null): Uint8Array =>
    Buffer.from(
      `data: ${JSON.stringify({ id: `a${id}`, object: "chat.completion.chunk", created: 1, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    );
  return [
    event({ role: "assistant", content: "" }, null),
    ...Array.from({ length: WORDS }, () => event({ content: `a${id} ` }, null)),
    event({}, "stop"),
    Buffer.from("data: [DONE]\n\n"),
  ];
}

function wholeOf({ id, model }: SeenRequest): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      id: `a${id}`,
      object: "chat.completion",
      created: 1,
      model,
      choices: [{ index: 0, message: { role: "assistant", content: `a${id} `.repeat(WORDS) }, finish_reason: "stop" }],
      usage: { prompt_tokens: 20, completion_tokens: WORDS, total_tokens: 20 + WORDS },
    }),
  );
}
