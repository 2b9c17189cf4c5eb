import type { Address } from '../domain/address.ts';
import { hasRole, type Role } from '../domain/membership.ts';
import { moveAliases } from './author-aliases.ts';
import { closeWaysBackOf } from './memberships.ts';
import { ensureAddresses } from './people.ts';
import { moveSenderRules } from './sender-rules.ts';
import type { Db } from './store.ts';

/**
 * Moves every membership of one address to another, and what was decided about it; that becomes its person's instead: of the old one nobody knows who reads it next, and what
 * a person may do they may from any of their addresses. Where the new one is a member already, the old
 * membership ends instead and leaves it its role, or a list would lose its owner; a membership it once had and left makes room.
 */
export async function moveAddress(tx: Db, move: { from: Address; to: Address; now: number }): Promise<void> {
  const { from, to, now } = move;
  const old = await tx
    .selectFrom('addresses')
    .select(['id', 'person_id'])
    .where('email', '=', from)
    .executeTakeFirst();
  if (!old) return;
  const fresh = (await ensureAddresses(tx, [{ email: to, name: '' }], { now, confirmed: true })).get(to);
  if (fresh === undefined) throw new Error(`no row was made for ${to}`);
  await tx.updateTable('addresses').set({ person_id: old.person_id }).where('id', '=', fresh).execute();
  await giveUp(tx, old.id, now);
  await moveAliases(tx, { from, to, now });
  await moveSenderRules(tx, { from, to });
  await passRolesOn(tx, old.id, fresh);
  await tx
    .updateTable('memberships')
    .set({ left_at: now })
    .where('address_id', '=', old.id)
    .where('left_at', 'is', null)
    .where('list_id', 'in', (e) =>
      e
        .selectFrom('memberships')
        .select('list_id')
        .where('address_id', '=', fresh)
        .where('left_at', 'is', null),
    )
    .execute();
  await makeRoom(tx, old.id, fresh);
  await tx
    .updateTable('memberships')
    // The old address may have been believed without proof, and its mail may fail; of the new one nobody has said so.
    .set({ address_id: fresh, believed_at: null, suspended_at: null })
    .where('address_id', '=', old.id)
    .where('left_at', 'is', null)
    .execute();
  await closeWaysBackOf(tx, old.id, now);
}

/** From now on it is somebody's who has proved nothing. */
async function giveUp(tx: Db, address: number, now: number): Promise<void> {
  const { id } = await tx
    .insertInto('people')
    .values({ name: '', created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('addresses')
    .set({ person_id: id, confirmed_at: null })
    .where('id', '=', address)
    .execute();
}

/** A person has a few memberships at most, of which hardly any has a role. */
async function passRolesOn(tx: Db, old: number, fresh: number): Promise<void> {
  const both = await tx
    .selectFrom('memberships as ending')
    .innerJoin('memberships as staying', 'staying.list_id', 'ending.list_id')
    .select(['staying.id', 'staying.role', 'ending.role as former'])
    .where('ending.address_id', '=', old)
    .where('ending.left_at', 'is', null)
    .where('ending.role', '!=', 'member')
    .where('staying.address_id', '=', fresh)
    .where('staying.left_at', 'is', null)
    .execute();
  for (const { id, role, former } of both) {
    if (hasRole(role as Role, former as Role)) continue;
    await tx.updateTable('memberships').set({ role: former }).where('id', '=', id).execute();
  }
}

/** One row for each list and address: tombstones of the new address change places with the living rows of the old one. */
async function makeRoom(tx: Db, old: number, fresh: number): Promise<void> {
  const inTheWay = await tx
    .selectFrom('memberships as tombstone')
    .innerJoin('memberships as living', 'living.list_id', 'tombstone.list_id')
    .select('tombstone.id')
    .where('tombstone.address_id', '=', fresh)
    .where('tombstone.left_at', 'is not', null)
    .where('living.address_id', '=', old)
    .where('living.left_at', 'is', null)
    .execute();
  const ids = inTheWay.map((row) => row.id);
  if (ids.length === 0) return;
  await tx.deleteFrom('consents').where('membership_id', 'in', ids).execute();
  await tx.deleteFrom('memberships').where('id', 'in', ids).execute();
}
