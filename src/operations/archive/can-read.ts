import type { Address } from '../../domain/address.ts';
import type { List } from '../../domain/list.ts';
import { hasRole, type Role } from '../../domain/membership.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadList } from '../../store/lists.ts';
import { membershipsOf } from '../../store/memberships.ts';
import { standingOf } from '../../store/standing.ts';
import type { Context } from '../operation.ts';

/** Whether somebody of that role, or a stranger, may read the list's archive: the one place where that is written. */
export function mayRead({ settings }: List, role: Role | undefined): boolean {
  switch (settings.archive) {
    case 'public':
      return true;
    case 'members':
      return role !== undefined;
    case 'owners':
      return role !== undefined && hasRole(role, 'owner');
    case 'off':
      return false;
  }
}

/** The same for the person behind an address; without one, for a stranger. */
async function canRead({ tx }: Pick<Context, 'tx'>, list: List, email?: Address): Promise<boolean> {
  const standing = email && (await standingOf(tx, list.id, email));
  return mayRead(list, standing?.role);
}

/** For operations that show posts of one list: the operator sees everything, and nobody learns what they may not read. */
export async function requireReader(context: Context, list: List): Promise<void> {
  if (seesAll(context)) return;
  if (!(await canRead(context, list, emailOf(context)))) {
    throw new Refusal('not-allowed', `You may not read the archive of ${list.name}, or there is none.`);
  }
}

/**
 * The lists a search may look into: of the named ones those the actor may read, else the actor's own lists; undefined for every list
 * there is. A stranger has to name one.
 */
export async function readableLists(
  context: Context,
  named: readonly List[] | undefined,
): Promise<readonly number[] | undefined> {
  if (seesAll(context)) return named?.map((list) => list.id);
  const email = emailOf(context);
  const candidates = named ?? (email ? await listsOf(context, email) : []);
  const readable: number[] = [];
  for (const list of candidates) if (await canRead(context, list, email)) readable.push(list.id);
  return readable;
}

function seesAll({ actor }: Context): boolean {
  return actor.kind === 'operator' || actor.kind === 'system';
}

/** A claimed address proves nothing: only a verified one reads. */
function emailOf({ actor }: Context): Address | undefined {
  return actor.kind === 'verified' ? actor.email : undefined;
}

async function listsOf({ tx }: Context, email: Address): Promise<List[]> {
  const lists: List[] = [];
  for (const { listId } of await membershipsOf(tx, email)) {
    const list = await loadList(tx, listId);
    if (list) lists.push(list);
  }
  return lists;
}
