import { decodeBytes } from './charset.ts';
import { readParameters } from './content-type.ts';
import { newField, removeFields, renderHead } from './edit-head.ts';
import { unflow } from './flowed.ts';
import { firstValue, type MailHead, readHead } from './headers.ts';
import { splitParts } from './split-parts.ts';
import { textPart } from './text-part.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/**
 * The text of a mail that a moderator edits, and the mail with another one. Every byte that is not of that text stays; where that
 * cannot be, nothing is replaced.
 */

/** A mail's text as a person edits it, LF line ends; or why it cannot be edited, a clause. */
export type EditableText =
  | { readonly kind: 'editable'; readonly text: string }
  | { readonly kind: 'not-editable'; readonly why: string };

export function editableText(raw: Buffer): EditableText {
  const place = findText(raw);
  if (typeof place === 'string') return { kind: 'not-editable', why: place };
  const { leaf } = place;
  const { parameters } = readParameters(firstValue(leaf.head, 'content-type'));
  const bytes = decodeTransfer(leaf.body, firstValue(leaf.head, 'content-transfer-encoding'));
  const text = decodeBytes(bytes, parameters.get('charset') ?? '').replace(/\r\n?/g, '\n');
  const flowed = parameters.get('format')?.toLowerCase() === 'flowed';
  return {
    kind: 'editable',
    text: flowed ? unflow(text, parameters.get('delsp')?.toLowerCase() === 'yes') : text,
  };
}

/** The same mail with that text; undefined where it has none that can be replaced. */
export function replaceText(raw: Buffer, text: string): Buffer | undefined {
  const place = findText(raw);
  if (typeof place === 'string') return undefined;
  const { fields, content } = textPart(text);
  const added = fields.map(([name, value]) => newField(name, value));
  const { start, end } = place;
  if (start === 0) {
    const head = removeFields(
      place.head,
      ({ name }) => name.startsWith('content-') || name === 'mime-version',
    );
    const version = newField('MIME-Version', '1.0');
    return Buffer.concat([renderHead({ fields: [...head.fields, version, ...added] }), crlf, content]);
  }
  // The line end before the delimiter is the delimiter's (RFC 2046 §5.1.1), so the part must not bring its own.
  const body = content.subarray(0, content.length - crlf.length);
  const edited = Buffer.concat([
    raw.subarray(0, start),
    renderHead({ fields: added }),
    crlf,
    body,
    raw.subarray(end),
  ]);
  // A line of the text may be the delimiter itself.
  return partsOf(openEntity(edited)).length === partsOf(openEntity(raw)).length ? edited : undefined;
}

const crlf = Buffer.from('\r\n');
const mostParts = 100;

interface Entity {
  readonly head: MailHead;
  readonly body: Buffer;
}

/** What is replaced, from `start` to `end` of the message, 0 for all of it; its head; and the leaf whose text it shows. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly head: MailHead;
  readonly leaf: Entity;
}

function findText(raw: Buffer): Place | string {
  const whole = openEntity(raw);
  const type = typeOf(whole);
  if (type !== 'multipart/mixed') {
    const leaf = shownLeaf(whole);
    return leaf ? { start: 0, end: raw.length, head: whole.head, leaf } : refusalFor(type);
  }
  const parts = partsOf(whole);
  const [first, ...others] = parts.map(openEntity);
  const leaf = first && shownLeaf(first);
  const [bytes] = parts;
  if (!first || !leaf || !bytes) return 'its first part is no plain text';
  // A second text would stay as it was, and be read.
  if (others.some(isShownText)) return 'it has more than one text';
  const start = bytes.byteOffset - raw.byteOffset;
  return { start, end: start + bytes.length, head: first.head, leaf };
}

/** The plain text of a part that shows one text, whatever other forms of it there are. */
function shownLeaf(part: Entity): Entity | undefined {
  const type = typeOf(part);
  if (type === 'text/plain') return isAttached(part) || !isDecodable(part) ? undefined : part;
  if (type !== 'multipart/alternative') return undefined;
  return partsOf(part)
    .map(openEntity)
    .find((inner) => typeOf(inner) === 'text/plain' && isDecodable(inner));
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

function isShownText(part: Entity): boolean {
  return !isAttached(part) && /^(text|multipart)\//.test(typeOf(part));
}

function isAttached({ head }: Entity): boolean {
  return /^\s*attachment/i.test(firstValue(head, 'content-disposition'));
}

function isDecodable({ head }: Entity): boolean {
  return /^\s*(|7bit|8bit|binary|base64|quoted-printable)\s*$/i.test(
    firstValue(head, 'content-transfer-encoding'),
  );
}

/** RFC 2045 §5.2: without a type it is plain text. */
function typeOf({ head }: Entity): string {
  return readParameters(firstValue(head, 'content-type')).type || 'text/plain';
}

function partsOf({ head, body }: Entity): Buffer[] {
  const boundary = readParameters(firstValue(head, 'content-type')).parameters.get('boundary') ?? '';
  return boundary === '' ? [] : splitParts(body, boundary, mostParts);
}

function openEntity(bytes: Buffer): Entity {
  const head = readHead(bytes);
  return { head, body: bytes.subarray(head.bodyStart) };
}
