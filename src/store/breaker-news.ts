import { type Breaker, type Part, toBreaker } from './breakers.ts';
import type { Db } from './store.ts';

/** Posts that are refused for what they are, as people hear of them. */

/** A breaker that nobody has been told of, with the post. */
export interface UntoldBreaker extends Breaker {
  readonly list: string;
  readonly subject: string;
  readonly postId: number;
}

export async function untoldBreakers(db: Db, limit: number): Promise<readonly UntoldBreaker[]> {
  const rows = await db
    .selectFrom('breakers')
    .innerJoin('mailings', 'mailings.id', 'breakers.mailing_id')
    .innerJoin('posts', 'posts.id', 'mailings.post_id')
    .innerJoin('lists', 'lists.id', 'posts.list_id')
    .selectAll('breakers')
    .select(['lists.name', 'lists.domain', 'posts.subject', 'posts.id as post'])
    .where('told_at', 'is', null)
    .orderBy('at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...toBreaker(row),
    list: `${row.name}@${row.domain}`,
    subject: row.subject,
    postId: row.post,
  }));
}

export async function markTold(tx: Db, { mailingId, domain }: Part, at: number): Promise<void> {
  await tx
    .updateTable('breakers')
    .set({ told_at: at })
    .where('mailing_id', '=', mailingId)
    .where('destination', '=', domain)
    .execute();
}

/** A post that is held back at a destination at present. */
export interface HeldBack {
  readonly postId: number;
  readonly subject: string;
  readonly list: string;
  readonly domain: string;
  readonly said: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

export async function heldBackNow(db: Db, now: number): Promise<readonly HeldBack[]> {
  const rows = await db
    .selectFrom('breakers')
    .innerJoin('mailings', 'mailings.id', 'breakers.mailing_id')
    .innerJoin('posts', 'posts.id', 'mailings.post_id')
    .innerJoin('lists', 'lists.id', 'posts.list_id')
    .select(['breakers.destination', 'breakers.until', 'breakers.said', 'posts.subject', 'posts.id'])
    .select(['lists.name', 'lists.domain'])
    .where('breakers.until', '>', now)
    .orderBy('breakers.at')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    postId: row.id,
    subject: row.subject,
    list: `${row.name}@${row.domain}`,
    domain: row.destination,
    said: row.said,
    until: row.until,
  }));
}
