import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { checkFilter } from "../../../src/policies/compress/check-filter.ts";
import { compress, RESULT_BYTES_MIN, type ResultContext } from "../../../src/policies/compress/compress.ts";
import { DEFAULT_FILTERS } from "../../../src/policies/compress/compress-body.ts";
import { looksLikeError } from "../../../src/policies/compress/error-lines.ts";
import { compileFilter } from "../../../src/policies/compress/filter-set.ts";
import { FILTERS } from "../../../src/policies/compress/filters/index.ts";
import { splitLines, withoutAnsi } from "../../../src/policies/compress/lines.ts";
import { readSamples } from "./samples.ts";

const SAMPLES = readSamples();
const FOLDER = join(import.meta.dir, "../../../src/policies/compress/filters");

/** What the answer of a result has become; itself if it is left alone. */
function textAfter(text: string, context: ResultContext): string {
  return compress(text, context, DEFAULT_FILTERS)?.text ?? text;
}

test("every file of the folder is in the list, and there are 47 for commands besides the generic ones", () => {
  const files = readdirSync(FOLDER).filter((file) => file !== "index.ts");
  expect(files.map((file) => file.slice(0, -3)).sort()).toEqual(FILTERS.map(({ id }) => id).sort());
  const added = ["docker-build", "gh", "kubectl", "error-stacktrace", "generic-output"];
  expect(FILTERS.filter(({ id }) => !added.includes(id))).toHaveLength(47);
});

test.each(FILTERS.map((filter) => [filter.id, filter] as const))("%s keeps the promises of its own samples", (id, filter) => {
  expect(checkFilter(filter)).toEqual([]);
  expect(SAMPLES.some((sample) => sample.filter === id)).toBe(true);
});

describe("recorded output", () => {
  test.each(SAMPLES.map((sample) => [sample.name, sample] as const))("%s loses nothing that matters", (_, sample) => {
    const plain = withoutAnsi(sample.output);
    const text = withoutAnsi(textAfter(sample.output, contextOf(sample)));
    for (const part of sample.survives) {
      expect(plain).toContain(part);
      expect(text).toContain(part);
    }
    expect(lostLines(sample.output, text, sample.filter)).toEqual([]);
  });

  test.each(FILTERS.map(({ id }) => id))("%s saves something of some sample", (id) => {
    const savings = SAMPLES.filter(({ filter }) => filter === id).map((sample) => {
      const shorter = compress(sample.output, contextOf(sample), DEFAULT_FILTERS);
      return shorter === undefined || shorter.filter !== id ? 0 : 1 - shorter.bytesAfter / shorter.bytesBefore;
    });
    expect(Math.max(...savings)).toBeGreaterThan(0.03);
  });
});

function contextOf({ command }: { readonly command: string | undefined }): ResultContext {
  return command === undefined ? {} : { name: "Bash", command };
}

/** Lines that look like errors, or that the filter protects, and are in no line of what is left. */
function lostLines(before: string, after: string, id: string): string[] {
  const filter = compileFilter(FILTERS.find((each) => each.id === id) ?? FILTERS[0]!);
  const left = new Set(splitLines(after).texts);
  return splitLines(withoutAnsi(before)).texts.filter((line) => (looksLikeError(line) || filter.keep?.test(line)) && !left.has(line));
}

/** Output as a hostile or a confused tool could print it: lines of samples, of errors, of noise and of our own marks, in any order. */
function outputOf(id: string): fc.Arbitrary<string> {
  const own = SAMPLES.filter(({ filter }) => filter === id).flatMap(({ output }) => output.split("\n").slice(0, 400));
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...own) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        "",
        "  ",
        "error: it broke",
        "Error: x",
        "FAILED y",
        "\u001b[31mfatal\u001b[0m: z",
        "a\rb\rerror c",
        "error d\rb\rdone",
        "\u001b[\u001b[31m31m x",
        "ok\r",
        "✓ ok",
      ),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 60, unit: "binary" }) },
  );
  // Runs of equal lines make repeats and gaps.
  const run = fc.tuple(line, fc.integer({ min: 1, max: 12 })).map(([text, count]) => Array(count).fill(text).join("\n"));
  return fc.array(run, { minLength: 1, maxLength: 120 }).map((runs) => runs.join("\n"));
}

describe.each(FILTERS.map(({ id }) => id))("the rules hold for %s", (id) => {
  const filter = FILTERS.find((each) => each.id === id)!;
  const command = filter.commands?.[0];
  const context: ResultContext =
    command === undefined ? (id === "generic-output" ? { name: "bash", command: "./deploy" } : {}) : { name: "bash", command };
  const check = (property: (text: string) => void): void => fc.assert(fc.property(outputOf(id), property), { numRuns: 40 });

  test("lines that look like errors or are protected are never lost", () => {
    check((text) => {
      const shorter = compress(text, context, DEFAULT_FILTERS);
      if (shorter !== undefined) expect(lostLines(text, shorter.text, shorter.filter)).toEqual([]);
    });
  });

  test("doing it twice is doing it once", () => {
    check((text) => {
      const once = textAfter(text, context);
      expect(textAfter(once, context)).toBe(once);
    });
  });

  test("the number of missing lines stands where they are missing", () => {
    check((text) => {
      const shorter = compress(text, context, DEFAULT_FILTERS);
      if (shorter === undefined) return;
      const marks = shorter.text.split("\n").flatMap((line) => /^\[-(\d+) lines?(?:: [\w ,'-]+)?\]$/.exec(line)?.[1] ?? []);
      expect(marks.reduce((sum, count) => sum + Number(count), 0)).toBe(shorter.droppedLines);
      const total = splitLines(withoutAnsi(text)).texts.length;
      expect(shorter.text.split("\n").length - marks.length + shorter.droppedLines).toBe(total);
    });
  });

  test("what stays, stays in its order; it never grows, and equal input gives equal bytes", () => {
    check((text) => {
      const shorter = compress(text, context, DEFAULT_FILTERS);
      expect(compress(text, context, DEFAULT_FILTERS)).toEqual(shorter);
      if (shorter === undefined) return;
      expect(shorter.bytesAfter).toBe(Buffer.byteLength(shorter.text));
      expect(shorter.bytesAfter).toBeLessThan(shorter.bytesBefore);
      const all = splitLines(withoutAnsi(text)).texts;
      let at = 0;
      for (const line of shorter.text.split("\n")) {
        if (/^\[-\d+ lines?/.test(line)) continue;
        at = all.findIndex((each, index) => index >= at && (each === line || line.includes(" chars]"))) + 1;
        expect(at).toBeGreaterThan(0);
      }
    });
  });

  test("errors, small results, file reads and other tools are left alone", () => {
    check((text) => {
      expect(compress(text, { ...context, isError: true }, DEFAULT_FILTERS)).toBeUndefined();
      if (Buffer.byteLength(text) < RESULT_BYTES_MIN) expect(compress(text, context, DEFAULT_FILTERS)).toBeUndefined();
      const short = text.slice(0, 8000);
      expect(compress(short, { name: "read_file" }, DEFAULT_FILTERS)).toBeUndefined();
      expect(compress(short, { name: "bash", command: "cat output.txt" }, DEFAULT_FILTERS)).toBeUndefined();
    });
  });
});
