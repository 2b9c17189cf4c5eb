import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import type { DeliveryMode, Membership, Posting, Role } from '../../domain/membership.ts';
import { type Consent, recordConsents } from '../../store/consents.ts';
import { modeOfReturn } from '../../store/memberships.ts';
import { ensureAddresses } from '../../store/people.ts';
import { enrol, membershipsAmong } from '../../store/roster.ts';
import { suppressedAmong } from '../../store/suppressions.ts';
import type { Context } from '../operation.ts';
import { ownAmong } from '../own-address.ts';

/** Somebody whom the operator or an owner puts on a list. */
export interface Entry {
  readonly email: Address;
  readonly name: string;
  readonly mode?: DeliveryMode;
  readonly role?: Role;
  readonly posting?: Posting;
  /** Epoch milliseconds; without it, now. */
  readonly joinedAt?: number;
}

/** Whom of them one may add, and why not the others. */
export interface Sorted {
  readonly fresh: readonly { readonly entry: Entry; readonly former?: Membership }[];
  /** On the list already. */
  readonly already: readonly Address[];
  /** They, or their server, asked us not to: only they themselves can come back (email.md §3.5). */
  readonly suppressed: readonly { readonly email: Address; readonly reason: string }[];
  /** Addresses of this server. */
  readonly own: readonly Address[];
}

export interface Enrolled extends Omit<Sorted, 'fresh'> {
  readonly added: readonly Address[];
}

/** Makes members at once, without asking them: so only with a record of who says that they agreed. */
export async function enrolMembers(
  context: Context,
  list: Pick<List, 'id' | 'settings'>,
  { entries, ...consent }: { readonly entries: readonly Entry[] } & Pick<Consent, 'how' | 'wording'>,
): Promise<Enrolled> {
  const { tx, now } = context;
  const { fresh, ...others } = await sortEntries(context, list, entries);
  const addresses = await ensureAddresses(
    tx,
    fresh.map(({ entry }) => entry),
    { now, confirmed: false },
  );
  const rows = fresh.map(({ entry, former }) => ({
    addressId: addresses.get(entry.email) ?? 0,
    name: entry.name || (former?.name ?? ''),
    role: entry.role ?? ('member' as const),
    mode: entry.mode ?? modeOfReturn(former),
    ownCopy: list.settings.own_copy,
    posting: entry.posting ?? former?.posting ?? ('default' as const),
    trustedAt: now,
    // A post goes to those who had joined when it was accepted: a day in the future would leave them out.
    joinedAt: Math.min(entry.joinedAt ?? now, now),
  }));
  await recordConsents(tx, await enrol(tx, list.id, rows), { ...consent, at: now });
  return { added: fresh.map(({ entry }) => entry.email), ...others };
}

/** Four statements for each 500 entries, however long the roster is. */
export async function sortEntries(
  context: Pick<Context, 'tx' | 'site'>,
  list: Pick<List, 'id'>,
  entries: readonly Entry[],
): Promise<Sorted> {
  const distinct = [...new Map(entries.map((entry) => [entry.email, entry])).values()];
  const emails = distinct.map(({ email }) => email);
  const own = await ownAmong(context, emails);
  const known = await membershipsAmong(context.tx, list.id, emails);
  const reasons = await suppressedAmong(context.tx, list.id, emails);
  const isPresent = (email: Address) => known.get(email)?.left === false;
  const free = distinct.filter(({ email }) => !own.has(email) && !isPresent(email));
  return {
    fresh: free
      .filter(({ email }) => !reasons.has(email))
      .map((entry) => ({ entry, former: known.get(entry.email)?.membership })),
    already: emails.filter(isPresent),
    suppressed: free.flatMap(({ email }) => {
      const reason = reasons.get(email);
      return reason === undefined ? [] : [{ email, reason }];
    }),
    own: emails.filter((email) => own.has(email)),
  };
}
