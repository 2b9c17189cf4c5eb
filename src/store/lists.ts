import type { List, ListId } from '../domain/list.ts';
import type { ListSettings } from '../domain/list-settings.ts';
import { readSettings } from '../domain/setting-value.ts';
import { giveName, type ListName } from './list-names.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

export interface NewList extends ListName {
  readonly title: string;
  readonly purpose: string;
  readonly settings: ListSettings;
  readonly createdAt: number;
}

/** A list and how many members it has. */
export interface CountedList {
  readonly list: List;
  readonly members: number;
}

/** Makes the list and gives it its name, even one that a deleted list had. */
export async function insertList(tx: Db, list: NewList): Promise<List> {
  const row = await tx
    .insertInto('lists')
    .values({
      name: list.name,
      domain: list.domain,
      list_id: `${list.name}.${list.domain}`,
      title: list.title,
      purpose: list.purpose,
      settings: JSON.stringify(list.settings),
      created_at: list.createdAt,
      closed_at: null,
      deleted_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await giveName(tx, row.id, list);
  return toList(row);
}

/** A list that is not deleted. */
export async function loadList(db: Db, id: number): Promise<List | undefined> {
  const row = await listById.first(db, { id });
  return row && toList(row);
}

/** The list that answers to a name, its present one or an earlier one, unless it is deleted. */
export async function findListByName(db: Db, { name, domain }: ListName): Promise<List | undefined> {
  const row = await listByName.first(db, { name, domain });
  return row && toList(row);
}

/** Lists by name and domain, each with its number of members: at most `limit` after `after`. */
export async function pageLists(
  db: Db,
  page: { readonly after?: ListName; readonly limit: number },
): Promise<CountedList[]> {
  const { name, domain } = page.after ?? { name: '', domain: '' };
  const rows = await db
    .selectFrom('lists')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('memberships')
        .select((count) => count.fn.countAll<number>().as('members'))
        .whereRef('memberships.list_id', '=', 'lists.id')
        .where('memberships.left_at', 'is', null)
        .as('members'),
    )
    .where('deleted_at', 'is', null)
    .where((eb) => eb.or([eb('name', '>', name), eb.and([eb('name', '=', name), eb('domain', '>', domain)])]))
    .orderBy('name')
    .orderBy('domain')
    .limit(page.limit)
    .execute();
  return rows.map((row) => ({ list: toList(row), members: row.members ?? 0 }));
}

/** Open lists that are in the public directory, by name and domain: at most `limit` after `after`. */
export async function pageListed(
  db: Db,
  page: { readonly after?: ListName; readonly limit: number },
): Promise<List[]> {
  const { name, domain } = page.after ?? { name: '', domain: '' };
  const rows = await db
    .selectFrom('lists')
    .selectAll()
    .where('deleted_at', 'is', null)
    .where('closed_at', 'is', null)
    // Settings are stored whole, by JSON.stringify: inside a text of theirs the quotes would have backslashes.
    .where('settings', 'like', '%"listed":true%')
    .where((eb) => eb.or([eb('name', '>', name), eb.and([eb('name', '=', name), eb('domain', '>', domain)])]))
    .orderBy('name')
    .orderBy('domain')
    .limit(page.limit)
    .execute();
  return rows.map(toList);
}

export async function updateList(
  tx: Db,
  id: number,
  changes: { readonly title?: string; readonly purpose?: string; readonly settings?: ListSettings },
): Promise<void> {
  const { settings, ...plain } = changes;
  const set = { ...plain, ...(settings && { settings: JSON.stringify(settings) }) };
  if (Object.keys(set).length > 0) await tx.updateTable('lists').set(set).where('id', '=', id).execute();
}

/** The list answers to the new name from now on, and to all its earlier ones for ever (email.md §1.3). */
export async function renameList(tx: Db, id: number, to: ListName): Promise<void> {
  await tx.updateTable('lists').set({ name: to.name, domain: to.domain }).where('id', '=', id).execute();
  await giveName(tx, id, to);
}

export async function setClosed(tx: Db, id: number, closedAt: number | null): Promise<void> {
  await tx.updateTable('lists').set({ closed_at: closedAt }).where('id', '=', id).execute();
}

/** From now on its addresses answer that the list no longer exists. Posts stay. */
export async function markDeleted(tx: Db, id: number, at: number): Promise<void> {
  await tx.updateTable('lists').set({ deleted_at: at }).where('id', '=', id).execute();
}

/** The number of the list's next post; each is given out once. */
export async function takeNumber(tx: Db, id: number): Promise<number> {
  const row = await nextNumber.first(tx, { id });
  if (!row) throw new Error(`no list ${id}`);
  return row.next_number - 1;
}

/** The number that its next post will have. */
export async function numberToCome(db: Db, id: number): Promise<number> {
  const row = await db
    .selectFrom('lists')
    .select('next_number')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.next_number;
}

const listById = statement((db: Db, given: Given<{ id: number }>) =>
  db.selectFrom('lists').selectAll().where('id', '=', given.id).where('deleted_at', 'is', null),
);

const listByName = statement((db: Db, given: Given<ListName>) =>
  db
    .selectFrom('list_names')
    .innerJoin('lists', 'lists.id', 'list_names.list_id')
    .selectAll('lists')
    .where('list_names.name', '=', given.name)
    .where('list_names.domain', '=', given.domain)
    .where('lists.deleted_at', 'is', null),
);

const nextNumber = statement((db: Db, given: Given<{ id: number }>) =>
  db
    .updateTable('lists')
    .set((eb) => ({ next_number: eb('next_number', '+', 1) }))
    .where('id', '=', given.id)
    .returning('next_number'),
);

interface ListRow {
  readonly id: number;
  readonly name: string;
  readonly domain: string;
  readonly list_id: string;
  readonly title: string;
  readonly purpose: string;
  readonly settings: string;
  readonly created_at: number;
  readonly closed_at: number | null;
}

function toList(row: ListRow): List {
  return {
    id: row.id as ListId,
    name: row.name,
    domain: row.domain,
    listId: row.list_id,
    title: row.title,
    purpose: row.purpose,
    settings: settingsOf(row.settings),
    createdAt: row.created_at,
    closedAt: row.closed_at,
  };
}

/** Settings by their stored text: a post loads its list, and reading JSON costs more than the query. */
const settingsRead = new Map<string, ListSettings>();
const settingsKept = 500;

function settingsOf(json: string): ListSettings {
  const known = settingsRead.get(json);
  if (known) return known;
  if (settingsRead.size >= settingsKept) settingsRead.clear();
  const settings = readSettings(json);
  settingsRead.set(json, settings);
  return settings;
}
