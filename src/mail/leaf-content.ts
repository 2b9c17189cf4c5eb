import { firstValue } from './headers.ts';
import type { MimePart } from './mime-tree.ts';
import { encodeQuotedPrintable } from './quoted-printable.ts';
import { decodeTransfer, readCode, softBreakLength } from './transfer-encoding.ts';

/** How a leaf's bytes travel: `7bit` and `8bit` are the bytes themselves. */
export type Transfer = '7bit' | '8bit' | 'quoted-printable' | 'base64';

export interface LeafContent {
  readonly bytes: Buffer;
  readonly transfer: Transfer;
}

/** A leaf decoded; undefined where its transfer encoding is unknown, or its code damaged so that it could not be written again. */
export function readContent({ head, body }: MimePart): LeafContent | undefined {
  const transfer = transferOf(firstValue(head, 'content-transfer-encoding'));
  if (transfer === undefined) return undefined;
  const bytes = decodeTransfer(body, transfer);
  return transfer === 'base64' && !isWhole(body, bytes) ? undefined : { bytes, transfer };
}

/** '' and `7bit` are the same (RFC 2045 §6.1); `binary` never arrives, since nobody was offered BINARYMIME. */
function transferOf(encoding: string): Transfer | undefined {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === '7bit') return '7bit';
  if (name === '8bit' || name === 'binary') return '8bit';
  return name === 'quoted-printable' || name === 'base64' ? name : undefined;
}

export function encodeTransfer(bytes: Buffer, transfer: Transfer): Buffer {
  switch (transfer) {
    case 'quoted-printable':
      return encodeQuotedPrintable(bytes);
    case 'base64':
      return encodeBase64(bytes);
    default:
      return bytes;
  }
}

/**
 * A leaf's body with something put into its content at `at`, an offset of the decoded bytes. In quoted-printable what is around it stays
 * as it was written.
 */
export function insertInto(
  body: Buffer,
  { bytes, transfer }: LeafContent,
  { at, added }: { readonly at: number; readonly added: Buffer },
): Buffer {
  const whole = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
  if (transfer !== 'quoted-printable') return encodeLike(body, whole, transfer);
  const place = encodedOffset(body, at);
  const before = body[place - 1] ?? LF;
  const breaks = added[0] === CR || (added[0] === LF && hasBareEnds(body));
  const joins = before === LF || (breaks && before > 32);
  const gentle = Buffer.concat([
    body.subarray(0, place),
    Buffer.from(joins ? '' : '=\r\n'),
    encodeLike(body, added, transfer),
    body.subarray(place),
  ]);
  // Not where the code around it is odd, or a line went on behind what was added.
  return decodeTransfer(gentle, transfer).equals(whole) ? gentle : encodeLike(body, whole, transfer);
}

/**
 * New bytes for a leaf that was `body`, in that encoding. Base64, whose line ends are not of the content, gets one at its end where it had
 * one. In quoted-printable an LF is a line end where those of the body are: else it would be written `=0A`.
 */
export function encodeLike(body: Buffer, bytes: Buffer, transfer: Transfer): Buffer {
  const encoded = encodeTransfer(bytes, transfer);
  if (transfer === 'base64' && body.at(-1) === LF) return Buffer.concat([encoded, Buffer.from('\r\n')]);
  if (transfer !== 'quoted-printable' || !hasBareEnds(body)) return encoded;
  const lines = bytes.toString('latin1').replace(/\r?\n/g, '\r\n');
  const code = encodeQuotedPrintable(Buffer.from(lines, 'latin1')).toString('latin1');
  return Buffer.from(code.replaceAll('\r\n', '\n'), 'latin1');
}

function hasBareEnds(body: Buffer): boolean {
  const lf = body.indexOf(LF);
  return lf !== -1 && body[lf - 1] !== CR;
}

const CR = 13;
const LF = 10;

/** RFC 2045 §6.8: lines of 76, each with its line end, but the last, whose line end belongs to what follows. */
function encodeBase64(bytes: Buffer): Buffer {
  const code = bytes.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');
  return Buffer.from(code, 'latin1');
}

/** Nothing in the code but the code: what stands after its end, or is none, would be lost in writing it again. */
function isWhole(body: Buffer, bytes: Buffer): boolean {
  const written = withoutWhiteSpace(body).toString('latin1');
  return written.replace(/=+$/, '') === bytes.toString('base64').replace(/=+$/, '');
}

/** By octets: a pattern takes ten times as long where a stranger writes lines of one letter. */
function withoutWhiteSpace(body: Buffer): Buffer {
  const code = Buffer.allocUnsafe(body.length);
  let length = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] ?? 0;
    if (byte !== CR && byte !== LF && byte !== 9 && byte !== 32) code[length++] = byte;
  }
  return code.subarray(0, length);
}

/** Where in quoted-printable the decoded byte `at` is written. */
function encodedOffset(body: Buffer, at: number): number {
  let place = 0;
  for (let decoded = 0; decoded < at && place < body.length; ) {
    const isSign = body[place] === 61;
    const soft = isSign ? softBreakLength(body, place) : 0;
    if (soft === 0) decoded += 1;
    place += soft || (isSign && readCode(body, place) !== -1 ? 3 : 1);
  }
  return place;
}
