import { FAILURES } from "../ir/failure.ts";
import { decide } from "../routing/decide.ts";
import type { Target } from "../routing/plan.ts";
import { estimateTokens } from "../wire/estimate-tokens.ts";
import { notKept } from "../wire/translate-chat.ts";
import { Attempt, type WholeAnswer } from "./attempt.ts";
import type { Exchange } from "./exchange.ts";

/** What came of a request to count tokens. */
export type Count = WholeAnswer | { readonly type: "estimate"; readonly target: Target; readonly body: Uint8Array };

/**
 * Counts the tokens of a request for the target that would answer it now: by the provider's own counter where it has one for the client's format, and by an
 * estimate otherwise. A counter that is out of order is no reason to leave a client without a number, so the estimate stands in for it as well.
 * @throws {OmniError} If the request itself is at fault, or the client has left.
 */
export async function countTokens(exchange: Exchange): Promise<Count> {
  const { live, route, tried, world, facts, received, request, downstream } = exchange;
  const chosen = decide(live.plan, route.id, live.health, tried, world.clock.nowMs(), world.random.unit(), facts);
  const target = live.plan.targets[chosen === -1 ? route.targets[0]! : chosen]!; // Routes have targets, and ids are rows.
  if (chosen !== -1 && target.bridges.get(received.wire.name)?.count !== undefined) {
    const attempt = new Attempt(exchange, target, "count");
    try {
      return (await attempt.run(true)) as WholeAnswer; // Counts are never streamed.
    } catch (error) {
      const failure = attempt.failureOf(error);
      if (FAILURES[failure.kind].blame === "client" || failure.kind === "internal_error") throw failure;
    }
  }
  // Whoever is asked to count speaks a format of chat, which can be translated, and says how a number is answered.
  const counted = request.counted(downstream.chat!, downstream.count!);
  const kept = downstream.chat!.keptByVendor?.(counted);
  if (kept !== undefined) throw notKept(kept, target.model);
  const tokens = estimateTokens(counted, target.model);
  return { type: "estimate", target, body: downstream.count!.encode(tokens) };
}
