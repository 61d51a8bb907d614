import { describe, expect, test } from "bun:test";
import { compress } from "../../../src/policies/compress/compress.ts";
import { DEFAULT_FILTERS } from "../../../src/policies/compress/compress-body.ts";
import { FILTERS } from "../../../src/policies/compress/filters/index.ts";
import { readShell } from "../../../src/policies/compress/shell-words.ts";

const SIZE = 128 * 1024;

/** What a tool could print to keep a gateway busy. */
const HOSTILE: Readonly<Record<string, string>> = {
  "one line": "a".repeat(SIZE),
  "empty lines": "\n".repeat(SIZE),
  "carriage returns": "a\r".repeat(SIZE / 2),
  "colours without end": "\u001b[31m".repeat(SIZE / 5),
  "colours that do not end": "\u001b[".repeat(SIZE / 2),
  "all but a mark": "[-1 line".repeat(SIZE / 8),
  brackets: `${"[".repeat(1000)}\n`.repeat(SIZE / 1001),
  places: `${"1:".repeat(500)}\n`.repeat(SIZE / 1001),
  blanks: `${" ".repeat(1000)}\n`.repeat(SIZE / 1001),
  "blanks and a word": `${" x".repeat(500)}\n`.repeat(SIZE / 1001),
  "lines that are all different": Array.from({ length: SIZE / 32 }, (_, index) => index.toString(36).padStart(31)).join("\n"),
  "errors alone": "an error that is the same each time\n".repeat(SIZE / 36),
  "wide characters": "✓ é ✗ ❯ ● │ ━ ⎯\n".repeat(SIZE / 16),
};

// Twenty milliseconds per MiB are measured by `scripts/rtk-savings.ts --time` on a quiet machine. Here others may be busy, so that the bound
// is what a backtracking pattern or a quadratic loop would miss by far.
const MS_PER_MIB_MAX = 400;

describe.each(Object.entries(HOSTILE))("%s", (_, text) => {
  test("take no filter long", () => {
    for (const { id, commands } of FILTERS) {
      let best = Number.POSITIVE_INFINITY;
      for (let turn = 0; turn < 4 && best > (MS_PER_MIB_MAX * text.length) / 2 ** 20; turn++) {
        const startNs = Bun.nanoseconds();
        compress(text, { name: "bash", command: commands?.[0] ?? "./run" }, DEFAULT_FILTERS);
        best = Math.min(best, (Bun.nanoseconds() - startNs) / 1e6);
      }
      expect([id, best < (MS_PER_MIB_MAX * text.length) / 2 ** 20]).toEqual([id, true]);
    }
  });
});

test("more lines than a tool prints, and more bytes than are worth it, pass through", () => {
  const context = { name: "bash", command: "npx jest" };
  expect(compress("  ✓ ok\n".repeat(200_000), context, DEFAULT_FILTERS)).toBeUndefined();
  expect(compress(`${"  ✓ a test that is fine in every way (2 ms)\n".repeat(300_000)}`, context, DEFAULT_FILTERS)).toBeUndefined();
  expect(compress("  ✓ a test that is fine in every way (2 ms)\n".repeat(10_000), context, DEFAULT_FILTERS)?.droppedLines).toBe(10_000);
});

test("a long result of another tool loses repeats of a line, and nothing else", () => {
  const text = `${"a line of a file\n".repeat(3000)}${Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join("")}`;
  const shorter = compress(text, { name: "read_file" }, DEFAULT_FILTERS)!;
  expect(shorter).toMatchObject({ filter: "repeats", droppedLines: 2999 });
  expect(shorter.text).toStartWith("a line of a file\n[-2999 lines: same as above]\nline 0\n");
  expect(shorter.text).toEndWith("line 499\n");
});

test("cutting a long line never cuts a character in two", () => {
  for (const shift of ["", "a"]) {
    const line = `./a.js:1:${shift}${"😀".repeat(3000)}`;
    const shorter = compress(`${line}\n`, { name: "bash", command: "grep -rn x ." }, DEFAULT_FILTERS)!;
    expect(shorter.text).toContain(" chars]");
    expect(shorter.text.isWellFormed()).toBe(true);
  }
});

test.each(["'", '"', "$(", "`", "<<EOF\n", "a <<", "\\", ";|&", "((((", ">".repeat(9000), "$(".repeat(8000), "'\"".repeat(8000)])(
  "the shell's grammar comes to an end at %s",
  (text) => {
    expect(Array.isArray(readShell(text))).toBe(true);
  },
);
