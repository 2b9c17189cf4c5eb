import { hasRole, type Standing } from '../domain/membership.ts';
import { membershipColumns, toMembership } from './membership-row.ts';
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

/** Whether `standingOf` knows any of these addresses, at most a few hundred. */
export async function isAnyMember(db: Db, listId: number, emails: readonly string[]): Promise<boolean> {
  const found = await membershipsOfPerson(db)
    .select('memberships.id')
    .where('asked.email', 'in', emails)
    .where('memberships.list_id', '=', listId)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

const ofPerson = statement((db: Db, given: Given<{ listId: number; email: string }>) =>
  membershipsOfPerson(db)
    .select(membershipColumns)
    .where('asked.email', '=', given.email)
    .where('memberships.list_id', '=', given.listId),
);

// CROSS JOIN because SQLite keeps its order: left to itself it walks the whole roster (18 ms at 30,000 members, instead of 20 µs).
function membershipsOfPerson(db: Db) {
  return db
    .selectFrom('addresses as asked')
    .crossJoin('addresses')
    .crossJoin('memberships')
    .where('addresses.person_id', '=', (eb) => eb.ref('asked.person_id'))
    .where('memberships.address_id', '=', (eb) => eb.ref('addresses.id'))
    .where('memberships.left_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('addresses.id', '=', eb.ref('asked.id')),
        eb.and([eb('addresses.confirmed_at', 'is not', null), eb('asked.confirmed_at', 'is not', null)]),
      ]),
    );
}
