import { sql } from 'kysely';
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
 * meanwhile. Returns for how long that was, in milliseconds; 0 where it does not count. A clock that is put forward is such a while, too.
 */
export async function noteAtWork(tx: Db, now: number): Promise<number> {
  const seen = Number((await getSwitch(tx, name)) ?? now);
  await setSwitch(tx, name, `${now}`);
  const off = now - seen;
  if (off < notCounted) return 0;
  await putOffHeld(tx, { seen, now, off });
  await putOffTokens(tx, { seen, off });
  await putOffGivingUp(tx, { seen, off });
  return off;
}

interface Absence {
  /** Epoch milliseconds of the last moment at which a server is known to have been at work: what ended before it had ended. */
  readonly seen: number;
  readonly off: number;
}

async function putOffHeld(tx: Db, { seen, now, off }: Absence & { readonly now: number }): Promise<void> {
  await tx
    .updateTable('held')
    .set((eb) => ({ expires_at: eb('expires_at', '+', off) }))
    .$if(off >= longAbsence, (query) =>
      query.set({
        // Not of what is in the spam folder, which nobody is told of.
        notice_at: sql`coalesce(notice_at, case when spam = 0 then cast(${now} as bigint) end)`,
      }),
    )
    .where('decided_at', 'is', null)
    .where('expires_at', '>', seen)
    .execute();
}

async function putOffTokens(tx: Db, { seen, off }: Absence): Promise<void> {
  await tx
    .updateTable('tokens')
    .set((eb) => ({ expires_at: eb('expires_at', '+', off) }))
    .where('kind', 'in', ['moderate', 'release', 'withdraw'])
    .where('expires_at', '>', seen)
    .execute();
}

/** Also of mailings that all of whose copies were sent: those of a few days, and to tell them apart would cost more. */
async function putOffGivingUp(tx: Db, { seen, off }: Absence): Promise<void> {
  await tx
    .updateTable('mailings')
    .set((eb) => ({ give_up_at: eb('give_up_at', '+', off) }))
    .where('give_up_at', '>', seen)
    .execute();
}
