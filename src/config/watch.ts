import { type FSWatcher, watch as watchFolder } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock, Timer } from "../world/clock.ts";

/** Looks after files until it is closed. */
export interface Watch {
  /**
   * Says which files there are to look after, after they have been read.
   * @param readFromEpochMs When reading them began: what was written since may have been missed, and counts as a change.
   */
  follow(files: readonly string[], readFromEpochMs: number): Promise<void>;
  close(): void;
}

/** One save, or one swap of a Kubernetes volume, makes several events. */
const SETTLE_MS = 100;
/** For what no event tells: files of other folders, network file systems, a folder that was replaced as a whole. */
const POLL_MS = 2_000;

/**
 * Watches a configuration and all that it imports. The folder is watched and not the file, for editors replace files, and Kubernetes replaces a link beside it
 * (`..data`) through which all files are seen; an event only makes us look sooner. A change is a file that is another one, or was written since.
 * Begin before the file is read for the first time, or what happens meanwhile is missed.
 * @param changed Is called for each change, and may be called once too often.
 */
export async function watchFiles(file: string, clock: Clock, changed: () => void): Promise<Watch> {
  let files: readonly string[] = [file];
  let seen = await stampsOf(files);
  let timer: Timer | undefined;
  let closed = false;
  const lookIn = (delayMs: number): void => {
    if (timer !== undefined) clock.cancelTimer(timer);
    if (!closed) timer = clock.startTimer(delayMs, () => void look());
  };
  const look = async (): Promise<void> => {
    lookIn(POLL_MS);
    const now = await stampsOf(files);
    const isChanged = [...now].some(([path, stamp]) => seen.get(path) !== stamp);
    seen = now;
    if (isChanged && !closed) changed();
  };
  const folder = openFolder(dirname(file), () => lookIn(SETTLE_MS));
  lookIn(POLL_MS);
  return {
    async follow(next, readFromEpochMs) {
      files = [...new Set([file, ...next])];
      const known = seen;
      seen = await stampsOf(files);
      // Of a file that was known before it was read, any change since then may have been missed; of a new one, only its time of writing tells.
      const isMissed = [...seen].some(([path, stamp]) =>
        known.has(path) ? known.get(path) !== stamp : stamp === MISSING || writtenEpochMs(stamp) >= readFromEpochMs - FILE_TIME_MS,
      );
      lookIn(POLL_MS);
      if (isMissed && !closed) changed();
    },
    close() {
      closed = true;
      if (timer !== undefined) clock.cancelTimer(timer);
      folder?.close();
    },
  };
}

/** @returns undefined where there is no folder, or the machine has no watch left to give: then polling has to do. */
function openFolder(folder: string, touched: () => void): FSWatcher | undefined {
  try {
    // A folder that is gone is no longer watched; polling finds the next one.
    return watchFolder(folder, { persistent: false }, touched).on("error", () => {});
  } catch {
    return undefined;
  }
}

/** File systems take their time from the last tick of the kernel, not from the clock. */
const FILE_TIME_MS = 20;

const MISSING = "missing";

/** What tells one state of a file from another: when it was written, where it really lies, how long it is. A file that is missing has a state as well. */
async function stampsOf(files: readonly string[]): Promise<Map<string, string>> {
  const stamps = files.map(async (path): Promise<[string, string]> => {
    try {
      const [{ mtimeMs, ctimeMs, size, ino }, place] = await Promise.all([stat(path), realpath(path)]);
      // A file that is moved here keeps the time when it was written; that of its last change of any kind is new.
      return [path, `${Math.max(mtimeMs, ctimeMs)} ${size} ${ino} ${place}`];
    } catch {
      return [path, MISSING];
    }
  });
  return new Map(await Promise.all(stamps));
}

function writtenEpochMs(stamp: string): number {
  return Number.parseFloat(stamp);
}
