import { join } from "node:path";
import type { PlannedStore } from "../routing/plan-policies.ts";
import { BoundedStore } from "../store/bounded-store.ts";
import { SqliteShelf } from "../store/sqlite-shelf.ts";
import type { Clock } from "../world/clock.ts";

/** Of what lies on disk there may be this many times as much as in memory. */
const SHELF_FACTOR = 8;

interface Opened {
  readonly planned: PlannedStore;
  readonly store: BoundedStore;
}

/** What a gateway keeps between exchanges, by the names of what it is for. It outlives plans; a store is made anew only when its bounds change. */
export class Stores {
  private readonly clock: Clock;
  private readonly folder: () => string | undefined;
  private readonly failed: (error: unknown) => void;
  private readonly areShared: boolean;
  private readonly opened = new Map<string, Opened>();

  /**
   * @param folder Where files lie of what is to be found again after a restart; undefined: nothing is.
   * @param failed Told when a disk fails; what is kept is then lost, and nothing else.
   * @param areShared Whether other processes serve beside this one: then all lies in files, and what one keeps the others find. Default false.
   */
  constructor(clock: Clock, folder: () => string | undefined, failed: (error: unknown) => void, areShared = false) {
    this.areShared = areShared;
    this.clock = clock;
    this.folder = folder;
    this.failed = failed;
  }

  /** The store of this name within these bounds. */
  open(name: string, planned: PlannedStore): BoundedStore {
    const before = this.opened.get(name);
    if (before !== undefined && Bun.deepEquals(before.planned, planned)) return before.store;
    before?.store.close();
    const shelf = planned.persist || this.areShared ? this.shelf(name, planned.bytesMax) : undefined;
    const store = new BoundedStore(planned, this.clock, shelf, this.areShared);
    this.opened.set(name, { planned, store });
    return store;
  }

  /** Brings to disk what belongs there. To be called when no exchange is under way any more. */
  close(): void {
    for (const { store } of this.opened.values()) store.close();
    this.opened.clear();
  }

  private shelf(name: string, bytesMax: number): SqliteShelf | undefined {
    const folder = this.folder();
    if (folder === undefined) return undefined;
    try {
      const options = { bytesMax: SHELF_FACTOR * bytesMax, failed: this.failed, ...(this.areShared && { writeAfterMs: 0 }) };
      return new SqliteShelf(join(folder, `${name}.sqlite`), this.clock, options);
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }
}
