import { type Given, insertion, statement } from './statement.ts';
import type { Db } from './store.ts';

/** An author as one list knows them; the id names the address that stands for theirs. */
export interface AuthorAlias {
  readonly listId: number;
  /** Canonical. */
  readonly email: string;
}

/** The same for ever for an author of a list: made when it is first asked for. */
export async function aliasOf(tx: Db, author: AuthorAlias & { readonly now: number }): Promise<number> {
  const known = await knownAliasOf(tx, author);
  if (known !== undefined) return known;
  const made = await insertRow(tx, author);
  if (made !== undefined) return made;
  // Another transaction has made it meanwhile.
  const theirs = await knownAliasOf(tx, author);
  if (theirs === undefined) throw new Error(`no alias was made for ${author.email}`);
  return theirs;
}

/** The one that was made already. */
export async function knownAliasOf(db: Db, author: AuthorAlias): Promise<number | undefined> {
  return (await byAuthor.first(db, author))?.id;
}

export async function findAlias(db: Db, id: number): Promise<AuthorAlias | undefined> {
  const row = await byId.first(db, { id });
  return row && { listId: row.list_id, email: row.email };
}

/**
 * All aliases of somebody who moved lead to the new address, whatever stood in the From of their posts until now. Where that has one of its
 * own, it is the one that goes on standing there; nobody is given theirs who gets the former address after them.
 */
export async function moveAliases(
  tx: Db,
  { from, to, now }: { readonly from: string; readonly to: string; readonly now: number },
): Promise<void> {
  await tx
    .updateTable('author_aliases')
    .set({ email: to, superseded_at: now })
    .where('email', '=', from)
    .where('list_id', 'in', (e) =>
      e
        .selectFrom('author_aliases')
        .select('list_id')
        .where('email', '=', to)
        .where('superseded_at', 'is', null),
    )
    .execute();
  await tx.updateTable('author_aliases').set({ email: to }).where('email', '=', from).execute();
}

const byAuthor = statement((db: Db, given: Given<AuthorAlias>) =>
  db
    .selectFrom('author_aliases')
    .select('id')
    .where('list_id', '=', given.listId)
    .where('email', '=', given.email)
    .where('superseded_at', 'is', null),
);

const byId = statement((db: Db, given: Given<{ id: number }>) =>
  db.selectFrom('author_aliases').select(['list_id', 'email']).where('id', '=', given.id),
);

const insertRow = insertion((db: Db, given: Given<AuthorAlias & { now: number }>) =>
  db
    .insertInto('author_aliases')
    .values({ list_id: given.listId, email: given.email, created_at: given.now })
    .onConflict((c) => c.doNothing()),
);
