import type { Db } from './store.ts';

/** What a moderator wants to know of somebody whose post waits. */
export interface SenderHistory {
  /** Posts on this list under this address; at most `countedPosts`. */
  readonly posts: number;
  readonly lastPostAt: number | null;
  readonly joinedAt: number | null;
  /** Since when any list here has known the address. */
  readonly knownSince: number | null;
}

/** More is “1000 or more”: counting stops there. */
export const countedPosts = 1000;

export async function senderHistory(db: Db, listId: number, email: string): Promise<SenderHistory> {
  const posts = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('posts')
        .select('received_at')
        .where('list_id', '=', listId)
        .where('author_email', '=', email)
        .orderBy('id', 'desc')
        .limit(countedPosts)
        .as('theirs'),
    )
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('received_at').as('last')])
    .executeTakeFirstOrThrow();
  const known = await db
    .selectFrom('addresses')
    .leftJoin('memberships', (join) =>
      join
        .onRef('memberships.address_id', '=', 'addresses.id')
        .on('memberships.list_id', '=', listId)
        .on('memberships.left_at', 'is', null),
    )
    .select(['addresses.created_at', 'memberships.joined_at'])
    .where('addresses.email', '=', email)
    .executeTakeFirst();
  return {
    posts: posts.count,
    lastPostAt: posts.last,
    joinedAt: known?.joined_at ?? null,
    knownSince: known?.created_at ?? null,
  };
}
