/** Pieces of at most `size`: an operation takes a part of a long file at a time, so that a server beside it waits for none long. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
