import { OmniError } from "../ir/failure.ts";
import type { Ledger } from "../ledger/writer.ts";
import type { RouteId } from "../routing/plan.ts";
import { Cancellation } from "../world/cancellation.ts";
import { accountFor } from "./account.ts";
import { dispatch } from "./dispatch.ts";
import { Exchange } from "./exchange.ts";
import type { StreamAnswer } from "./stream-answer.ts";

/** However long the deadline, nobody waits for these. */
const LIMIT_MS = 300_000;

/**
 * Sends a part of a combo's requests to another target as well, and throws the answers away: what it would cost and how it would fare can then be read in the
 * ledger and the health report. No client waits for it or hears of it; where as many as are allowed are under way, a request is just not sent.
 */
export class Mirror {
  private readonly underWay = new Map<RouteId, number>();

  /** Begins in a moment, so that the client's own attempt goes first. Never throws. */
  send(original: Exchange, ledger: Ledger | undefined): void {
    const { live, route, world, request, received, downstream } = original;
    const { shadow } = route;
    const to = shadow && live.plan.routes[shadow.route];
    if (shadow === undefined || to === undefined || world.random.unit() >= shadow.share) return;
    const busy = this.underWay.get(route.id) ?? 0;
    if (busy >= shadow.concurrency) return;
    this.underWay.set(route.id, busy + 1);
    const name = `${route.name} (shadow)`;
    const cancellation = new Cancellation();
    const exchange = new Exchange(world.random.uuid(), world, live, { ...received, signal: cancellation }, downstream, request, {
      ...to,
      name,
      shadow: undefined,
      hedge: undefined,
      resumes: false,
    });
    world.clock.startTimer(0, () => {
      exchange.account = accountFor(exchange, ledger);
      const timer = world.clock.startTimer(Math.min(LIMIT_MS, exchange.remainingMs), () => cancellation.abort(late()));
      void carry(exchange).finally(() => {
        world.clock.cancelTimer(timer);
        exchange.close();
        this.underWay.set(route.id, (this.underWay.get(route.id) ?? 1) - 1);
      });
    });
  }
}

/** Never rejects: what goes wrong is in the ledger and in the target's health, where it belongs. */
async function carry(exchange: Exchange): Promise<void> {
  try {
    const answer = await dispatch(exchange);
    if (answer.type === "stream") await drain(exchange, answer);
  } catch {
    // Nobody asked for it.
  }
}

async function drain(exchange: Exchange, answer: StreamAnswer): Promise<void> {
  try {
    while ((await answer.read()) !== undefined);
    answer.noteUsage(exchange);
    answer.attempt.end();
  } catch (error) {
    answer.noteUsage(exchange);
    answer.attempt.fail(answer.attempt.failureOf(error));
  }
}

function late(): OmniError {
  return new OmniError("deadline_exceeded", "A mirrored request was given up.");
}
