import { decodeBytes } from './charset.ts';
import { newField, removeFields, renderHead } from './edit-head.ts';
import { holdsDelimiter, offsetIn, startOf, whyUnclear } from './edit-leaf.ts';
import { unflow } from './flowed.ts';
import { readHead } from './headers.ts';
import { type LeafContent, readContent } from './leaf-content.ts';
import { type MimePart, readMime } from './mime-tree.ts';
import { separateText } from './separate-text.ts';
import { splice } from './splice.ts';
import { textPart } from './text-part.ts';

/**
 * The text of a mail that a moderator edits, and the mail with another one. Every byte that is not of that text stays; where that
 * cannot be, nothing is replaced.
 */

/** A mail's text as a person edits it, LF line ends; or why it cannot be edited, a clause. */
export type EditableText =
  | { readonly kind: 'editable'; readonly text: string }
  | { readonly kind: 'not-editable'; readonly why: string };

export function editableText(raw: Buffer): EditableText {
  const place = findText(separateText(raw));
  if (typeof place === 'string') return { kind: 'not-editable', why: place };
  const { parameters, bytes } = place.shown;
  const text = decodeBytes(bytes, parameters.get('charset') ?? '').replace(/\r\n?/g, '\n');
  const flowed = parameters.get('format')?.toLowerCase() === 'flowed';
  return {
    kind: 'editable',
    text: flowed ? unflow(text, parameters.get('delsp')?.toLowerCase() === 'yes') : text,
  };
}

/** The same mail with that text; undefined where it has none that can be replaced. */
export function replaceText(given: Buffer, text: string): Buffer | undefined {
  const raw = separateText(given);
  const place = findText(raw);
  if (typeof place === 'string') return undefined;
  const { part, boundary } = place;
  const { fields, content } = textPart(text);
  const added = fields.map(([name, value]) => newField(name, value));
  if (boundary === undefined) {
    const head = removeFields(
      part.head,
      ({ name }) => name.startsWith('content-') || name === 'mime-version',
    );
    const version = newField('MIME-Version', '1.0');
    return Buffer.concat([renderHead({ fields: [...head.fields, version, ...added] }), crlf, content]);
  }
  // The line end before the delimiter is the delimiter's (RFC 2046 §5.1.1), so the part must not bring its own.
  const body = content.subarray(0, content.length - crlf.length);
  if (holdsDelimiter(body, boundary)) return undefined;
  const bytes = Buffer.concat([renderHead({ fields: added }), crlf, body]);
  return splice(raw, [
    { start: startOf(raw, part), end: offsetIn(raw, part.body) + part.body.length, bytes },
  ]);
}

const crlf = Buffer.from('\r\n');

/** The part that is replaced, and whose delimiters it stands between, absent for the whole mail; and the text that it shows. */
interface Place {
  readonly part: MimePart;
  readonly boundary?: string;
  readonly shown: ShownText;
}

interface ShownText extends LeafContent {
  readonly parameters: MimePart['parameters'];
}

/** In octets, as it travels. Nobody edits more, and to read it would hold up whoever waits for something else. */
const longestText = 256 * 1024;

function findText(raw: Buffer): Place | string {
  const whole = readMime(raw, readHead(raw));
  const isMixed = whole.type === 'multipart/mixed';
  const [first, ...others] = isMixed ? whole.children : [whole];
  const leaf = first && shownLeaf(first);
  if (leaf && leaf.body.length > longestText) return 'its text is too long to be edited';
  const content = leaf && readContent(leaf);
  const shown = content && { ...content, parameters: leaf.parameters };
  if (!isMixed) return shown ? { part: whole, shown } : refusalFor(whole.type);
  if (!first || !shown || whyUnclear(whole)) return 'its first part is no plain text';
  // A second text would stay as it was, and be read.
  if (others.some(isShownText)) return 'it has more than one text';
  return { part: first, boundary: whole.parameters.get('boundary') ?? '', shown };
}

/** The plain text of a part that shows one text, whatever other forms of it there are. */
function shownLeaf(part: MimePart): MimePart | undefined {
  if (whyUnclear(part) || part.disposition === 'attachment') return undefined;
  if (part.type === 'multipart/alternative') {
    const plain = part.children.find(({ type }) => type === 'text/plain');
    return plain && shownLeaf(plain);
  }
  return part.type === 'text/plain' ? part : undefined;
}

function refusalFor(type: string): string {
  switch (type) {
    case 'multipart/signed':
    case 'application/pkcs7-mime':
      return 'it is signed, and would be a forgery';
    case 'multipart/encrypted':
      return 'it is encrypted';
    case 'text/html':
      return 'it is HTML without a plain text';
    default:
      return `it has no plain text of its own (${type.replace(/[^\x21-\x7e]/g, '').slice(0, 60)})`;
  }
}

function isShownText({ disposition, type }: MimePart): boolean {
  return disposition !== 'attachment' && /^(text|multipart)\//.test(type);
}
