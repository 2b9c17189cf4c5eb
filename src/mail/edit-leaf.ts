import { readParameters } from './content-type.ts';
import { newField, renderHead } from './edit-head.ts';
import { findFields, firstValue, type HeaderField } from './headers.ts';
import type { MimePart } from './mime-tree.ts';
import type { Splice } from './splice.ts';

/** A part and the delimiters around it, outermost first; `raw` is the message that `part` is a view of. */
export interface LeafPlace {
  readonly part: MimePart;
  readonly boundaries: readonly string[];
}

/** A leaf's new body, in its transfer encoding, and what its fields say of it; absent: as they are. */
export interface LeafEdit {
  readonly body: Buffer;
  /** Value of Content-Transfer-Encoding. */
  readonly encoding?: string;
  readonly charset?: string;
}

/**
 * What makes of the message one with that leaf edited, every other byte staying as it is: its body, and of its header fields
 * Content-Type and Content-Transfer-Encoding where they change. Or why it cannot be, a clause. For parts that `readMime` found outside of
 * messages inside the message.
 */
export function editLeaf(raw: Buffer, { part, boundaries }: LeafPlace, edit: LeafEdit): Splice[] | string {
  if (
    boundaries.some((boundary) => holdsDelimiter(edit.body, boundary) && !holdsDelimiter(part.body, boundary))
  )
    return 'its text would hold the delimiter between its parts';
  const bodyStart = offsetIn(raw, part.body);
  const body = { start: bodyStart, end: bodyStart + part.body.length, bytes: edit.body };
  const head = editHead(raw, part, edit);
  return typeof head === 'string' ? head : [...head, body];
}

/** Where a view of the message begins in it. */
export function offsetIn(raw: Buffer, view: Buffer): number {
  return view.byteOffset - raw.byteOffset;
}

/** Where a part begins in it, its head included. */
export function startOf(raw: Buffer, { head, body }: MimePart): number {
  return offsetIn(raw, body) - head.bodyStart;
}

/** Why nobody can say for sure what this part is, a clause: fields that say it twice, a head without an end, parts that are not there. */
export function whyUnclear({ head, body, type, children }: MimePart): string | undefined {
  const endless = head.end > 0 && head.bodyStart === head.end && body.length > 0;
  if (endless || leafFields.some((name) => findFields(head, name).length > 1))
    return 'mail programs may read its structure in two ways';
  const written = firstValue(head, 'content-type');
  const isBroken =
    (written !== '' && readParameters(written).type !== type) ||
    (type.startsWith('multipart/') && children.length === 0);
  return isBroken ? 'its structure is broken, or deeper than is looked at' : undefined;
}

const leafFields = ['content-type', 'content-transfer-encoding', 'content-disposition'] as const;
const crlf = '\r\n';

/** A line that begins as the delimiter does; also with more behind it, which some programs take for the delimiter. */
export function holdsDelimiter(body: Buffer, boundary: string): boolean {
  const line = Buffer.from(`\n--${boundary}`, 'latin1');
  return body.includes(line) || body.subarray(0, line.length - 1).equals(line.subarray(1));
}

function editHead(raw: Buffer, part: MimePart, { encoding, charset }: LeafEdit): Splice[] | string {
  const { head } = part;
  const changed: HeaderField[] = [];
  if (charset !== undefined) {
    const field = typeField(part, charset);
    if (typeof field === 'string') return field;
    changed.push(field);
  }
  if (encoding !== undefined) changed.push(newField('Content-Transfer-Encoding', encoding));
  const separated = head.bodyStart > head.end;
  if (changed.length === 0 && (separated || head.end === 0)) return [];
  const start = startOf(raw, part);
  // RFC 2045 §4: the fields mean nothing in a message without this one.
  if (start === 0 && changed.length > 0 && findFields(head, 'mime-version').length === 0) {
    changed.unshift(newField('MIME-Version', '1.0'));
  }
  const fields = [
    ...head.fields.map((field) => changed.find(({ name }) => name === field.name) ?? field),
    ...changed.filter(({ name }) => findFields(head, name).length === 0),
  ];
  const lines = renderHead({ fields });
  const ended = lines.length === 0 || lines.at(-1) === 10;
  const rest = separated ? '' : ended ? crlf : crlf + crlf;
  return [{ start, end: start + head.end, bytes: Buffer.concat([lines, Buffer.from(rest)]) }];
}

/** The Content-Type with another charset, its other parameters as they are. */
function typeField({ head, type }: MimePart, charset: string): HeaderField | string {
  const { parameters } = readParameters(findFields(head, 'content-type')[0]?.value ?? '');
  const words = [...new Map([...parameters, ['charset', charset]])]
    .filter(([name]) => /^[a-z0-9*._-]+$/.test(name))
    .map(([name, value]) => `${name}=${/^[A-Za-z0-9._+-]+$/.test(value) ? value : quote(value)}`);
  const value = [type, ...words].join('; ');
  return /^[\x20-\x7e]{1,900}$/.test(value)
    ? newField('Content-Type', value)
    : 'its Content-Type cannot be written again';
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
