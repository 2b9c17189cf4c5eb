/**
 * Bytes as quoted-printable (RFC 2045 §6.7), lines of at most 76. CRLF is a line end; a CR or LF alone, a blank before a line end and
 * the first letter of `From ` at the start of a line are encoded: nothing on the way may touch them.
 */
export function encodeQuotedPrintable(bytes: Buffer): Buffer {
  // The worst is three for each octet, and a soft line end (three more) for each 73 of those.
  const out = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil((bytes.length * 3) / 70) * 3 + 3);
  let length = 0;
  let column = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === CR && bytes[i + 1] === LF) {
      i += 1;
      length = lineEnd(out, length);
      column = 0;
      continue;
    }
    const plain =
      isPlain(byte) && !(isBlank(byte) && endsLine(bytes, i)) && !(column === 0 && isFrom(bytes, i));
    const width = plain ? 1 : 3;
    // A line that goes on needs room for its `=`.
    if (column + width > (endsLine(bytes, i) ? 76 : 75)) {
      out[length++] = equals;
      length = lineEnd(out, length);
      column = 0;
    }
    if (plain) out[length++] = byte;
    else {
      out[length++] = equals;
      out[length++] = digits[byte >> 4] ?? 0;
      out[length++] = digits[byte & 15] ?? 0;
    }
    column += width;
  }
  return out.subarray(0, length);
}

/** Whether base64 needs fewer octets than quoted-printable: it does where every sixth or so must be encoded. */
export function isShorterInBase64(bytes: Buffer): boolean {
  let encoded = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (!isPlain(byte) && byte !== CR && byte !== LF) encoded += 1;
  }
  return encoded * 2 > bytes.length * 0.37;
}

const CR = 13;
const LF = 10;
const equals = 61;
const digits = Buffer.from('0123456789ABCDEF', 'latin1');

function lineEnd(out: Buffer, length: number): number {
  out[length] = CR;
  out[length + 1] = LF;
  return length + 2;
}

function isPlain(byte: number): boolean {
  return (byte >= 32 && byte <= 126 && byte !== equals) || byte === 9;
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9;
}

function endsLine(bytes: Buffer, at: number): boolean {
  return at + 1 === bytes.length || (bytes[at + 1] === CR && bytes[at + 2] === LF);
}

function isFrom(bytes: Buffer, at: number): boolean {
  return bytes[at] === 70 && bytes.toString('latin1', at, at + 5) === 'From ';
}
