import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { drawTable } from "../src/cli/table.ts";
import { BenchFailure } from "./failure.ts";
import { type Figure, METRICS } from "./figures.ts";
import { type Report, show } from "./report.ts";

/** How a figure came out against the same figure of an earlier run. */
export interface Change {
  readonly before: Figure;
  readonly after: Figure;
  /** After over before. */
  readonly ratio: number;
  readonly verdict: "better" | "worse" | "same";
}

/** A smaller share than this is nobody's business, however steady the rounds were. */
const SHARE_MIN = 0.03;

/**
 * Compares two runs, figure by figure. A difference counts if the middle halves of the rounds do not touch, and it is more than 3 %: what is
 * within the runs' own spread is noise.
 */
export function compareFigures(before: readonly Figure[], after: readonly Figure[]): readonly Change[] {
  const key = ({ suite, scenario, of, metric }: Figure) => [suite, scenario, of, metric].join("\n");
  const old = new Map(before.map((figure) => [key(figure), figure]));
  return after.flatMap((figure) => {
    const other = old.get(key(figure));
    return other === undefined || other.rounds === 0 || figure.rounds === 0 ? [] : [changeOf(other, figure)];
  });
}

function changeOf(before: Figure, after: Figure): Change {
  const ratio = after.median / before.median;
  const apart = after.lower > before.upper || after.upper < before.lower;
  if (!apart || Math.abs(ratio - 1) <= SHARE_MIN) return { before, after, ratio, verdict: "same" };
  const grew = ratio > 1;
  return { before, after, ratio, verdict: grew === (METRICS[after.metric].better === "more") ? "better" : "worse" };
}

/** Draws what changed since a saved run; says so if that was on another machine, where only ratios compare. */
export function drawComparison(before: Report, after: Report): string {
  const changes = compareFigures(before.figures, after.figures);
  const rows = changes
    .filter(({ after: { of } }) => of !== "direct" && of !== "nginx")
    .map(({ before: old, after: figure, ratio, verdict }) => [
      `${figure.scenario} / ${figure.of}`,
      METRICS[figure.metric].title,
      show(old.median),
      show(figure.median),
      `${ratio >= 1 ? "+" : "−"}${Math.abs((ratio - 1) * 100).toFixed(1)} %`,
      MARKS[verdict](),
    ]);
  const same = before.machine.cpu === after.machine.cpu && before.machine.kernel === after.machine.kernel;
  return [
    styleText(
      "bold",
      `Compared with the run of ${before.date} (omni ${before.version}${before.commit === null ? "" : ` ${before.commit}`})`,
    ),
    ...(same ? [] : [styleText("yellow", "⚠ that was another machine: only the pass-through's own change tells what is due to it")]),
    drawTable(
      [
        { title: "" },
        { title: "" },
        { title: "before", align: "right" },
        { title: "after", align: "right" },
        { title: "change", align: "right" },
        { title: "" },
      ],
      rows,
    ),
  ].join("\n");
}

const MARKS: Readonly<Record<Change["verdict"], () => string>> = {
  better: () => styleText("green", "✓ better"),
  worse: () => styleText("red", "✗ worse"),
  same: () => styleText("dim", "= noise"),
};

/**
 * Reads a saved run.
 * @throws {BenchFailure} If that is none.
 */
export function readReport(file: string): Report {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw noReport(file, cause);
  }
  const report = content as Partial<Report> | null; // Looked at in the next line.
  if (report?.kind !== "omni-bench" || report.format !== 1 || !Array.isArray(report.figures)) throw noReport(file, undefined);
  return report as Report; // Its kind and format say that one of us wrote it.
}

function noReport(file: string, cause: unknown): BenchFailure {
  return new BenchFailure(`Cannot compare with ${file}: it is no saved run. Make one: omni bench --json ${file}`, {
    cause,
  });
}
