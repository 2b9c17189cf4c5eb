import { pieceBytes } from './piece-bytes.ts';
import type { Canonical } from './signature-fields.ts';

const [tab, lf, cr, space] = [9, 10, 13, 32];

/**
 * A mail's body as DKIM hashes it (RFC 6376 §3.4.3, §3.4.4). Our own, one pass whatever stands there: mailauth's takes 20 s for 25 MiB of
 * lines of white space, which anybody may send. Line ends are CRLF; the door takes no others.
 */
export function canonicalBody(body: Buffer, canonical: Canonical): Buffer {
  return canonical === 'simple' ? simpleBody(body) : relaxedBody(body);
}

/** Exactly one line end at the end, of an empty body too. */
function simpleBody(body: Buffer): Buffer {
  let end = body.length;
  while (end >= 2 && body[end - 1] === lf && body[end - 2] === cr) end -= 2;
  return end + 2 <= body.length
    ? body.subarray(0, end + 2)
    : Buffer.concat([body.subarray(0, end), Buffer.from('\r\n')]);
}

function relaxedBody(body: Buffer): Buffer {
  const [first, ...rest] = relaxedPieces(body);
  return rest.length === 0 ? (first ?? Buffer.alloc(0)) : Buffer.concat([first as Buffer, ...rest]);
}

/**
 * The relaxed form in pieces of a MiB at most, each made when it is asked for, for those who have other things to do meanwhile. White space
 * becomes one space, and none at the end of a line; no empty lines at the end. An empty body stays empty.
 */
export function* relaxedPieces(body: Buffer): Generator<Buffer> {
  const end = contentEnd(body);
  if (end === 0) return;
  const content = body.subarray(0, end);
  for (let from = 0; from < end; from += pieceBytes) yield squeeze(content, from, from + pieceBytes);
}

/** Behind the last line that is not empty, without its line end; white space alone is none. */
function contentEnd(body: Buffer): number {
  let end = body.length;
  for (;;) {
    const byte = body[end - 1];
    if (byte === space || byte === tab) end -= 1;
    else if (byte === lf && body[end - 2] === cr) end -= 2;
    else return end;
  }
}

/** A piece of what ends in neither white space nor a line end. What it depends on is what stands beside it, not the pieces before. */
function squeeze(content: Buffer, from: number, to: number): Buffer {
  const last = Math.min(to, content.length);
  const out = Buffer.allocUnsafe(last - from + 3);
  let length = 0;
  let spaced = content[from - 1] === space || content[from - 1] === tab;
  const straddles = content[from] === lf && content[from - 1] === cr;
  for (let at = straddles ? from + 1 : from; at < last; at++) {
    const byte = content[at] ?? 0;
    if (byte === space || byte === tab) {
      spaced = true;
    } else if (byte === cr && content[at + 1] === lf) {
      out[length++] = cr;
      out[length++] = lf;
      spaced = false;
      at += 1;
    } else {
      if (spaced) out[length++] = space;
      spaced = false;
      out[length++] = byte;
    }
  }
  if (last === content.length) {
    out[length++] = cr;
    out[length++] = lf;
  }
  return out.subarray(0, length);
}
