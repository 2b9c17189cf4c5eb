/** Values a statement takes at once: far below both engines' limits on parameters, large enough that its cost vanishes. */
const chunkSize = 500;

/** Cuts a list into pieces that fit one statement; none for an empty list. */
export function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, i) =>
    items.slice(i * chunkSize, (i + 1) * chunkSize),
  );
}
