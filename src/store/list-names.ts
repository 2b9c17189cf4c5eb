import type { FoundList } from '../domain/resolve-mailbox.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

export interface ListName {
  readonly name: string;
  readonly domain: string;
}

/** Which of some local parts are names of lists, deleted ones too: the one query of each RCPT. At most `mostReadings` names. */
export async function findNames(db: Db, domain: string, names: readonly string[]): Promise<FoundList[]> {
  const asked = Object.fromEntries(slots.map((slot, i) => [slot, names[i] ?? ''])) as Record<Slot, string>;
  const rows = await namesAmong(names.length).all(db, { domain, ...asked });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    domain: row.domain,
    asked: row.asked,
    closed: row.closed_at !== null,
    deleted: row.deleted_at !== null,
  }));
}

/** Those of any number of local parts at a domain that are names, old ones too, of lists that are not deleted. */
export async function namesInUse(
  db: Db,
  domain: string,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly listId: number }[]> {
  return db
    .selectFrom('list_names')
    .innerJoin('lists', 'lists.id', 'list_names.list_id')
    .select(['list_names.name', 'list_names.list_id as listId'])
    .where('list_names.domain', '=', domain)
    .where('list_names.name', 'in', names)
    .where('lists.deleted_at', 'is', null)
    .execute();
}

/** Every address that posts to the list, earlier ones included. */
export async function addressesOfList(db: Db, listId: number): Promise<string[]> {
  const rows = await namesOfList.all(db, { listId });
  return rows.map((row) => `${row.name}@${row.domain}`);
}

/** Only a deleted list loses a name by this, to a living one: callers have made sure (operations/claim-name.ts). */
export async function giveName(tx: Db, listId: number, { name, domain }: ListName): Promise<void> {
  await tx
    .insertInto('list_names')
    .values({ name, domain, list_id: listId })
    .onConflict((oc) => oc.columns(['name', 'domain']).doUpdateSet({ list_id: listId }))
    .execute();
}

/** One place for each name that may be asked for: a compiled statement has a fixed number of values. */
const slots = ['name1', 'name2', 'name3', 'name4', 'name5', 'name6', 'name7', 'name8'] as const;
type Slot = (typeof slots)[number];

/** Most addresses could be only one list's: each place that is looked for costs as much as the whole rest. */
function namesAmong(count: number) {
  return count <= 1 ? nameIsOne : nameIsAny;
}

const nameIsOne = statement((db: Db, given: Given<Asked>) => selectNames(db, given, slots.slice(0, 1)));
const nameIsAny = statement((db: Db, given: Given<Asked>) => selectNames(db, given, slots));

type Asked = Record<Slot, string> & { domain: string };

function selectNames(db: Db, given: Given<Asked>, among: readonly Slot[]) {
  return db
    .selectFrom('list_names')
    .innerJoin('lists', 'lists.id', 'list_names.list_id')
    .select(['list_names.name as asked', 'lists.id', 'lists.name', 'lists.domain'])
    .select(['lists.closed_at', 'lists.deleted_at'])
    .where('list_names.domain', '=', given.domain)
    .where((eb) => eb.or(among.map((slot) => eb('list_names.name', '=', given[slot]))));
}

const namesOfList = statement((db: Db, given: Given<{ listId: number }>) =>
  db.selectFrom('list_names').select(['name', 'domain']).where('list_id', '=', given.listId),
);
