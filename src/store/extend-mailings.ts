import { type SqlBool, sql } from 'kysely';
import { withheld } from '../domain/outcome.ts';
import { jsonRows } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** What is left for trying when a wait of our own making is over, in milliseconds. */
const leftAfterwards = 86_400_000;

/** A claimed delivery that waits until then (epoch milliseconds), and what for. */
interface OwnWait {
  readonly id: number;
  readonly until: number;
  readonly reply: string | null;
}

/**
 * What our warm-up withholds is not given up for it: its mailing is tried for at least a day after the wait, or for as long as it was to be
 * tried at all where that is less. Not by adding what was withheld: a mailing has many deliveries, which wait at different times.
 */
export async function extendMailings(tx: Db, waits: readonly OwnWait[]): Promise<void> {
  const ours = waits.filter(({ reply }) => reply?.startsWith(withheld.warmUp));
  if (ours.length === 0) return;
  await extend.run(tx, { rows: JSON.stringify(ours.map(({ id, until }) => ({ id, until }))) });
}

const until = sql<number>`w.until`;
const wanted = sql<number>`${until} + case when mailings.give_up_at - mailings.created_at < ${sql.lit(leftAfterwards)}
  then mailings.give_up_at - mailings.created_at else ${sql.lit(leftAfterwards)} end`;

const extend = statement((db: Db, given: Given<{ rows: string }>) =>
  db
    .updateTable('mailings')
    .from(
      db
        .selectFrom(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
        .innerJoin('deliveries as d', (join) =>
          join.on('d.id', '=', sql<number>`cast(j.value->>'id' as bigint)`),
        )
        .select(['d.mailing_id', sql<number>`max(cast(j.value->>'until' as bigint))`.as('until')])
        .where('d.state', '=', sql.lit('claimed'))
        .groupBy('d.mailing_id')
        .as('w'),
    )
    .set({ give_up_at: wanted })
    .whereRef('mailings.id', '=', 'w.mailing_id')
    .where(sql<SqlBool>`mailings.give_up_at < ${wanted}`),
);
