import type { HeaderField, MailHead } from './headers.ts';
import type { Canonical, SignatureField } from './signature-fields.ts';

/** What a signature is made over (RFC 6376 §3.7): the fields that it names, then itself without its b=, which has no line end. Latin1. */
export function signedText(
  { field, signed, canonical }: SignatureField,
  head: Pick<MailHead, 'fields'>,
): string {
  return signedFields(head, signed)
    .map((named) => `${canonicalLine(named, canonical.head)}\r\n`)
    .concat(unsignedLine(field, canonical.head))
    .join('');
}

/** A signature itself as it is signed, without the value of its b= and without the line end (RFC 6376 §3.7). */
export function unsignedLine(field: HeaderField, canonical: Canonical): string {
  return canonicalLine(withoutSignature(field), canonical);
}

/**
 * The fields that `names` (lower case, h=) stands for, in its order: of each name from the bottom of the header block up. A name that
 * is there more often than such fields are signs that there are no more (RFC 6376 §5.4.2).
 */
export function signedFields(head: Pick<MailHead, 'fields'>, names: readonly string[]): HeaderField[] {
  const left = new Map<string, HeaderField[]>(names.map((name) => [name, []]));
  for (const field of head.fields) left.get(field.name)?.push(field);
  return names.flatMap((name) => left.get(name)?.pop() ?? []);
}

/** RFC 6376 §3.4.1 and §3.4.2, without the line end. */
export function canonicalLine({ name, raw, value }: HeaderField, canonical: Canonical): string {
  return canonical === 'simple' ? raw.replace(/\r?\n$/, '') : `${name}:${value.replace(/[ \t]+/g, ' ')}`;
}

function withoutSignature(field: HeaderField): HeaderField {
  const empty = (text: string) => text.replace(/((?:^|[;:])[ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1');
  return { ...field, raw: empty(field.raw), value: empty(field.value).trim() };
}
