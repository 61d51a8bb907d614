import { describe, expect, test } from "bun:test";
import { compress } from "../../../src/policies/compress/compress.ts";
import type { Filter } from "../../../src/policies/compress/filter.ts";
import { FilterSet } from "../../../src/policies/compress/filter-set.ts";

const FILTER: Filter = { id: "tool", summary: "", commands: ["tool"], samples: [] };

function run(text: string, filter: Partial<Filter>): string | undefined {
  return compress(text, { name: "bash", command: "tool" }, new FilterSet([{ ...FILTER, ...filter }]))?.text;
}

function lines(count: number, word = "line"): string {
  return Array.from({ length: count }, (_, index) => `${word} ${index} of some length`).join("\n");
}

const NOISE = { drop: [{ what: "noise", lines: ["^line "] }] };
const CAP = { lines: 20, head: 3, tail: 2 };

describe("each stage", () => {
  test.each([
    { claim: "drops lines, and says how many and what", text: `a\n${lines(30)}\nb`, filter: NOISE, left: "a\n[-30 lines: noise]\nb" },
    { claim: "leaves a gap that is not worth its mark", text: `line 1\n${lines(30, "other")}`, filter: NOISE, left: undefined },
    {
      claim: "keeps errors among noise",
      text: `${lines(20)}\nline 7: error\n${lines(20)}`,
      filter: NOISE,
      left: "[-20 lines: noise]\nline 7: error\n[-20 lines: noise]",
    },
    {
      claim: "keeps what the filter keeps, against its own drops",
      text: `${lines(40)}\n`,
      filter: { ...NOISE, keep: ["^line 7 "] },
      left: "[-7 lines: noise]\nline 7 of some length\n[-32 lines: noise]\n",
    },
    {
      claim: "keeps spans, against drops",
      text: `${lines(15)}\n● broken\nline a\nline b\n\n${lines(15)}`,
      filter: { ...NOISE, keepSpans: [{ from: ["^● "] }] },
      left: "[-15 lines: noise]\n● broken\nline a\nline b\n[-16 lines: noise]".replace("\n[-16", "\n\n[-15"),
    },
    {
      claim: "keeps spans, against the cap",
      text: `${lines(20)}\n● broken\nat a\nat b\n\n${lines(20)}`,
      filter: { cap: CAP, keepSpans: [{ from: ["^● "] }] },
      left: `${lines(3)}\n[-17 lines]\n● broken\nat a\nat b\n[-19 lines]\nline 18 of some length\nline 19 of some length`,
    },
    {
      claim: "ends a span where it is too long",
      text: `● broken\nline a\nline b\n${lines(30)}`,
      filter: { ...NOISE, keepSpans: [{ from: ["^● "], linesMax: 3 }] },
      left: "● broken\nline a\nline b\n[-30 lines: noise]",
    },
    {
      claim: "drops spans but for their first line and errors",
      text: `lock\n${lines(20)}\nan error\n${lines(20)}\n\nend`,
      filter: { dropSpans: [{ what: "locked", from: ["^lock"], linesMax: 100 }] },
      left: "lock\n[-20 lines: locked]\nan error\n[-20 lines: locked]\n\nend",
    },
    {
      claim: "folds runs of a line, even of errors",
      text: `x\n${"the same error again\n".repeat(40)}`,
      filter: {},
      left: "x\nthe same error again\n[-39 lines: same as above]\n",
    },
    {
      claim: "keeps each line once where it is told to",
      text: Array.from({ length: 60 }, (_, index) => `note: ${index % 3} is on the list of notes`).join("\n"),
      filter: { once: ["^note: "] },
      left: "note: 0 is on the list of notes\nnote: 1 is on the list of notes\nnote: 2 is on the list of notes\n[-57 lines: repeats]",
    },
    {
      claim: "thins what stands far from all else, past what goes anyway",
      text: `+ a\n${lines(20, "same")}\nline x\n${lines(20, "same")}\n+ b`,
      filter: { ...NOISE, thin: { what: "unchanged", lines: ["^same "], aboveLines: 10, beside: 1 } },
      left: "+ a\nsame 0 of some length\n[-39 lines: unchanged, noise]\nsame 19 of some length\n+ b",
    },
    {
      claim: "spares what nearly all lines are",
      text: lines(40),
      filter: { drop: [{ what: "noise", lines: ["^line "], unlessMost: true }] },
      left: undefined,
    },
    {
      claim: "takes out states of a progress bar that were written over, but no error among them",
      text: `${Array.from({ length: 60 }, (_, index) => `${index} % is done`).join("\r")}\rerror: it broke\rdone\nend`,
      filter: {},
      left: "[-60 lines: overwritten]\nerror: it broke\ndone\nend",
    },
    {
      claim: "takes blank lines with what goes around them",
      text: `a\n${lines(15)}\n\n\n${lines(15)}\nb`,
      filter: NOISE,
      left: "a\n[-32 lines: noise]\nb",
    },
    {
      claim: "takes out colours alone",
      text: "\u001b[32mgreen\u001b[0m and plain\n".repeat(30).replaceAll("green", () => "green"),
      filter: { cap: { lines: 90, head: 40, tail: 40 } },
      left: "green and plain\n[-29 lines: same as above]\n",
    },
    { claim: "leaves alone what it would not shorten", text: lines(40), filter: {}, left: undefined },
    { claim: "leaves alone what quotes a mark", text: `[-3 lines: noise]\n${lines(40)}`, filter: NOISE, left: undefined },
    {
      claim: "leaves escapes that it cannot take out at once",
      text: `${"\u001b[\u001b[31m31m x\n".repeat(2)}${lines(40, "other")}`,
      filter: {},
      left: undefined,
    },
    {
      claim: "takes out titles, links and character sets, each within its line",
      text: `\u001b]0;title\u0007a\u001b(B\u001b]8;;https://example.com\u001b\\b\n${"\u001b[1mc\u001b[0m\n".repeat(60)}`,
      filter: { cap: { lines: 90, head: 40, tail: 40 } },
      left: "ab\nc\n[-59 lines: same as above]\n",
    },
    {
      claim: "loses nothing to a title that does not end",
      text: `\u001b]0;title\nerror: it broke\n${lines(40)}`,
      filter: {},
      left: undefined,
    },
  ] as const)("$claim", ({ text, filter, left }) => {
    expect(run(text, filter)).toBe(left as string | undefined);
  });
});

