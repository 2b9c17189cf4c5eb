import { sql } from 'kysely';
import { jsonRows } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** How much each destination got on a day, `2026-11-28`, UTC. */
export async function sentOnDay(db: Db, day: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('destination_days')
    .select(['destination', 'sent'])
    .where('day', '=', day)
    .execute();
  return new Map(rows.map(({ destination, sent }) => [destination, sent]));
}

/** Adds to what each got on that day; the days before are forgotten. */
export async function addToDay(tx: Db, day: string, sent: ReadonlyMap<string, number>): Promise<void> {
  if (sent.size === 0) return;
  const rows = JSON.stringify([...sent].map(([destination, count]) => ({ destination, count })));
  await add.run(tx, { rows, day });
  await tx.deleteFrom('destination_days').where('day', '<', day).execute();
}

const add = statement((db: Db, given: Given<{ rows: string; day: string }>) =>
  db
    .insertInto('destination_days')
    .columns(['destination', 'day', 'sent'])
    .expression((eb) =>
      eb
        .selectFrom(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
        .select([
          sql<string>`j.value->>'destination'`.as('destination'),
          sql<string>`cast(${given.day} as text)`.as('day'),
          sql<number>`cast(j.value->>'count' as bigint)`.as('sent'),
        ])
        // SQLite reads "on conflict" after a select without a where as a join's condition.
        .where(sql<boolean>`true`),
    )
    .onConflict((on) =>
      on.columns(['destination', 'day']).doUpdateSet((eb) => ({
        sent: eb('destination_days.sent', '+', eb.ref('excluded.sent')),
      })),
    ),
);
