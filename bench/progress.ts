/** Where a run is, told on stderr. */
export interface Progress {
  tell(text: string): void;
  /** Leaves no line behind. */
  end(): void;
}

/** At most so often is a line drawn anew. Milliseconds. */
const REDRAW_MS = 100;

/** At a terminal one line that is drawn over; elsewhere, and in CI, a line per step. */
export function createProgress(): Progress {
  const { stderr } = process;
  if (!stderr.isTTY || process.env["CI"] !== undefined) return { tell: (text) => void stderr.write(`${text}\n`), end: () => {} };
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    tell(text) {
      if (performance.now() - drawnMs < REDRAW_MS) return;
      drawnMs = performance.now();
      stderr.write(`\r\x1b[2K${Bun.sliceAnsi(text, 0, (stderr.columns ?? 80) - 1)}`);
    },
    end: () => void stderr.write("\r\x1b[2K"),
  };
}
