import { type RawBuilder, sql } from 'kysely';
import type { Db } from './store.ts';
import { getSwitch, setSwitch } from './switches.ts';

const name = 'server.seen';
/** A shorter absence changes nothing, in milliseconds: a restart, an update, a job that was late. */
const notCounted = 30 * 60_000;
/** After a longer one moderators are reminded of what they were told would be over by now. */
const longAbsence = 86_400_000;

/**
 * Notes that a server is at work. Where none had been for a while, all that was to end then is put off by as much, in one transaction: posts that wait
 * for a decision, the links and addresses that decide about them, and the time for which mail is tried. Nobody could be heard or reached
 * meanwhile. Returns for how long that was, in milliseconds; 0 where it does not count. A clock that is put forward is such a while, too; where it is
 * put back, what moderators are still to be told comes when it would have come by the right one.
 */
export async function noteAtWork(tx: Db, now: number): Promise<number> {
  const seen = Number((await getSwitch(tx, name)) ?? now);
  await setSwitch(tx, name, `${now}`);
  if (now - seen <= -notCounted) await bringForwardNotices(tx, { seen, now });
  if (now - seen < notCounted) return 0;
  await putOffHeld(tx, { seen, now });
  await putOffTokens(tx, { seen, now });
  await putOffGivingUp(tx, { seen, now });
  return now - seen;
}

/** Epoch milliseconds: until when a server is known to have been at work, and since when one is again. */
interface Absence {
  readonly seen: number;
  readonly now: number;
}

/** What has begun since loses only the rest of it: so nothing has more time than when it began, however far a clock was wrong. */
function later(end: string, begun: string, { seen, now }: Absence): RawBuilder<number> {
  const from = sql`case when ${sql.ref(begun)} > ${seen} then ${sql.ref(begun)} else ${seen} end`;
  return sql`${sql.ref(end)} + ${now} - ${from}`;
}

async function putOffHeld(tx: Db, absence: Absence): Promise<void> {
  const { seen, now } = absence;
  await tx
    .updateTable('held')
    .set({ expires_at: later('expires_at', 'held_at', absence) })
    .$if(now - seen >= longAbsence, (query) =>
      query.set({
        // Not of what is in the spam folder, which nobody is told of.
        notice_at: sql`coalesce(notice_at, case when spam = 0 then cast(${now} as bigint) end)`,
      }),
    )
    .where('decided_at', 'is', null)
    .where('expires_at', '>', seen)
    .execute();
}

async function putOffTokens(tx: Db, absence: Absence): Promise<void> {
  await tx
    .updateTable('tokens')
    .set({ expires_at: later('expires_at', 'created_at', absence) })
    .where('kind', 'in', ['moderate', 'release', 'withdraw'])
    .where('expires_at', '>', absence.seen)
    .execute();
}

/** Also of mailings whose copies have all been sent: those of a few days, and to tell them apart would cost more. */
async function putOffGivingUp(tx: Db, absence: Absence): Promise<void> {
  await tx
    .updateTable('mailings')
    .set({ give_up_at: later('give_up_at', 'created_at', absence) })
    .where('give_up_at', '>', absence.seen)
    .execute();
}

/** Moderators would hear of posts and decisions when the time comes that a clock had shown which ran ahead. */
async function bringForwardNotices(tx: Db, { seen, now }: Absence): Promise<void> {
  for (const column of ['notice_at', 'tell_at'] as const)
    await tx
      .updateTable('held')
      .set((eb) => ({ [column]: eb(column, '-', seen - now) }))
      .where(column, '>', seen)
      .execute();
}
