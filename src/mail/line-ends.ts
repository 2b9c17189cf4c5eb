const CR = 13;
const LF = 10;

/** RFC 5322 §2.1.1: octets in a line, without its line end. */
export const longestLine = 998;

/** What the lines of a mail are like: whether a CR or LF stands alone anywhere, and how many octets the longest line has. */
export interface LineFacts {
  readonly bareEnds: boolean;
  readonly longest: number;
}

/** One pass, nothing copied. With bare ends `longest` counts from LF to LF. */
export function inspectLines(raw: Buffer): LineFacts {
  let bareEnds = false;
  let longest = 0;
  let previous = LF;
  let start = 0;
  // By index: for…of over a Buffer is several times slower, and this runs for each post.
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] ?? 0;
    if ((byte === LF) !== (previous === CR)) bareEnds = true;
    if (byte === LF) {
      const length = i - start - (previous === CR ? 1 : 0);
      if (length > longest) longest = length;
      start = i + 1;
    }
    previous = byte;
  }
  return { bareEnds: bareEnds || previous === CR, longest: Math.max(longest, raw.length - start) };
}

/** With CRLF wherever there was a line end of any kind. */
export function mendLineEnds(raw: Buffer): Buffer {
  const mended = Buffer.allocUnsafe(raw.length * 2);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] ?? 0;
    if (byte === CR || byte === LF) {
      if (byte === CR && raw[i + 1] === LF) i += 1;
      mended[length++] = CR;
      mended[length++] = LF;
    } else mended[length++] = byte;
  }
  return mended.subarray(0, length);
}

/** Whether a line of this is longer than may be sent; CRLF line ends. */
export function hasLongLine(bytes: Buffer): boolean {
  let start = 0;
  while (bytes.length - start > longestLine) {
    // The end must be within what a line may have: found from behind, so that short lines are not counted one by one.
    const end = bytes.subarray(start, start + longestLine + 2).lastIndexOf('\r\n');
    if (end === -1) return true;
    start += end + 2;
  }
  return false;
}
