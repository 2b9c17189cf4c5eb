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
  /**
   * Fields that make no chain (RFC 8617 §5.2), or one that was found broken before. `next`: the number of the one set that may still be
   * added, to say so; undefined where none may (§5.1).
   */
  | { readonly kind: 'broken'; readonly next: number | undefined };

/** RFC 8617 §4.2.1 */
export const mostSets = 50;

/** The form of the chain alone; whether its signatures hold is for DNS to say. Each field is read once, and none where they are too many. */
export function readArcChain(head: Pick<MailHead, 'fields'>): ArcChain {
  const fields = head.fields.filter(({ name }) => arcNames.has(name));
  if (fields.length === 0) return { kind: 'none' };
  if (fields.length > mostSets * arcNames.size) return { kind: 'broken', next: undefined };
  const read = fields.map(readField);
  const sets = setsOf(read);
  return sets ? { kind: 'chain', sets } : { kind: 'broken', next: nextOf(read) };
}

const arcNames: ReadonlySet<string> = new Set([
  'arc-authentication-results',
  'arc-message-signature',
  'arc-seal',
]);

interface ArcField {
  readonly field: HeaderField;
  /** 0 where it says none. */
  readonly instance: number;
  /** Of a seal: what it says about the sets before. */
  readonly cv: string | undefined;
}

function readField(field: HeaderField): ArcField {
  const { name, value } = field;
  // RFC 8617 §4.1.1: there it stands in front.
  if (name === 'arc-authentication-results')
    return {
      field,
      instance: Number(/^i[ \t]*=[ \t]*(\d{1,3})[ \t]*;/.exec(value)?.[1] ?? 0),
      cv: undefined,
    };
  const tags = readTags(value);
  return { field, instance: Number(/^\d{1,3}$/.exec(tags?.get('i') ?? '')?.[0] ?? 0), cv: tags?.get('cv') };
}

/** Undefined where they are not one whole set for each number from 1 on, each sealed as good. */
function setsOf(fields: readonly ArcField[]): ArcSet[] | undefined {
  const count = fields.length / arcNames.size;
  const sets: ArcSet[] = [];
  for (let instance = 1; instance <= count; instance++) {
    const own = fields.filter((one) => one.instance === instance);
    const named = (name: string) => own.find(({ field }) => field.name === name);
    const results = named('arc-authentication-results');
    const message = named('arc-message-signature');
    const seal = named('arc-seal');
    if (!results || !message || !seal || own.length > arcNames.size) return undefined;
    if (seal.cv !== (instance === 1 ? 'none' : 'pass')) return undefined;
    sets.push({ instance, results: results.field, message: message.field, seal: seal.field });
  }
  return Number.isInteger(count) ? sets : undefined;
}

/** Behind the highest number on a field, if there is one left, and no seal with that number says that the chain is broken. */
function nextOf(fields: readonly ArcField[]): number | undefined {
  const highest = Math.max(...fields.map(({ instance }) => instance));
  const isEnded = fields.some(({ instance, cv }) => instance === highest && cv?.toLowerCase() === 'fail');
  return isEnded || highest >= mostSets ? undefined : highest + 1;
}
