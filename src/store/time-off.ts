import { type RawBuilder, sql } from 'kysely';
import type { Db } from './store.ts';
import { getSwitch, setSwitch } from './switches.ts';

const name = 'server.seen';
/** A shorter absence changes nothing, in milliseconds: a restart, an update, a job that was late. */
export const notCounted = 30 * 60_000;
/** After a longer one moderators are reminded of what they were told would be over by now. */
const longAbsence = 86_400_000;

/**
 * Notes that a server is at work. Where none had been for a while, all that was to end then is put off by as much, in one transaction: posts that wait
 * for a decision, the links and addresses that decide about them, and the time for which mail is tried. Nobody could be heard or reached
 * meanwhile. Returns for how long that was, in milliseconds; 0 where it does not count. A clock that is put forward is such a while, too; where it is
 * put back, all of that comes earlier by as much, with what moderators are still to be told and mail that waits for its next try: so a clock that was
 * wrong for a while changes nothing.
 */
export async function noteAtWork(tx: Db, now: number): Promise<number> {
  const seen = Number((await getSwitch(tx, name)) ?? now);
  await setSwitch(tx, name, `${now}`);
  const passed = now - seen;
  if (Math.abs(passed) < notCounted) return 0;
  const step = { seen, now, passed };
  await moveHeld(tx, step);
  await moveTokens(tx, step);
  await moveGivingUp(tx, step);
  if (passed < 0) await bringForward(tx, step);
  return Math.max(0, passed);
}

/** Epoch milliseconds: until when a server is known to have been at work, and since when one is again; negative where the clock was put back. */
interface Step {
  readonly seen: number;
  readonly now: number;
  readonly passed: number;
}

function moved(column: string, { passed }: Step): RawBuilder<number> {
  return sql`${sql.ref(column)} + cast(${passed} as bigint)`;
}

async function moveHeld(tx: Db, step: Step): Promise<void> {
  const { seen, now, passed } = step;
  await tx
    .updateTable('held')
    .set({ expires_at: moved('expires_at', step) })
    .$if(passed >= longAbsence, (query) =>
      query.set({
        // Not of what is in the spam folder, which nobody is told of.
        notice_at: sql`coalesce(notice_at, case when spam = 0 then cast(${now} as bigint) end)`,
      }),
    )
    .where('decided_at', 'is', null)
    .where('expires_at', '>', seen)
    .execute();
}

async function moveTokens(tx: Db, step: Step): Promise<void> {
  await tx
    .updateTable('tokens')
    .set({ expires_at: moved('expires_at', step) })
    .where('kind', 'in', ['moderate', 'release', 'withdraw'])
    .where('expires_at', '>', step.seen)
    .execute();
}

/** Also of mailings whose copies have all been sent: those of a few days, and to tell them apart would cost more. */
async function moveGivingUp(tx: Db, step: Step): Promise<void> {
  await tx
    .updateTable('mailings')
    .set({ give_up_at: moved('give_up_at', step) })
    .where('give_up_at', '>', step.seen)
    .execute();
}

/** What moderators are to be told, and the next tries: they would come when the time comes that a clock had shown which ran ahead. */
async function bringForward(tx: Db, step: Step): Promise<void> {
  for (const column of ['notice_at', 'tell_at'] as const)
    await tx
      .updateTable('held')
      .set({ [column]: moved(column, step) })
      .where(column, '>', step.seen)
      .execute();
  await tx
    .updateTable('deliveries')
    .set({
      next_at: sql<number>`case when next_at > ${step.seen} then ${moved('next_at', step)} else cast(${step.now} as bigint) end`,
    })
    .where('state', '=', sql.lit('deferred'))
    .where('next_at', '>', step.now)
    .execute();
}

/** Mail could not be tried since then, though a server was at work: what was to be given up is tried for as much longer, what came meanwhile for as long as it waited. */
export async function putOffGivingUp(
  tx: Db,
  { since, now }: { readonly since: number; readonly now: number },
): Promise<void> {
  if (now - since < notCounted) return;
  const from = sql`case when created_at > ${since} then created_at else ${since} end`;
  await tx
    .updateTable('mailings')
    .set({ give_up_at: sql<number>`give_up_at + ${now} - ${from}` })
    .where('give_up_at', '>', since)
    .execute();
}
