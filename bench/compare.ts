import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { drawTable } from "../src/cli/table.ts";
import { BenchFailure } from "./failure.ts";
import { type Figure, METRICS } from "./figures.ts";
import { NOISY, REFERENCE, type Report, show } from "./report.ts";

/** How a figure came out against the same figure of an earlier run. */
export interface Change {
  readonly before: Figure;
  readonly after: Figure;
  /** After over before, less what the reference itself changed. */
  readonly ratio: number;
  /** `machine`: of the reference, whose code does not change, so that what changed is the machine. */
  readonly verdict: "better" | "worse" | "same" | "machine";
}

/** A smaller share than this is nobody's business, however steady the rounds were. */
const SHARE_MIN = 0.03;

/**
 * Compares two runs, figure by figure. What the pass-through changed in the same scenario is the machine's doing and is taken out first. Then a
 * difference counts if the middle halves of the rounds do not touch and it is more than 3 %. Where there is no pass-through to go by, nothing
 * counts that was measured while the machine was busy with other things.
 */
export function compareRuns(before: RunFigures, after: RunFigures): readonly Change[] {
  const old = new Map(before.figures.map((figure) => [keyOf(figure, figure.of), figure]));
  const now = new Map(after.figures.map((figure) => [keyOf(figure, figure.of), figure]));
  return after.figures.flatMap((figure): Change[] => {
    const other = old.get(keyOf(figure, figure.of));
    if (other === undefined || other.rounds === 0 || figure.rounds === 0) return [];
    if (figure.of === REFERENCE) return [{ before: other, after: figure, ratio: figure.median / other.median, verdict: "machine" }];
    const reference = now.get(keyOf(figure, REFERENCE));
    const referenceBefore = old.get(keyOf(figure, REFERENCE));
    if (reference === undefined || referenceBefore === undefined) {
      const isTrusted = !isNoisy(before, figure) && !isNoisy(after, figure);
      return [changeOf(other, figure, 1, isTrusted)];
    }
    // Memory is the program's own, however busy the machine is.
    const drift = figure.metric === "rssMb" ? 1 : reference.median / referenceBefore.median;
    return [changeOf(other, figure, drift, true)];
  });
}

/** What is compared of a run. */
export type RunFigures = Pick<Report, "figures" | "scenarios">;

function keyOf({ suite, scenario, metric }: Figure, of: string): string {
  return [suite, scenario, of, metric].join("\n");
}

function isNoisy({ scenarios }: RunFigures, { suite, scenario }: Figure): boolean {
  const noise = scenarios.find((run) => run.suite === suite && run.scenario === scenario)?.noise;
  return noise != null && noise.foreign + noise.steal > NOISY;
}

function changeOf(before: Figure, after: Figure, drift: number, isTrusted: boolean): Change {
  const ratio = after.median / before.median / drift;
  const apart = after.lower / drift > before.upper || after.upper / drift < before.lower;
  if (!isTrusted || !apart || Math.abs(ratio - 1) <= SHARE_MIN) return { before, after, ratio, verdict: "same" };
  const grew = ratio > 1;
  return { before, after, ratio, verdict: grew === (METRICS[after.metric].better === "more") ? "better" : "worse" };
}

/** Draws what changed since a saved run; says so if that was on another machine, where only ratios compare. */
export function drawComparison(before: Report, after: Report): string {
  const changes = compareRuns(before, after);
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
        { title: "own change", align: "right" },
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
  machine: () => styleText("dim", "~ the machine"),
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
