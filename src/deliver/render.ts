import type { List } from '../domain/list.ts';
import type { Mailing } from '../domain/mailing.ts';
import type { Site } from '../domain/site.ts';
import { type MailHead, readHead } from '../mail/headers.ts';
import { forwardHead, sharedHead } from '../rewrite/outgoing.ts';

/** What the copies of a mailing share, before anything is signed: on the wire the head, an empty line and the body follow each other. */
export interface Outgoing {
  readonly head: Pick<MailHead, 'fields'>;
  readonly body: Buffer;
}

/** Pure. `shared`: a copy goes to several recipients at once. Throws where the mailing cannot be sent at all, with the reason. */
export function renderMailing(
  mailing: Mailing,
  list: List | undefined,
  raw: Buffer,
  { site, shared }: { readonly site: Site; readonly shared: boolean },
): Outgoing {
  const head = readHead(raw);
  const body = raw.subarray(head.bodyStart);
  if (mailing.kind === 'notice') return { head, body };
  const { trace = '', via = '', hash = '', author = '' } = mailing.facts;
  if (mailing.kind === 'forward') return { head: forwardHead({ head, site, trace, via }), body };
  if (!list) throw new Error('The list was deleted.');
  return { head: sharedHead({ head, list, site, hash, author, trace }, shared), body };
}
