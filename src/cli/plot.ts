const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const HEIGHTS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/** From light to dark, for a terminal without block characters. */
const HEIGHTS_ASCII = ["_", ".", "-", "=", "+", "*", "%", "#"];

/** How to draw. */
export interface PlotOptions {
  /** How many columns the longest bar takes. Default 40. */
  readonly width?: number;
  /** Draw with letters and signs alone. Default: as `TERM=dumb` asks. */
  readonly ascii?: boolean;
}

/** One bar of `drawBars`. */
export interface Bar {
  readonly label: string;
  /** Not negative. */
  readonly value: number;
  /** What is written behind the bar, such as `1.32 ms`. */
  readonly caption: string;
}

/**
 * Draws bars from one common zero, so that their lengths compare as their values do.
 *
 * @returns A line per bar, without a final newline.
 */
export function drawBars(bars: readonly Bar[], options: PlotOptions = {}): string {
  const { width = 40, ascii = isDumb() } = options;
  const labelWidth = Math.max(0, ...bars.map((bar) => Bun.stringWidth(bar.label)));
  const most = Math.max(Number.MIN_VALUE, ...bars.map((bar) => bar.value));
  return bars
    .map(({ label, value, caption }) => {
      const blanks = " ".repeat(labelWidth - Bun.stringWidth(label));
      return `${label}${blanks}  ${bar((value / most) * width, ascii)} ${caption}`;
    })
    .join("\n");
}

/**
 * Draws values over time in one line, scaled between the least and the greatest of them.
 *
 * @returns One character per value.
 */
export function drawSparkline(values: readonly number[], options: Pick<PlotOptions, "ascii"> = {}): string {
  const heights = (options.ascii ?? isDumb()) ? HEIGHTS_ASCII : HEIGHTS;
  const least = Math.min(...values);
  const span = Math.max(...values) - least;
  return values.map((value) => heights[span === 0 ? 0 : Math.round(((value - least) / span) * (heights.length - 1))]).join("");
}

function bar(columns: number, ascii: boolean): string {
  if (ascii) return "#".repeat(Math.round(columns));
  const eighths = Math.round(columns * 8);
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

function isDumb(): boolean {
  return process.env["TERM"] === "dumb";
}
