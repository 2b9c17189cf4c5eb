import { findAiling, forgetAiling, markSuspended } from '../../store/ailing.ts';
import { restoreLeft } from '../../store/memberships.ts';
import { liftBounced } from '../../store/suppressions.ts';
import type { StoredToken } from '../../store/tokens.ts';
import type { Context } from '../operation.ts';

/**
 * The address works: its posts flow again, its score is forgotten, and where it was taken off its lists it is back on them as it was. False
 * when nothing was wrong with it.
 */
export async function resumeAddress({ tx }: Context, email: string): Promise<boolean> {
  const ailing = await findAiling(tx, email);
  if (!ailing) return false;
  await forgetAiling(tx, email);
  if (ailing.suspendedAt === null) return true;
  await markSuspended(tx, email, null);
  if (ailing.removedAt !== null) {
    await restoreLeft(tx, email, ailing.removedAt);
    await liftBounced(tx, email);
  }
  return true;
}

/**
 * Somebody reads there: a verified mail came from it, or a token that was mailed to it came back. Only a suspension ends by that; a mailbox
 * that is full now and then stays so, however much its owner writes.
 */
export async function resumeIfSuspended(context: Context, email: string): Promise<void> {
  const ailing = await findAiling(context.tx, email);
  if (ailing && ailing.suspendedAt !== null) await resumeAddress(context, email);
}

/** The button of a probe, or a reply to it. */
export async function confirmResume(context: Context, { email }: StoredToken): Promise<string> {
  return (await resumeAddress(context, email))
    ? `${email} gets its posts again. Thank you.`
    : `${email} gets its posts: nothing needed to be done.`;
}
