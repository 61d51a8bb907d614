import { styleText } from "node:util";

/** A column of a table for people. Numbers are best set to the right, so that their digits stand below each other. */
export interface Column {
  readonly title: string;
  /** Default `left`. */
  readonly align?: "left" | "right";
}

/**
 * Draws a table: a line of titles, then a line per row. Cells may carry colours; wide characters count as the two columns they take.
 *
 * @param rows Cells as text, one per column; what is missing stays empty.
 * @returns Lines without a final newline.
 */
export function drawTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => Bun.stringWidth(row[at] ?? ""))));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => pad(cells[at] ?? "", widths[at] ?? 0, align ?? "left"))
      .join("  ")
      .trimEnd();
  const titles = columns.map(({ title }) => styleText("bold", title));
  return [line(titles), ...rows.map(line)].join("\n");
}

function pad(cell: string, width: number, align: "left" | "right"): string {
  const blanks = " ".repeat(Math.max(0, width - Bun.stringWidth(cell)));
  return align === "left" ? cell + blanks : blanks + cell;
}
