import { afterAll } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Makes a folder of files that lasts as long as the test file that asked for it. */
export function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "omni-test-")));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Takes the mark `‸` out of a text, and says where it stood. */
export function unmark(text: string): { readonly text: string; readonly line: number; readonly column: number } {
  const at = text.indexOf("‸");
  const before = text.slice(0, Math.max(0, at)).split("\n");
  return { text: text.replace("‸", ""), line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