describe("without a command", () => {
  const jest = { ...FILTER, id: "a", commands: [], signs: ["^PASS ", "Tests: "], ...NOISE };
  const text = (head: string): string => `${head}\n${lines(40)}`;

  test.each([
    { claim: "one sign decides nothing", head: "PASS a", filter: undefined },
    { claim: "the same sign twice is one sign", head: "PASS a\nPASS b", filter: undefined },
    { claim: "two signs on one line are one", head: "PASS Tests: 1", filter: undefined },
    { claim: "two signs on two lines decide", head: "PASS a\nTests: 1", filter: "a" },
  ])("$claim", ({ head, filter }) => {
    expect(compress(text(head), {}, new FilterSet([jest]))?.filter).toBe(filter as string);
  });

  test("two filters with as many signs decide nothing", () => {
    const other = { ...jest, id: "b" };
    expect(compress(text("PASS a\nTests: 1"), {}, new FilterSet([jest, other]))).toBeUndefined();
  });

  test("a command that may run it needs one sign", () => {
    const set = new FilterSet([{ ...jest, scripts: ["npm test"] }]);
    expect(compress(text("PASS a"), { name: "bash", command: "npm test" }, set)?.filter).toBe("a");
    expect(compress(text("nothing"), { name: "bash", command: "npm test" }, set)).toBeUndefined();
  });

  test("what shows a file is no output, whatever it looks like", () => {
    const set = new FilterSet([jest]);
    for (const command of ["cat a", "cd x && head -50 a", "sed -n 1,40p a", "git show HEAD:a", "cat a && npx jest"]) {
      expect(compress(text("PASS a\nTests: 1"), { name: "bash", command }, set)).toBeUndefined();
    }
    expect(compress(text("PASS a\nTests: 1"), { name: "Read" }, set)).toBeUndefined();
  });

  test("several commands are read by what all of their filters know", () => {
    const other: Filter = { ...FILTER, id: "b", commands: ["other"], keep: ["^line 3 "] };
    const set = new FilterSet([{ ...jest, commands: ["tool"] }, other]);
    const shorter = compress(`${lines(40)}\n`, { name: "bash", command: "tool && other" }, set);
    expect(shorter).toMatchObject({ filter: "a+b", droppedLines: 39 });
  });
});
