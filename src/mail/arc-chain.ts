import type { HeaderField, MailHead } from './headers.ts';
import { readTags } from './tag-list.ts';

/** One hop's word about a mail, sealed (RFC 8617 §4.2). */
export interface ArcSet {
  readonly instance: number;
  /** ARC-Authentication-Results, ARC-Message-Signature, ARC-Seal. */
  readonly results: HeaderField;
  readonly message: HeaderField;
  readonly seal: HeaderField;
}

export type ArcChain =
  | { readonly kind: 'none' }
  /** From the first hop on. */
  | { readonly kind: 'chain'; readonly sets: readonly ArcSet[] }
  /** Fields that make no chain (RFC 8617 §5.2), or one that was found broken before. */
  | { readonly kind: 'broken' };

/** RFC 8617 §4.2.1 */
export const mostSets = 50;

/** The form of the chain alone; whether its signatures hold is for DNS to say. */
export function readArcChain(head: Pick<MailHead, 'fields'>): ArcChain {
  const fields = head.fields.filter(({ name }) => arcNames.has(name));
  if (fields.length === 0) return { kind: 'none' };
  const sets: ArcSet[] = [];
  for (let instance = 1; sets.length * 3 < fields.length; instance++) {
    const own = fields.filter((field) => instanceOf(field) === instance);
    const [results, ...r] = own.filter(({ name }) => name === 'arc-authentication-results');
    const [message, ...m] = own.filter(({ name }) => name === 'arc-message-signature');
    const [seal, ...s] = own.filter(({ name }) => name === 'arc-seal');
    if (!results || !message || !seal || r.length + m.length + s.length > 0) return { kind: 'broken' };
    if (instance > mostSets || readTags(seal.value)?.get('cv') !== (instance === 1 ? 'none' : 'pass'))
      return { kind: 'broken' };
    sets.push({ instance, results, message, seal });
  }
  return { kind: 'chain', sets };
}

/** The highest number on an ARC field, even of a broken chain; 0: there is none. */
export function highestInstance(head: Pick<MailHead, 'fields'>): number {
  const numbers = head.fields.filter(({ name }) => arcNames.has(name)).map(instanceOf);
  return Math.max(0, ...numbers.filter((number) => number !== undefined));
}

/** Whether the last hop found the chain broken: nothing may follow (RFC 8617 §5.1). */
export function endsBroken(head: Pick<MailHead, 'fields'>): boolean {
  const newest = highestInstance(head);
  return head.fields.some(
    (field) =>
      field.name === 'arc-seal' &&
      instanceOf(field) === newest &&
      readTags(field.value)?.get('cv')?.toLowerCase() === 'fail',
  );
}

const arcNames: ReadonlySet<string> = new Set([
  'arc-authentication-results',
  'arc-message-signature',
  'arc-seal',
]);

/** i=, which in ARC-Authentication-Results stands in front (RFC 8617 §4.1.1). */
function instanceOf({ name, value }: HeaderField): number | undefined {
  const said =
    name === 'arc-authentication-results'
      ? /^i[ \t]*=[ \t]*(\d{1,3})[ \t]*;/.exec(value)?.[1]
      : /^(\d{1,3})$/.exec(readTags(value)?.get('i') ?? '')?.[1];
  return said === undefined ? undefined : Number(said);
}
