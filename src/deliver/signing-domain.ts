import type { Mailing } from '../domain/mailing.ts';
import type { Site } from '../domain/site.ts';
import { readAuthor } from '../mail/author.ts';
import { findField, type MailHead } from '../mail/headers.ts';

type Head = Pick<MailHead, 'fields'>;

/**
 * In whose name a mail may be signed, the best first: that of its From where that is a domain of ours, because it is what DMARC compares
 * (RFC 7489 §3.1.1), else that of the list or the site.
 */
export function signingDomains(home: string, head: Head, site: Site): readonly string[] {
  const from = fromDomain(head);
  return from !== home && site.domains.includes(from) ? [from, home] : [home];
}

/**
 * Whether a signature in the name of `domain` would make DMARC pass for a From that nobody has proved. A post has been judged for that
 * before; mail for owners and operators is passed on from anybody, and must not become somebody's of our own organization by the way.
 */
export function lendsItsName(
  { facts }: Mailing,
  domain: string,
  { received, head }: { readonly received: Head; readonly head: Head },
): boolean {
  const from = fromDomain(head);
  // One that was rewritten says what we say.
  const isAuthors = findField(head, 'from')?.value === findField(received, 'from')?.value;
  if (!isAuthors || !mayBeOneOrganization(from, domain)) return false;
  const { dmarc } = facts.authentication ?? {};
  return !(dmarc?.domain === from && (dmarc.aligned.dkim || dmarc.aligned.spf));
}

/** Rather too often than not: without the Public Suffix List, two domains that have their last two labels in common. */
function mayBeOneOrganization(one: string, other: string): boolean {
  return lastTwo(one) === lastTwo(other);
}

function lastTwo(domain: string): string {
  return domain.split('.').slice(-2).join('.');
}

/** '' where there is no author that can be read. */
function fromDomain(head: Head): string {
  const email = readAuthor(head).author?.email ?? '';
  return email.slice(email.lastIndexOf('@') + 1);
}
