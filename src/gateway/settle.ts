import type { FailureKind, OmniError } from "../ir/failure.ts";
import type { Loss } from "../ir/loss.ts";
import type { Usage } from "../ir/usage.ts";
import type { Exchange } from "./exchange.ts";

/** What came of an exchange, told once, after its last byte. */
export interface Settlement {
  readonly requestId: string;
  /** The hash of the plan that it ran under. */
  readonly config: string;
  readonly operation: string;
  /** The name that the client asked for, by the plan's own spelling. */
  readonly route: string;
  readonly stream: boolean;
  readonly attempts: readonly { readonly target: string; readonly failure: FailureKind | undefined; readonly isHedge?: boolean }[];
  /** What the answer cache had to do with it; undefined where there is none. `hit`: no provider was asked. */
  readonly cache?: "hit" | "miss" | "bypass" | undefined;
  /** undefined when the client got a complete answer. */
  readonly failure: FailureKind | undefined;
  /** What the client was, or would have been, told. */
  readonly message: string | undefined;
  readonly usage: Usage | undefined;
  readonly losses: readonly Loss[];
  /** From the request's arrival to the first content; undefined if there was none. */
  readonly firstContentMs: number | undefined;
  readonly totalMs: number;
}

/** Is told what the gateway does. Must return quickly and never throw. */
export interface Observer {
  /** An exchange is over. */
  settled?(settlement: Settlement): void;
  /** Something was thrown that is no `OmniError`: a bug of ours. The client has been told `internal_error`. */
  mistaken?(error: unknown, requestId: string): void;
}

/** Sums an exchange up. */
export function settlementOf(exchange: Exchange, failure: OmniError | undefined): Settlement {
  const { firstContentMs, startedMs, world } = exchange;
  return {
    requestId: exchange.id,
    config: exchange.live.plan.hash,
    operation: exchange.route.operation,
    route: exchange.route.name,
    stream: exchange.request.head.stream,
    attempts: exchange.attempts.map(({ target, failure: kind, isHedge }) => ({
      target: target.name,
      failure: kind,
      ...(isHedge && { isHedge }),
    })),
    cache: exchange.cache,
    failure: failure?.kind,
    message: failure && exchange.live.redaction.text(failure.message),
    usage: exchange.usage,
    losses: exchange.losses,
    firstContentMs: firstContentMs === undefined ? undefined : firstContentMs - startedMs,
    totalMs: world.clock.nowMs() - startedMs,
  };
}
