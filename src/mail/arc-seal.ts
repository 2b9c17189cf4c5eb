import { mostSets, readArcChain } from './arc-chain.ts';
import { linesOf, namesIn, type Signable, signedNames } from './dkim-sign.ts';
import { newField } from './edit-head.ts';
import { type HeaderField, type MailHead, readHead } from './headers.ts';
import { signNow } from './sign-data.ts';
import { frameSignature, signedField, type Tag } from './sign-field.ts';
import { signedFields } from './signed-text.ts';
import type { SigningKey } from './signing-key.ts';

/** Which set comes next, and what it says of those before. */
export interface NextSet {
  readonly instance: number;
  readonly cv: 'none' | 'pass' | 'fail';
}

export interface Sealing extends NextSet {
  readonly key: SigningKey;
  /** The value of the Authentication-Results that this hop found: `lists.example.org; dmarc=pass header.from=example.org`. */
  readonly results: string;
  /** What the ARC-Message-Signature names, in this order, h= as it stands. */
  readonly signed: readonly string[];
  /** What t= says, epoch milliseconds. */
  readonly at: number;
}

/**
 * `found`: what the validation said when the mail came. Undefined where nothing may be added: the chain was broken before (RFC 8617 §5.1),
 * has as many sets as there may be, or is there and nobody looked at it.
 */
export function nextSet(head: Pick<MailHead, 'fields'>, found: NextSet['cv']): NextSet | undefined {
  const chain = readArcChain(head);
  if (chain.kind === 'none') return { instance: 1, cv: 'none' };
  if (found === 'none') return undefined;
  if (chain.kind === 'broken')
    return chain.next === undefined ? undefined : { instance: chain.next, cv: 'fail' };
  const { length } = chain.sets;
  return length >= mostSets ? undefined : { instance: length + 1, cv: found };
}

/**
 * What our ARC-Message-Signature names of a mail: what our own signature names, and the signatures that its author's copy carries (RFC 8617 §4.1.2);
 * not what each recipient's copy has for itself, so that one set serves all.
 */
export function sealedNames(head: Pick<MailHead, 'fields'>): string[] {
  const wanted = signedNames.filter(({ name }) => !personal.has(name));
  const there = head.fields.map(({ name }) => name);
  return namesIn(there, [...wanted, { name: 'DKIM-Signature', closed: false }]).map((name) =>
    name.toLowerCase(),
  );
}

const personal: ReadonlySet<string> = new Set(['List-Unsubscribe', 'List-Unsubscribe-Post', 'Feedback-ID']);

/** Of the fields of a set, lower case. */
export const arcNames = ['arc-seal', 'arc-message-signature', 'arc-authentication-results'] as const;

/** One more ARC set (RFC 8617 §5.1), to go on top, in this order. Tags stand in alphabetical order, as in the suite that everybody tests with. */
export async function sealArc({ head, bodyHash }: Signable, sealing: Sealing): Promise<HeaderField[]> {
  const { key, instance, cv, results, signed, at } = sealing;
  const a: Tag = ['a', `${key.algorithm}-sha256`];
  const i: Tag = ['i', `${instance}`];
  const from: readonly Tag[] = [i, ['s', key.selector], ['t', `${Math.floor(at / 1000)}`]];
  const told = newField('ARC-Authentication-Results', `i=${instance}; ${results}`);
  const message = await sealedField(
    'ARC-Message-Signature',
    [
      a,
      ['b', ''],
      ['bh', bodyHash],
      ['c', 'relaxed/relaxed'],
      ['d', key.domain],
      ['h', signed.join(':')],
      ...from,
    ],
    { key, covered: linesOf(signedFields(head, signed)) },
  );
  const seal = await sealedField('ARC-Seal', [a, ['b', ''], ['cv', cv], ['d', key.domain], ...from], {
    key,
    covered: linesOf([...(cv === 'fail' ? [] : earlierSets(head)), told, message]),
  });
  return [seal, message, told];
}

/** RFC 8617 §5.1.1: in their order; a chain that failed is not sealed again (§5.1.2). */
function earlierSets(head: Pick<MailHead, 'fields'>): HeaderField[] {
  const chain = readArcChain(head);
  if (chain.kind !== 'chain') return [];
  return chain.sets.flatMap(({ results, message, seal }) => [results, message, seal]);
}

async function sealedField(
  name: string,
  tags: readonly Tag[],
  { key, covered }: { readonly key: SigningKey; readonly covered: string },
): Promise<HeaderField> {
  // In one line: the next seal covers this one, white space included, and the suite's answers are those of unbroken signatures.
  const frame = frameSignature(name, tags);
  const signature = await signNow(covered + frame.canonical, key);
  const raw = signedField(frame, signature, { folded: false });
  return readHead(Buffer.from(raw, 'latin1')).fields[0] as HeaderField;
}
