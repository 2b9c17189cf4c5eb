import { bufferOf } from './thread-bytes.ts';

/** Several byte strings one after the other in memory of their own, which goes to another thread as it is: each by itself costs µs. */
export interface JoinedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: readonly number[];
}

export function joinBytes(parts: readonly Uint8Array[]): JoinedBytes {
  let end = 0;
  const ends = parts.map(({ length }) => {
    end += length;
    return end;
  });
  const bytes = new Uint8Array(end);
  for (const [i, part] of parts.entries()) bytes.set(part, (ends[i] ?? 0) - part.length);
  return { bytes, ends };
}

/** The same of strings, latin1. */
export function joinTexts(texts: readonly string[]): JoinedBytes {
  let end = 0;
  const ends = texts.map(({ length }) => {
    end += length;
    return end;
  });
  const bytes = new Uint8Array(end);
  bufferOf(bytes).write(texts.join(''), 'latin1');
  return { bytes, ends };
}

/** Views of the joined memory. */
export function splitBytes({ bytes, ends }: JoinedBytes): Buffer[] {
  const whole = bufferOf(bytes);
  return ends.map((end, i) => whole.subarray(ends[i - 1] ?? 0, end));
}
