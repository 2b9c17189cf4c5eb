import { domainPart } from '../domain/address.ts';
import type { Site } from '../domain/site.ts';
import { readAuthor } from '../mail/author.ts';
import type { MailHead } from '../mail/headers.ts';

type Head = Pick<MailHead, 'fields'>;

/** Whose word the From of an outgoing mail is: whoever wrote the mail chose it, or we did. */
export type FromWord = 'author' | 'ours';

/**
 * In whose name a mail may be signed, the best first: that of its From where that is a domain of ours, because it is what DMARC compares
 * (RFC 7489 §3.1.1), else that of the list or the site.
 */
export function signingDomains(home: string, head: Head, site: Pick<Site, 'domains'>): readonly string[] {
  const from = fromDomain(head);
  return from !== undefined && from !== home && site.domains.includes(from) ? [from, home] : [home];
}

export interface MailToSign {
  readonly head: Head;
  readonly fromIs: FromWord;
  /** Its author is who the From says. */
  readonly proved: boolean;
}

/** Those of the keys, by their domains, that may sign a mail of `home`: none where that would lend our name to who has not proved theirs. */
export function signersOf<Key>(
  mail: MailToSign,
  keys: ReadonlyMap<string, readonly Key[]>,
  { home, site }: { readonly home: string; readonly site: Pick<Site, 'domains'> },
): readonly Key[] {
  const domain = signingDomains(home, mail.head, site).find((one) => keys.has(one)) ?? home;
  return lendsItsName(mail, domain) ? [] : (keys.get(domain) ?? []);
}

/**
 * Whether a signature in the name of `domain` could make DMARC pass for a From that nobody has proved. Asked of every mail: what was
 * believed without proof – as a member’s post, by a moderator, by whoever reads mail to the owners – must not become somebody’s of our own
 * organization by the way. So it is with a From that we cannot read: others read it in their own ways.
 */
function lendsItsName({ head, fromIs, proved }: MailToSign, domain: string): boolean {
  if (fromIs === 'ours') return false;
  const from = fromDomain(head);
  return from === undefined || (!proved && mayBeOneOrganization(from, domain));
}

/** Rather too often than not: without the Public Suffix List, two domains that have their last two labels in common. */
function mayBeOneOrganization(one: string, other: string): boolean {
  return lastTwo(one) === lastTwo(other);
}

function lastTwo(domain: string): string {
  return domain.split('.').slice(-2).join('.');
}

/** Undefined where there is no author that can be read. */
function fromDomain(head: Head): string | undefined {
  const { author } = readAuthor(head);
  return author && domainPart(author.email);
}
