import { type SqlBool, sql } from 'kysely';
import { withheld } from '../domain/outcome.ts';
import { extendMailings } from './extend-mailings.ts';
import { jsonRows } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** A claimed delivery that waits for its destination until then: no attempt of its own. */
export interface Postponement {
  readonly id: number;
  /** Epoch milliseconds; not later than its time to give up. */
  readonly until: number;
  /** What was said to all that waits there; null keeps what is known. */
  readonly code: number | null;
  readonly reply: string | null;
  /** It fails where its mailing is as old as this, in milliseconds; without it at the time to give up. */
  readonly finalAfter: number | null;
}

/**
 * Puts claimed deliveries back until their destination is tried again. Those whose time is over have failed, with what was said; a
 * delivery that an operator asked for after that has one more chance.
 */
export async function postponeDeliveries(
  tx: Db,
  postponements: readonly Postponement[],
  now: number,
): Promise<readonly Expired[]> {
  if (postponements.length === 0) return [];
  await extendMailings(tx, postponements);
  const rows = JSON.stringify(postponements);
  const over = await overdue.all(tx, { rows, now });
  await postpone.run(tx, { rows });
  const ids = over.map(({ id }) => id);
  return expireDeliveries(tx, ids, now);
}

/** What failed because its time was over, with what was said last. */
export interface Expired {
  readonly kind: 'failed';
  readonly id: number;
  readonly code: number | null;
  readonly reply: string;
}

/** They have failed, with what was said last. What somebody settled or cancelled meanwhile stays as it is. */
export async function expireDeliveries(
  tx: Db,
  ids: readonly number[],
  now: number,
): Promise<readonly Expired[]> {
  if (ids.length === 0) return [];
  const rows = JSON.stringify(ids.map((id) => ({ id })));
  const expired = await expire.all(tx, { rows, now });
  await logExpiry.run(tx, { rows, now });
  return expired.map(({ id, code, reply }) => ({ kind: 'failed', id, code, reply: reply ?? '' }));
}

interface Rows {
  readonly rows: string;
}

const field = {
  id: sql<number>`cast(j.value->>'id' as bigint)`,
  until: sql<number>`cast(j.value->>'until' as bigint)`,
  code: sql<number | null>`cast(j.value->>'code' as integer)`,
  reply: sql<string | null>`j.value->>'reply'`,
  finalAfter: sql<number | null>`cast(j.value->>'finalAfter' as bigint)`,
};
const giveUpAt = sql<number>`(select g.give_up_at from mailings g where g.id = deliveries.mailing_id)`;

const overdue = statement((db: Db, given: Given<Rows & { now: number }>) =>
  db
    .selectFrom(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
    .innerJoin('deliveries as d', (join) => join.on('d.id', '=', field.id))
    .innerJoin('mailings as g', 'g.id', 'd.mailing_id')
    .select('d.id')
    .where('d.state', '=', 'claimed')
    .whereRef('d.next_at', '<=', 'g.give_up_at')
    .where(
      sql<SqlBool>`(cast(${given.now} as bigint) >= g.give_up_at
        or cast(${given.now} as bigint) >= g.created_at + ${field.finalAfter})`,
    ),
);

const postpone = statement((db: Db, given: Given<Rows>) =>
  db
    .updateTable('deliveries')
    .from(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
    .set((eb) => ({
      state: sql.lit('deferred'),
      lease_until: null,
      // The last try is made at the time to give up, not after it; who was asked for after that waits like the others.
      next_at: sql<number>`case when deliveries.next_at <= ${giveUpAt} and ${field.until} > ${giveUpAt} then ${giveUpAt} else ${field.until} end`,
      last_code: sql<number | null>`case when ${field.reply} is null then last_code else ${field.code} end`,
      last_reply: eb.fn.coalesce(field.reply, 'last_reply'),
    }))
    .where('deliveries.id', '=', field.id)
    .where('deliveries.state', '=', sql.lit('claimed')),
);

const expire = statement((db: Db, given: Given<Rows & { now: number }>) =>
  db
    .updateTable('deliveries')
    .from(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
    .set((eb) => ({
      state: sql.lit('failed'),
      lease_until: null,
      final_at: given.now,
      last_reply: eb.fn.coalesce('last_reply', sql.lit(`${withheld.untried} it could not be sent in time.`)),
    }))
    .where('deliveries.id', '=', field.id)
    .where('deliveries.state', 'in', [sql.lit('claimed'), sql.lit('deferred')])
    .returning(['deliveries.id', 'last_code as code', 'last_reply as reply']),
);

const logExpiry = statement((db: Db, given: Given<Rows & { now: number }>) =>
  db
    .insertInto('delivery_log')
    .columns(['delivery_id', 'at', 'outcome', 'code', 'reply'])
    .expression((eb) =>
      eb
        .selectFrom(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
        .innerJoin('deliveries as d', (join) => join.on('d.id', '=', field.id))
        .select([
          'd.id',
          sql<number>`cast(${given.now} as bigint)`.as('at'),
          sql.lit('failed').as('outcome'),
          'd.last_code',
          sql<string>`d.last_reply`.as('reply'),
        ])
        .where('d.state', '=', sql.lit('failed')),
    ),
);
