/** The known name that was probably meant, or undefined when none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  // The right key in the wrong table is the commonest slip: `max_size` above the first [table].
  const samePlace = known.filter((name) => lastPart(name) === lastPart(given));
  const [best] = (samePlace.length > 0 ? samePlace : known)
    .map((name) => ({ name, distance: distance(given, name) }))
    .sort((a, b) => a.distance - b.distance);
  if (!best) return undefined;
  return samePlace.length > 0 || best.distance <= Math.max(2, given.length / 5) ? best.name : undefined;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Levenshtein's: how many letters must be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
