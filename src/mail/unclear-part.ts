import type { HeaderField, MailHead } from './headers.ts';
import type { MimePart } from './mime-tree.ts';

/** Not the disposition: all names in it count, whichever of several fields they stand in (filename.ts). */
const mimeFields: ReadonlySet<string> = new Set(['content-type', 'content-transfer-encoding']);

/** Whether a head says two different things about what follows it: mail programs differ in which they believe, and a hostile mail has one for each. */
export function saysTwice({ fields }: Pick<MailHead, 'fields'>): boolean {
  const said = new Map<string, string>();
  return fields.some(({ name, value }) => {
    if (!mimeFields.has(name)) return false;
    const before = said.get(name);
    said.set(name, value);
    return before !== undefined && before !== value;
  });
}

/** Why other programs may find something else in a part than mime-tree.ts does, a clause; undefined where all read the same. */
export function whyUnclear({ head, parameters }: Pick<MimePart, 'head' | 'parameters'>): string | undefined {
  if (saysTwice(head)) return 'a part of it says twice, and not the same, what it is';
  const type = head.fields.find(({ name }) => name === 'content-type');
  return type && /^\s*multipart\//i.test(type.value) && !isBoundaryPlain(type, parameters)
    ? 'where its parts begin is written so that programs differ about it'
    : undefined;
}

/** One boundary, and neither in pieces or with a charset (RFC 2231) nor behind a comment. */
function isBoundaryPlain({ value }: HeaderField, parameters: MimePart['parameters']): boolean {
  const named = [...value.slice(0, 4000).matchAll(/(?:^|[;\s()"])boundary(\*[^=;]{0,10})?\s{0,5}=/gi)];
  const [first, ...more] = named;
  return more.length === 0 && first?.[1] === undefined && (parameters.get('boundary') ?? '') !== '';
}
