/** A stretch of a message, in bytes, and what takes its place; with `start` at `end` it goes in between. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** The same bytes but for the splices, which come in any order and do not overlap. Without any it is the same buffer. */
export function splice(raw: Buffer, splices: readonly Splice[]): Buffer {
  if (splices.length === 0) return raw;
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, bytes } of [...splices].sort((a, b) => a.start - b.start)) {
    if (start < at) throw new RangeError(`splices overlap at ${start}`);
    pieces.push(raw.subarray(at, start), bytes);
    at = end;
  }
  return Buffer.concat([...pieces, raw.subarray(at)]);
}
