/**
 * The names that were probably meant, nearest first.
 *
 * @param limit How many at most.
 * @returns None if all are far: more than two letters, and more than a third of them, would have to change.
 */
export function nearest(typed: string, names: Iterable<string>, limit = 1): string[] {
  const wanted = typed.toLowerCase();
  const allowed = Math.max(2, Math.floor(typed.length / 3));
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(names)) {
    if (Math.abs(name.length - typed.length) > allowed) continue;
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance <= allowed && distance < Math.max(typed.length, name.length)) near.push({ name, distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** The same as a sentence for the end of a message; empty if nothing is near. */
export function didYouMean(typed: string, names: Iterable<string>): string | undefined {
  const [name] = nearest(typed, names);
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

/** How many letters must be added, dropped, changed, or swapped with their neighbour to make one word of the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, changed);
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
