import { readdirSync } from "node:fs";
import type { World } from "../world/world.ts";
import { DrainThread } from "./drain-thread.ts";
import type { Drainer, LedgerFound } from "./drainer.ts";
import { Journal, ownerOf } from "./journal.ts";
import { ProcessLock } from "./process-lock.ts";
import { Ledger, type LedgerOptions } from "./writer.ts";

/** Gives the one who fills the tables of a folder from the journal of a process. */
export type DrainerOf = (folder: string, owner: string) => Drainer;

/** A ledger that is open. */
export interface OpenedLedger {
  readonly ledger: Ledger;
  /** Whether dead processes left something that is to be taken in. */
  readonly hasLeftovers: boolean;
  /**
   * Opens the database, which else happens when there is something to go in.
   * @throws If that is not possible: it is of a newer version, or the disk does not want to.
   */
  start(): Promise<void>;
  /** Takes in what dead processes left, which else happens with the first rows. */
  recover(): Promise<LedgerFound>;
  /** Takes the last rows in and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Opens the ledger of a folder for one process that serves: shows others that it is alive, and can be written to from now on. What dead processes left is
 * taken in behind that, by the thread that fills the tables: nobody waits for it, however much it is.
 * @param drainerOf Who fills the tables, if another process does it for several. Default: a thread of this one.
 * @throws If the folder can not be written to.
 */
export function openLedger(folder: string, world: World, options: LedgerOptions = {}, drainerOf?: DrainerOf): OpenedLedger {
  const owner = world.random.uuid();
  const lock = new ProcessLock(folder, owner);
  try {
    const thread = drainerOf === undefined ? new DrainThread({ folder, owner }, world.clock.epochMs()) : drainerOf(folder, owner);
    const ledger = new Ledger(new Journal({ folder, owner }), thread, world.clock, options);
    return {
      ledger,
      hasLeftovers: readdirSync(folder).some((name) => ownerOf(name) !== undefined),
      start: async () => {
        if (thread instanceof DrainThread) await thread.start();
        else await thread.recover();
      },
      recover: () => thread.recover(),
      close: async () => {
        await ledger.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
