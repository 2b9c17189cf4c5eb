import { hasRole, type Standing } from '../domain/membership.ts';
import { selectMemberships, toMembership } from './membership-row.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/**
 * What an address is to a list: a member itself, or one of the other addresses of its person, where both are confirmed, so that
 * people may post from any of theirs. Undefined for a stranger. One statement: it runs for each post.
 */
export async function standingOf(db: Db, listId: number, email: string): Promise<Standing | undefined> {
  const members = (await ofPerson.all(db, { listId, email })).map(toMembership);
  const [first] = members;
  if (!first) return undefined;
  const strongest = members.reduce(
    (best, member) => (hasRole(member.role, best.role) ? member : best),
    first,
  );
  return { membership: members.find((member) => member.email === email) ?? strongest, role: strongest.role };
}

const ofPerson = statement((db: Db, given: Given<{ listId: number; email: string }>) =>
  selectMemberships(db)
    .innerJoin('addresses as asked', 'asked.person_id', 'addresses.person_id')
    .where('asked.email', '=', given.email)
    .where('memberships.list_id', '=', given.listId)
    .where('memberships.left_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('addresses.id', '=', eb.ref('asked.id')),
        eb.and([eb('addresses.confirmed_at', 'is not', null), eb('asked.confirmed_at', 'is not', null)]),
      ]),
    ),
);
