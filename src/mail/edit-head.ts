import type { HeaderField, MailHead } from './headers.ts';

/**
 * Edits a header block without touching the bytes of any field that is not edited: signatures over them stay valid. Each function
 * returns a new head; offsets still mean the original message, so a whole mail is
 * `Buffer.concat([renderHead(edited), raw.subarray(head.end)])`.
 */

/** Without the fields of these names (lower case), or those the test takes. */
export function removeFields(
  head: MailHead,
  which: ReadonlySet<string> | ((field: HeaderField) => boolean),
): MailHead {
  const remove = typeof which === 'function' ? which : (field: HeaderField) => which.has(field.name);
  return { ...head, fields: head.fields.filter((field) => !remove(field)) };
}

/** The new field stands where the first of its name stood and the others go; without one it comes on top. */
export function replaceField(head: MailHead, field: HeaderField): MailHead {
  const at = head.fields.findIndex((old) => old.name === field.name);
  if (at === -1) return putOnTop(head, [field]);
  const rest = head.fields.slice(at + 1).filter((old) => old.name !== field.name);
  return { ...head, fields: [...head.fields.slice(0, at), field, ...rest] };
}

export function putOnTop(head: MailHead, fields: readonly HeaderField[]): MailHead {
  return { ...head, fields: [...fields, ...head.fields] };
}

/** The header block's bytes, without the empty line. */
export function renderHead(head: Pick<MailHead, 'fields'>): Buffer {
  return Buffer.from(head.fields.map((field) => field.raw).join(''), 'latin1');
}

/**
 * A field of ours, folded at 76 characters. The value is ASCII (see encode-header.ts) but for the local parts of addresses, which
 * nothing can encode: they are written in UTF-8, and the mail needs a server that takes it (RFC 6532). Throws RangeError on CR, LF, NUL,
 * anything else that a header may not hold, and a word that fits no line (RFC 5322 §2.1.1: 998): nobody injects a field through us.
 */
export function newField(name: string, value: string): HeaderField {
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) throw new RangeError(`no field name: ${JSON.stringify(name)}`);
  if (!isHeaderValue(value)) throw new RangeError(`${name}: not a header value: ${JSON.stringify(value)}`);
  const bytes = toLatin1(value);
  const raw = `${fold(`${name}: ${bytes}`)}\r\n`;
  if (!isSendable(raw)) throw new RangeError(`${name}: a word is too long for a line`);
  return { name: name.toLowerCase(), raw, value: bytes.trim() };
}

function isHeaderValue(value: string): boolean {
  if (/^[\t\x20-\x7e]*$/.test(value)) return true;
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)) return false;
  return /^[\x20-\x7e]*$/.test(value.replace(/[^\s<>(),:;"\\@]+@[A-Za-z0-9.-]+/g, ''));
}

/** The bytes of a text in UTF-8, one character each, as fields hold them. */
function toLatin1(text: string): string {
  return /^[\t\x20-\x7e]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
}

/**
 * Breaks before white space outside `<…>` and quoted strings, inside which mail programs do not unfold reliably; but anywhere
 * rather than in a line over 998 characters (a lone `<` in a long subject).
 */
function fold(line: string): string {
  if (line.length <= 76) return line;
  const gentle = breakAt(line, breakpoints(line, true));
  return isSendable(gentle) ? gentle : breakAt(line, breakpoints(line, false));
}

function isSendable(folded: string): boolean {
  return folded.length <= 998 || folded.split('\r\n').every((line) => line.length <= 998);
}

function breakAt(line: string, breaks: readonly number[]): string {
  let out = '';
  let start = 0;
  for (let i = 0; i < breaks.length; i++) {
    const at = breaks[i] ?? line.length;
    const next = breaks[i + 1] ?? line.length;
    if (next - start <= 76) continue;
    out += `${line.slice(start, at)}\r\n`;
    start = at;
  }
  return out + line.slice(start);
}

/** Offsets of white space where the line may break; never right after the name, which would leave a line of nothing. */
function breakpoints(line: string, gentle: boolean): number[] {
  const found: number[] = [];
  let angle = false;
  let quoted = false;
  for (let i = line.indexOf(':') + 2; i < line.length - 1; i++) {
    const character = line[i];
    if (quoted && character === '\\') i++;
    else if (character === '"' && !angle) quoted = !quoted;
    else if (character === '<' && !quoted) angle = true;
    else if (character === '>') angle = false;
    else if (character === ' ' && line[i - 1] !== ' ' && !(gentle && (angle || quoted))) found.push(i);
  }
  return found;
}
