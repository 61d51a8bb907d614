import { DrainThread } from "../../ledger/drain-thread.ts";
import type { DrainerQuestion } from "../../ledger/drain-worker.ts";
import type { Log } from "../../telemetry/log.ts";
import type { World } from "../../world/world.ts";
import { textOf } from "../serve-report.ts";

/** Fills the ledger's tables for all workers: each writes a journal of its own, and one thread reads all of them, so that nobody waits for another's lock. */
export class LedgerDesk {
  private readonly world: World;
  private readonly log: () => Log;
  private readonly owner: string;
  private readonly threads = new Map<string, DrainThread>();

  constructor(world: World, log: () => Log) {
    this.world = world;
    this.log = log;
    this.owner = world.random.uuid();
  }

  /** @throws What the thread says. */
  answer(folder: string, question: DrainerQuestion): Promise<unknown> {
    let thread = this.threads.get(folder);
    if (thread === undefined) {
      thread = new DrainThread({ folder, owner: this.owner }, this.world.clock.epochMs());
      this.threads.set(folder, thread);
    }
    return thread.put(question);
  }

  /** Takes in what a worker left that has ended, and closes what it left open. */
  async workerEnded(): Promise<void> {
    for (const thread of this.threads.values()) {
      try {
        const { unknown, recovered, spoilt } = await thread.recover(true);
        if (unknown + recovered + spoilt > 0) this.log().write("warn", "ledger: taken over from a worker", { unknown, recovered, spoilt });
      } catch (error) {
        this.log().write("warn", "ledger: what a worker left is taken over later", { why: textOf(error) });
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.threads.values()].map((thread) => thread.close().catch(() => {})));
  }
}
