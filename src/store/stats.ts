import { sql } from 'kysely';
import type { Db } from './store.ts';

/** Numbers of the site, or of one list. */
export interface Stats {
  readonly lists: number;
  readonly members: number;
  /** Of them, those who get no posts because mail to them fails. */
  readonly suspended: number;
  readonly posts: number;
  /** Posts accepted since a moment, imports left out. */
  readonly recentPosts: number;
  readonly held: number;
  /** Deliveries that wait, now or for another attempt. */
  readonly waiting: number;
}

/** `since`: epoch milliseconds. Counts over indexes, as long as the tables are: for a person who asks, not for each page. */
export async function readStats(
  db: Db,
  scope: { readonly listId?: number; readonly since: number },
): Promise<Stats> {
  const { listId, since } = scope;
  const of = (column: string) => (listId === undefined ? sql`` : sql` and ${sql.ref(column)} = ${listId}`);
  const { rows } = await sql<Stats>`
    select
      (select count(*) from lists where deleted_at is null${of('id')}) as "lists",
      (select count(*) from memberships where left_at is null${of('list_id')}) as "members",
      (select count(*) from memberships where left_at is null and suspended_at is not null${of('list_id')}) as "suspended",
      (select count(*) from posts where 1 = 1${of('list_id')}) as "posts",
      (select count(*) from posts where imported_at is null and received_at >= ${since}${of('list_id')}) as "recentPosts",
      (select count(*) from held where decided_at is null${of('list_id')}) as "held",
      (select count(*) from deliveries d join mailings m on m.id = d.mailing_id
        where d.state in ('queued', 'claimed', 'deferred')${of('m.list_id')}) as "waiting"`.execute(db);
  const [stats] = rows;
  if (!stats) throw new Error('a select without a table has one row');
  return stats;
}
