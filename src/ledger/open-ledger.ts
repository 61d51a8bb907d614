import type { World } from "../world/world.ts";
import { DrainThread } from "./drain-thread.ts";
import type { LedgerFound } from "./drainer.ts";
import { Journal } from "./journal.ts";
import { ProcessLock } from "./process-lock.ts";
import { Ledger, type LedgerOptions } from "./writer.ts";

/** A ledger that is open, and what was found in it. */
export interface OpenedLedger {
  readonly ledger: Ledger;
  readonly found: LedgerFound;
  /** Takes the last rows in and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Opens the ledger of a folder for one process that serves: shows others that it is alive, starts the thread that fills the tables, and takes in what
 * dead processes left. Ready in some milliseconds, unless they left much.
 * @throws If the folder can not be written to, or the database is of a newer version.
 */
export async function openLedger(folder: string, world: World, options: LedgerOptions = {}): Promise<OpenedLedger> {
  const owner = world.random.uuid();
  const lock = new ProcessLock(folder, owner);
  try {
    const thread = await DrainThread.start({ folder, owner }, world.clock.epochMs());
    const ledger = new Ledger(new Journal({ folder, owner }), thread, world.clock, options);
    const close = async (): Promise<void> => {
      await ledger.close();
      lock.release();
    };
    return { ledger, found: thread.found, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
