import { readHead } from './headers.ts';
import { canonicalLine } from './signed-text.ts';

/** Name and value, as `d` and `example.org`; `b` with an empty value is where the signature goes. */
export type Tag = readonly [name: string, value: string];

/** A field that is a signature, laid out but for the signature itself (RFC 6376 §3.5). Made once for many that differ in nothing else. */
export interface SignatureFrame {
  /** All up to `b=`, and what follows its value; the last line end is not in it. */
  readonly before: string;
  readonly after: string;
  /** What it adds to the text that is signed: relaxed, without the value of b= and without a line end (RFC 6376 §3.7). */
  readonly canonical: string;
}

/**
 * Lays out the tags in their order. Lines break at the spaces between tags, and where h= is too long for one also behind its colons,
 * where white space may stand.
 */
export function frameSignature(name: string, tags: readonly Tag[]): SignatureFrame {
  const [before = '', after = ''] = foldTags(`${name}:`, tags).split(mark);
  const [field] = readHead(Buffer.from(`${before}${after}\r\n`, 'latin1')).fields;
  if (!field) throw new Error(`${name} is no field`);
  return { before, after, canonical: canonicalLine(field, 'relaxed') };
}

/** The whole field, CRLF at the end of each line; `folded`: the signature in lines of 72 characters, else in one, of 344 with RSA. */
export function signedField(
  { before, after }: SignatureFrame,
  signature: Buffer,
  { folded }: { readonly folded: boolean },
): string {
  const base64 = signature.toString('base64');
  return `${before}${folded ? inLines(base64) : base64}${after}\r\n`;
}

/** By hand: for each copy, and a pattern takes ten times as long. */
function inLines(base64: string): string {
  let lines = base64.slice(0, 72);
  for (let at = 72; at < base64.length; at += 72) lines += `\r\n ${base64.slice(at, at + 72)}`;
  return lines;
}

/** Where the signature goes. No tag of ours holds it. */
const mark = '\0';
const width = 76;

function foldTags(start: string, tags: readonly Tag[]): string {
  let out = start;
  let line = start.length;
  const add = (piece: string, space: string) => {
    const fits = line + space.length + piece.length <= width;
    out += fits ? space + piece : `\r\n ${piece}`;
    line = fits ? line + space.length + piece.length : 1 + piece.length;
  };
  for (const [i, [name, value]] of tags.entries()) {
    const end = i < tags.length - 1 ? ';' : '';
    if (name === 'b') {
      out += `\r\n b=${mark}${end}`;
      line = width; // its last line is as good as full
    } else {
      const [first = '', ...more] = piecesOf(`${name}=${value}${end}`);
      add(first, ' ');
      for (const piece of more) add(piece, '');
    }
  }
  return out;
}

function piecesOf(tag: string): string[] {
  return tag.length < width ? [tag] : tag.split(/(?<=:)/);
}
