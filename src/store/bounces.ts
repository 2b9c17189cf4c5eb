import type { FailureClass } from '../domain/failure-class.ts';
import { chunks } from './chunks.ts';
import { insertRows } from './insert-rows.ts';
import type { Db } from './store.ts';

/** How a failure was told: `refused` in the SMTP session, `report` by a delivery report; `complaint` is no failure. */
const bounceKinds = ['refused', 'report', 'complaint'] as const;
export type BounceKind = (typeof bounceKinds)[number];

export interface NewBounce {
  readonly listId: number | null;
  /** The delivery its address names; of a shared copy the first of its deliveries. */
  readonly deliveryId: number | null;
  /** The report; null for what was said in the session. */
  readonly bodyId: number | null;
  readonly receivedAt: number;
  readonly kind: BounceKind;
  /** null: nobody may be believed to be meant. */
  readonly email: string | null;
  /** null: it is no failure, or nobody could read it. */
  readonly class: FailureClass | null;
  readonly status: string | null;
  readonly said: string;
  /** Hundredths that it added to the score of its address. */
  readonly points: number;
}

/** Any number of them, with one statement each few hundred. */
export async function insertBounces(tx: Db, bounces: readonly NewBounce[]): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const some of chunks(bounces)) {
    const made = await insertRows<{ id: number }>(
      tx,
      bulk,
      some.map((b) => [
        b.listId,
        b.deliveryId,
        b.bodyId,
        b.receivedAt,
        b.kind,
        b.email,
        b.class,
        b.status,
        b.said,
        b.points,
      ]),
    );
    for (const { id } of made) ids.push(id);
  }
  return ids;
}

/** Those of some deliveries of which a failure is known already; of the same post in another form (obey-breakers.ts) it is another one. */
export async function reportedAmong(
  db: Db,
  deliveries: readonly { readonly id: number; readonly madeAt: number }[],
): Promise<ReadonlySet<number>> {
  const madeAt = new Map(deliveries.map((delivery) => [delivery.id, delivery.madeAt]));
  const found = new Set<number>();
  for (const some of chunks([...madeAt.keys()])) {
    const rows = await db
      .selectFrom('bounces')
      .select(['delivery_id', 'received_at'])
      .where('delivery_id', 'in', some)
      .where('class', 'is not', null)
      .execute();
    for (const { delivery_id: id, received_at } of rows)
      if (id !== null && received_at >= (madeAt.get(id) ?? 0)) found.add(id);
  }
  return found;
}

const bulk = {
  into: 'bounces (list_id, delivery_id, body_id, received_at, kind, email, class, status, said, points)',
  row: '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ending: 'returning id',
};

/** One line of an address's story. */
export interface ShownBounce extends Omit<NewBounce, 'bodyId'> {
  readonly id: number;
}

/** What happened to an address lately, newest first. */
export async function bouncesOf(db: Db, email: string, limit: number): Promise<readonly ShownBounce[]> {
  const rows = await db
    .selectFrom('bounces')
    .selectAll()
    .where('email', '=', email)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    listId: row.list_id,
    deliveryId: row.delivery_id,
    receivedAt: row.received_at,
    kind: row.kind as BounceKind,
    email: row.email,
    class: row.class as FailureClass | null,
    status: row.status,
    said: row.said,
    points: row.points,
  }));
}

/** How many posts that a list got until then failed to reach an address, of those that are still kept; each once. */
export async function countFailedPosts(db: Db, email: string, until: number): Promise<number> {
  const row = await db
    .selectFrom('bounces')
    .innerJoin('deliveries', 'deliveries.id', 'bounces.delivery_id')
    .innerJoin('mailings', 'mailings.id', 'deliveries.mailing_id')
    .innerJoin('posts', 'posts.id', 'mailings.post_id')
    .select((eb) => eb.fn.count<number>('posts.id').distinct().as('posts'))
    .where('bounces.email', '=', email)
    .where('bounces.class', 'is not', null)
    .where('mailings.kind', '=', 'post')
    // It went out once more in another form (obey-breakers.ts): what was said of the first one is over.
    .whereRef('bounces.received_at', '>=', 'mailings.created_at')
    .where('posts.received_at', '<=', until)
    .executeTakeFirst();
  return Number(row?.posts ?? 0);
}
