import type { Gateway } from "../gateway/gateway.ts";
import type { Log } from "../telemetry/log.ts";
import type { Clock } from "../world/clock.ts";

/** The wishes to stop, as they come in. */
export interface StopSignals {
  /** The first SIGTERM or SIGINT: finish what is under way. */
  readonly first: Promise<string>;
  /** The second: now. */
  readonly second: Promise<string>;
  /** Whether the first has come. */
  readonly isStopping: boolean;
}

/** A second signal this soon after the first is its echo. Milliseconds. */
const ECHO_MS = 100;

/** Takes SIGTERM and SIGINT from now on; they no longer end the process by themselves. */
export function takeStopSignals(clock: Clock): StopSignals {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  let count = 0;
  let firstMs = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // A process group is told by whoever stops it and by its launcher too: that is one wish, not two.
      if (count === 0) firstMs = clock.nowMs();
      else if (clock.nowMs() - firstMs < ECHO_MS) return;
      (++count === 1 ? first : second).resolve(signal);
    });
  }
  return {
    first: first.promise,
    second: second.promise,
    get isStopping() {
      return count > 0;
    },
  };
}

/** What it takes to stop. */
export interface StopOptions {
  readonly server: Bun.Server<unknown>;
  readonly gateway: Pick<Gateway, "drain" | "pending">;
  readonly signals: StopSignals;
  readonly clock: Clock;
  readonly log: Log;
  /** How long requests are still taken after /readyz has begun to say no, so that load balancers see it first. */
  readonly lameDuckMs: number;
  /** How long what is under way may go on after that. */
  readonly drainMs: number;
}

/**
 * Stops in order: no new connections, no new exchanges, then wait for those under way. An idle server has nothing to wait for and is gone at once. What is
 * still under way at the end is cut off, which its clients see as such.
 */
export async function stop({ server, gateway, signals, clock, log, lameDuckMs, drainMs }: StopOptions): Promise<void> {
  log.write("info", "stopping", { pending: gateway.pending, drainMs });
  if (lameDuckMs > 0) await Promise.race([wait(lameDuckMs, clock), signals.second]);
  gateway.drain();
  const stopped = server.stop().then(() => "stopped" as const);
  const outcome = await Promise.race([stopped, wait(drainMs, clock), signals.second]);
  if (outcome !== "stopped") log.write("warn", "stopped with exchanges under way", { cut: gateway.pending });
  await server.stop(true);
  log.write("info", "stopped");
}

/** Waits, if nothing else keeps the process from ending meanwhile. */
export function wait(ms: number, clock: Clock): Promise<"waited"> {
  return new Promise((resolve) => {
    clock.startTimer(ms, () => resolve("waited"));
  });
}
