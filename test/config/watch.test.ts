import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Watch, watchFiles } from "../../src/config/watch.ts";
import { systemClock } from "../../src/world/clock.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function folderFor(): string {
  const folder = mkdtempSync(join(tmpdir(), "omni-watch-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A watch, and the promise of its next change. */
async function watching(file: string): Promise<{ watch: Watch; next(): Promise<void>; readonly changes: number }> {
  let changes = 0;
  let waiting = Promise.withResolvers<void>();
  const watch = await watchFiles(file, systemClock, () => {
    changes++;
    waiting.resolve();
    waiting = Promise.withResolvers<void>();
  });
  closing.push(() => watch.close());
  return {
    watch,
    next: () => waiting.promise,
    get changes() {
      return changes;
    },
  };
}

describe("watchFiles", () => {
  test("sees a file that is written", async () => {
    const file = join(folderFor(), "omni.config.ts");
    writeFileSync(file, "one");
    const { watch, next } = await watching(file);
    await watch.follow([file], Date.now() + 1_000);
    const change = next();
    writeFileSync(file, "two, longer");
    await change;
  });

  test("sees a file that is replaced by renaming, as editors do", async () => {
    const folder = folderFor();
    const file = join(folder, "omni.config.ts");
    writeFileSync(file, "one");
    const { watch, next } = await watching(file);
    await watch.follow([file], Date.now() + 1_000);
    const change = next();
    writeFileSync(join(folder, "new"), "two");
    renameSync(join(folder, "new"), file);
    await change;
  });

  test("sees Kubernetes swap a volume: the link beside the file, with files older than the swap", async () => {
    const folder = folderFor();
    for (const version of ["..v1", "..v2"]) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, "omni.config.ts"), "same length");
      utimesSync(join(folder, version, "omni.config.ts"), 1_000, 1_000);
    }
    symlinkSync("..v1", join(folder, "..data"));
    symlinkSync("..data/omni.config.ts", join(folder, "omni.config.ts"));
    const file = join(folder, "omni.config.ts");
    const { watch, next } = await watching(file);
    await watch.follow([file], Date.now() + 1_000);
    const change = next();
    symlinkSync("..v2", join(folder, "..data.new"));
    renameSync(join(folder, "..data.new"), join(folder, "..data"));
    await change;
  });

  test("sees a file of another folder change, though no event tells of it", async () => {
    const file = join(folderFor(), "omni.config.ts");
    const imported = join(folderFor(), "combos.ts");
    writeFileSync(file, "one");
    writeFileSync(imported, "one");
    const { watch, next } = await watching(file);
    await watch.follow([file, imported], Date.now() + 1_000);
    const change = next();
    writeFileSync(imported, "two");
    await change;
  });

  test.each([
    { claim: "written", change: (file: string) => writeFileSync(file, "two, longer") },
    { claim: "taken away", change: (file: string) => rmSync(file) },
    { claim: "moved here from elsewhere", change: (file: string) => renameSync(`${file}.new`, file) },
  ])("sees that a file was $claim while it was read, known before or not", async ({ change }) => {
    const folder = folderFor();
    const file = join(folder, "omni.config.ts");
    const imported = join(folder, "combos.ts");
    for (const path of [file, `${file}.new`, imported, `${imported}.new`]) writeFileSync(path, "one");
    for (const changing of [file, imported]) {
      const seen = await watching(file);
      // What was written before must not be taken for the change.
      await Bun.sleep(100);
      const readFrom = Date.now();
      const changed = seen.next();
      change(changing);
      await seen.watch.follow([file, imported], readFrom);
      await changed;
      seen.watch.close();
    }
  });

  test("sees a volume swapped while it was read, though its files are older than that", async () => {
    const folder = folderFor();
    for (const version of ["..v1", "..v2"]) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, "omni.config.ts"), "same length");
    }
    symlinkSync("..v1", join(folder, "..data"));
    const file = join(folder, "omni.config.ts");
    symlinkSync("..data/omni.config.ts", file);
    await Bun.sleep(100);
    const { watch, next } = await watching(file);
    const readFrom = Date.now();
    const change = next();
    symlinkSync("..v2", join(folder, "..data.new"));
    renameSync(join(folder, "..data.new"), join(folder, "..data"));
    await watch.follow([file], readFrom);
    // Seen at once, and not by the next look at the folder: `follow` has just taken note of the new state.
    await change;
  });

  test("sees a file come whose folder was not there yet", async () => {
    const file = join(folderFor(), "later", "omni.config.ts");
    const { next } = await watching(file);
    const change = next();
    mkdirSync(join(file, ".."));
    writeFileSync(file, "one");
    await change;
  });

  test("is not disturbed by what is not its own", async () => {
    const folder = folderFor();
    const file = join(folder, "omni.config.ts");
    writeFileSync(file, "one");
    const seen = await watching(file);
    await seen.watch.follow([file], Date.now() + 1_000);
    writeFileSync(join(folder, "omni.log"), "a line");
    // The next change of its own comes after everything that the other file may have set off.
    await Bun.sleep(250);
    expect(seen.changes).toBe(0);
    const change = seen.next();
    writeFileSync(file, "two, longer");
    await change;
    expect(seen.changes).toBe(1);
  });
});
