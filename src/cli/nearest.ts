/**
 * The name that was probably meant.
 *
 * @returns Undefined if none is near: more than a third of the letters, and more than one, would have to change.
 */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(typed, name);
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

/** How many letters must be added, dropped, changed, or swapped with their neighbour to make one word of the other. */
function editDistance(a: string, b: string): number {
  const columns = b.length + 1;
  const table = new Uint16Array((a.length + 1) * columns);
  const at = (row: number, column: number): number => table[row * columns + column] ?? 0;
  for (let row = 0; row <= a.length; row++) {
    for (let column = 0; column <= b.length; column++) {
      let least = row === 0 || column === 0 ? row + column : Math.min(at(row - 1, column), at(row, column - 1)) + 1;
      if (row > 0 && column > 0) {
        least = Math.min(least, at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1));
        const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
        if (swapped) least = Math.min(least, at(row - 2, column - 2) + 1);
      }
      table[row * columns + column] = least;
    }
  }
  return at(a.length, b.length);
}
