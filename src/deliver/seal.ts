import type { Mailing } from '../domain/mailing.ts';
import { nextSet, sealArc, sealedNames } from '../mail/arc-seal.ts';
import { bodyHashOf, createDkimSigner, type Signable } from '../mail/dkim-sign.ts';
import { newField } from '../mail/edit-head.ts';
import { type HeaderField, readHead } from '../mail/headers.ts';
import { resultsValue } from '../mail/results-value.ts';
import type { SigningKey } from '../mail/signing-key.ts';
import { fillingOf } from '../mail/template.ts';
import type { Outgoing } from './render.ts';

export interface Seals {
  /** authserv-id of what we found out (RFC 8601). */
  readonly hostname: string;
  /** The keys of the domain that the mail speaks for; empty: it is not signed. */
  readonly dkim: readonly SigningKey[];
  /** Absent: it is not sealed. */
  readonly arc: SigningKey | undefined;
  /** Each copy has fields of its own on top, and is signed with them. */
  readonly personal: boolean;
  /** It names its author: else nothing is told of them. A notice is our own, and an anonymous list speaks for itself. */
  readonly hasAuthor: boolean;
}

export interface Sealed {
  readonly head: Outgoing['head'];
  /** For personal copies that are signed: what `createDkimSigner` makes the signature of each with. */
  readonly toSign: Signable | undefined;
}

/**
 * The last step, after which no byte changes (email.md §5.6): what we found out about the author goes on top, then the ARC set that all
 * copies share, and then our signature: of the whole where all copies are alike, else of each.
 */
export async function sealMailing(
  mailing: Mailing,
  outgoing: Pick<Outgoing, 'head' | 'body'>,
  seals: Seals,
): Promise<Sealed> {
  const bodyHash = seals.dkim.length > 0 || seals.arc ? await bodyHashOf(outgoing.body) : '';
  const head = seals.hasAuthor ? await passOn(mailing, { ...outgoing, bodyHash }, seals) : outgoing.head;
  if (seals.dkim.length === 0) return { head, toSign: undefined };
  const { dkim: keys, personal } = seals;
  const toSign: Signable = { head, bodyHash };
  if (personal) return { head, toSign };
  const sign = createDkimSigner(toSign, { keys, at: mailing.createdAt, urgent: true });
  const [signatures = ''] = await sign([fillingOf('')]);
  return { head: putOn(head, readHead(Buffer.from(signatures, 'latin1')).fields), toSign: undefined };
}

/** What a mail that somebody else wrote gets: Authentication-Results, and an ARC set that covers the mail as it is now. */
async function passOn(
  { facts, createdAt }: Mailing,
  mail: Signable,
  seals: Seals,
): Promise<Outgoing['head']> {
  const { hostname, arc: key } = seals;
  const results = resultsValue(hostname, facts.authentication);
  const told = putOn(mail.head, [newField('Authentication-Results', results)]);
  const next = key && nextSet(mail.head, facts.authentication?.arc.result ?? 'none');
  if (!key || !next) return told;
  const signed = sealedNames(mail.head);
  return putOn(told, await sealArc(mail, { ...next, key, results, signed, at: createdAt }));
}

function putOn(head: Outgoing['head'], fields: readonly HeaderField[]): Outgoing['head'] {
  return { fields: [...fields, ...head.fields] };
}
