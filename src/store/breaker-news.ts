import { type Breaker, countWaiting, type Part, toBreaker } from './breakers.ts';
import type { Db } from './store.ts';

/** Posts that are refused for what they are, as people hear of them. */

/** More who wait for one than this are not told apart. */
export const mostCounted = 500;

/** A breaker that nobody has been told of, with the post. */
export interface UntoldBreaker extends Breaker {
  readonly list: string;
  readonly subject: string;
  readonly postId: number;
  /** Recipients there who still wait for it, counted up to `mostCounted`. */
  readonly waiting: number;
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
  const told: UntoldBreaker[] = [];
  for (const row of rows) {
    const breaker = toBreaker(row);
    const list = `${row.name}@${row.domain}`;
    const waiting = await countWaiting(db, breaker, mostCounted);
    told.push({ ...breaker, list, subject: row.subject, postId: row.post, waiting });
  }
  return told;
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
  readonly waiting: number;
}

export async function heldBackNow(db: Db, now: number): Promise<readonly HeldBack[]> {
  const rows = await db
    .selectFrom('breakers')
    .innerJoin('mailings', 'mailings.id', 'breakers.mailing_id')
    .innerJoin('posts', 'posts.id', 'mailings.post_id')
    .innerJoin('lists', 'lists.id', 'posts.list_id')
    .select([
      'breakers.mailing_id',
      'breakers.destination',
      'breakers.until',
      'breakers.said',
      'posts.subject',
      'posts.id',
    ])
    .select(['lists.name', 'lists.domain'])
    .where('breakers.until', '>', now)
    .orderBy('breakers.at')
    .limit(100)
    .execute();
  const held: HeldBack[] = [];
  for (const row of rows) {
    const { subject, said, until, destination: domain } = row;
    const list = `${row.name}@${row.domain}`;
    const waiting = await countWaiting(db, { mailingId: row.mailing_id, domain }, mostCounted);
    held.push({ postId: row.id, subject, list, domain, said, until, waiting });
  }
  return held;
}
