import { describe, expect, test } from "bun:test";
import { drawBars, drawSparkline } from "../../src/cli/plot.ts";
import { drawTable } from "../../src/cli/table.ts";

const plain = (text: string): string => Bun.stripANSI(text);

describe("drawTable", () => {
  test("sets numbers to the right, and leaves no blanks at the ends of lines", () => {
    const table = drawTable(
      [{ title: "route" }, { title: "requests", align: "right" }, { title: "note" }],
      [
        ["fast", "7", ""],
        ["slow-one", "1,200", "quiet"],
      ],
    );
    expect(plain(table).split("\n")).toEqual([
      "route     requests  note", //
      "fast             7",
      "slow-one     1,200  quiet",
    ]);
  });

  test("counts what is seen: not colours, and wide characters twice", () => {
    const table = drawTable(
      [{ title: "a" }, { title: "b" }],
      [
        ["\u001b[31mred\u001b[0m", "x"],
        ["東京", "x"],
      ],
    );
    expect(plain(table).split("\n")).toEqual(["a     b", "red   x", "東京  x"]);
  });

  test("draws the titles alone when there are no rows", () => {
    expect(plain(drawTable([{ title: "a" }, { title: "b" }], []))).toBe("a  b");
  });
});

describe("drawBars", () => {
  test("draws lengths in proportion, down to an eighth of a column", () => {
    const bars = [
      { label: "raw", value: 1, caption: "1 ms" },
      { label: "omni", value: 4, caption: "4 ms" },
      { label: "none", value: 0, caption: "0 ms" },
    ];
    expect(drawBars(bars, { width: 10, ascii: false }).split("\n")).toEqual(["raw   ██▌ 1 ms", "omni  ██████████ 4 ms", "none   0 ms"]);
  });

  test("does with signs where there are no blocks", () => {
    expect(drawBars([{ label: "a", value: 2, caption: "2" }], { width: 4, ascii: true })).toBe("a  #### 2");
  });

  test("draws nothing but captions when all is zero", () => {
    expect(drawBars([{ label: "a", value: 0, caption: "0" }], { ascii: false })).toBe("a   0");
  });
});

describe("drawSparkline", () => {
  test.each([
    { values: [1, 2, 3, 8], ascii: false, line: "▁▂▃█" },
    { values: [5, 5, 5], ascii: false, line: "▁▁▁" },
    { values: [0, 10], ascii: true, line: "_#" },
    { values: [], ascii: false, line: "" },
  ])("$values is $line", ({ values, ascii, line }) => {
    expect(drawSparkline(values, { ascii })).toBe(line);
  });
});
