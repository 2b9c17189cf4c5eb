import type { Address } from '../domain/address.ts';
import { chunks } from './chunks.ts';
import type { Db } from './store.ts';

export interface KnownAddress {
  readonly email: Address;
  /** Of the person, when we have to make one. */
  readonly name: string;
}

/**
 * The ids of some distinct addresses; those we do not know yet get a row, and a person each. `confirmed`: their owners have
 * just proved to read them.
 */
export async function ensureAddresses(
  tx: Db,
  wanted: readonly KnownAddress[],
  when: { readonly now: number; readonly confirmed: boolean },
): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>();
  for (const some of chunks(wanted)) {
    const emails = some.map(({ email }) => email);
    const known = await tx
      .selectFrom('addresses')
      .select(['id', 'email'])
      .where('email', 'in', emails)
      .execute();
    for (const { id, email } of known) ids.set(email, id);
    const fresh = some.filter(({ email }) => !ids.has(email));
    if (fresh.length > 0) {
      for (const { id, email } of await insertAddresses(tx, fresh, when)) ids.set(email, id);
    }
    if (when.confirmed) await confirmAddresses(tx, emails, when.now);
  }
  return ids;
}

async function insertAddresses(
  tx: Db,
  fresh: readonly KnownAddress[],
  { now }: { readonly now: number },
): Promise<{ id: number; email: string }[]> {
  const people = await tx
    .insertInto('people')
    .values(fresh.map(({ name }) => ({ name, created_at: now })))
    .returning(['id', 'name'])
    .execute();
  // RETURNING promises no order: any person of the right name will do, they are all new.
  const byName = new Map<string, number[]>();
  for (const { id, name } of people) byName.set(name, [...(byName.get(name) ?? []), id]);
  const rows = fresh.map(({ email, name }) => {
    const person = byName.get(name)?.pop();
    if (person === undefined) throw new Error(`no new person is called ${name}`);
    return { person_id: person, email, confirmed_at: null, created_at: now };
  });
  return tx.insertInto('addresses').values(rows).returning(['id', 'email']).execute();
}

async function confirmAddresses(tx: Db, emails: readonly string[], at: number): Promise<void> {
  await tx
    .updateTable('addresses')
    .set({ confirmed_at: at })
    .where('email', 'in', emails)
    .where('confirmed_at', 'is', null)
    .execute();
}
