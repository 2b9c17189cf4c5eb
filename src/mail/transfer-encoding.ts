/** Bytes of a leaf as they were before their Content-Transfer-Encoding (RFC 2045 §6). Never throws: what is no code stays as it is. */
export function decodeTransfer(bytes: Buffer, encoding: string): Buffer {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(bytes.toString('latin1'), 'base64');
    case 'quoted-printable':
      return decodeQuotedPrintable(bytes.toString('latin1'));
    default:
      return bytes;
  }
}

function decodeQuotedPrintable(text: string): Buffer {
  const joined = text.replace(/=[ \t]{0,8}\r?\n/g, '');
  const decoded = joined.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}

/** How many bytes a leaf has when decoded, without decoding it. */
export function decodedLength(bytes: Buffer, encoding: string): number {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return base64Length(bytes);
    case 'quoted-printable':
      return quotedPrintableLength(bytes);
    default:
      return bytes.length;
  }
}

function base64Length(bytes: Buffer): number {
  let digits = bytes.length;
  for (let lf = bytes.indexOf(10); lf !== -1; lf = bytes.indexOf(10, lf + 1))
    digits -= bytes[lf - 1] === 13 ? 2 : 1;
  const end = bytes.toString('latin1', Math.max(0, bytes.length - 8)).replace(/\s/g, '');
  return Math.floor(((digits - (/=*$/.exec(end)?.[0].length ?? 0)) * 3) / 4);
}

/** `=C3` is one byte; `=` at the end of a line, and that end, are none. */
function quotedPrintableLength(bytes: Buffer): number {
  let length = bytes.length;
  for (let at = bytes.indexOf(61); at !== -1; at = bytes.indexOf(61, at + 1)) {
    length -= bytes[at + 1] === 13 && bytes[at + 2] === 10 ? 3 : 2;
  }
  return length;
}
