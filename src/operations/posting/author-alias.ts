import type { AskedPolicy } from '../../domain/authentication.ts';
import type { Author } from '../../domain/incoming.ts';
import { type List, listAddress } from '../../domain/list.ts';
import { mayRewriteFrom } from '../../rewrite/decide-from.ts';
import { aliasOf, knownAliasOf } from '../../store/author-aliases.ts';
import { findMembership } from '../../store/memberships.ts';
import type { Context } from '../operation.ts';

export interface AliasWish {
  readonly list: List;
  readonly author: Author | undefined;
  /** They are who the From says. */
  readonly proved: boolean;
  /** What the owner of their domain asks for. */
  readonly policy: AskedPolicy;
  /** Why the From is rewritten whatever else is so. */
  readonly forced?: string | undefined;
  /** A mail to people of the list, not to the list. */
  readonly isForward?: boolean;
}

/**
 * The alias that a mail may need when it goes out (email.md §5.4), made where its author has none yet – but for a stranger who only writes to
 * people of the list: a row stays for ever, and whoever has a domain has any number of names under it. Undefined for the many whose domain
 * asks for nothing: that costs no question to the database.
 */
export async function aliasFor({ tx, now, site }: Context, wish: AliasWish): Promise<number | undefined> {
  const { list, author, proved, policy, forced, isForward = false } = wish;
  const { dmarc, dmarc_from } = list.settings;
  if (!author || (dmarc_from === 'list' && !isForward)) return undefined;
  const mayNeedOne = mayRewriteFrom({
    author,
    proved,
    policy,
    forced,
    mode: isForward && dmarc !== 'never' ? 'auto' : dmarc,
    listAddress: listAddress(list),
    ownDomains: site.domains,
    strictDomains: site.strictDomains,
  });
  if (!mayNeedOne) return undefined;
  const named = { listId: list.id, email: author.email };
  const isStranger = isForward && !(await findMembership(tx, list.id, author.email));
  return isStranger ? knownAliasOf(tx, named) : aliasOf(tx, { ...named, now });
}
