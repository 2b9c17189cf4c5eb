/**
 * The parts of a multipart body, as views: the bytes between the delimiter lines (RFC 2046 §5.1.1) without the line end before each
 * delimiter, which is the delimiter's. What follows a missing last delimiter counts as a part; of more than `most` the others are dropped.
 */
export function splitParts(body: Buffer, boundary: string, most: number): Buffer[] {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Buffer[] = [];
  let start: number | undefined;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + 1)) {
    const after = at + delimiter.length;
    const atLineStart = at === 0 || body[at - 1] === 10;
    if (!atLineStart || !endsDelimiter(body, after)) continue;
    if (start !== undefined) parts.push(body.subarray(start, Math.max(start, endOfLineBefore(body, at))));
    const lineEnd = body.indexOf(10, after);
    const isLast = body[after] === 45 && body[after + 1] === 45;
    if (isLast || lineEnd === -1 || parts.length >= most) return parts;
    start = lineEnd + 1;
  }
  if (start !== undefined) parts.push(body.subarray(start));
  return parts;
}

/** CR, LF, space, tab, or the two dashes of the last delimiter; anything else is a longer boundary that begins alike. */
function endsDelimiter(body: Buffer, after: number): boolean {
  const byte = body[after];
  if (byte === 45) return body[after + 1] === 45;
  return byte === undefined || byte === 13 || byte === 10 || byte === 32 || byte === 9;
}

function endOfLineBefore(body: Buffer, at: number): number {
  if (body[at - 1] !== 10) return at;
  return body[at - 2] === 13 ? at - 2 : at - 1;
}
