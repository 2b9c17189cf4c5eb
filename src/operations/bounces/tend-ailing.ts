import { z } from 'zod';
import { type Ailing, lookAgainAt, nextStep } from '../../domain/ailing.ts';
import type { Membership } from '../../domain/membership.ts';
import { dueAiling, forgetAiling, markSuspended, saveAiling } from '../../store/ailing.ts';
import { recordAudit } from '../../store/audit.ts';
import { membershipsOf } from '../../store/memberships.ts';
import { queuePaused } from '../../store/queue-pause.ts';
import { requireOperator } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';
import { removeAiling } from './remove-ailing.ts';
import { resumeAddress } from './resume-address.ts';
import { sendProbe } from './send-probe.ts';

const input = z.object({ limit: z.int().min(1).max(200).default(20) });

/**
 * Does what is due about addresses whose mail fails: suspends them, sends probes, lets them have their posts again, or takes them off
 * their lists (email.md §6.4). Nothing while the queue is paused: a probe that never left proves nothing, and nobody could answer it.
 */
export const tendAiling: Operation<z.infer<typeof input>, { readonly tended: number }> = {
  name: 'tend-ailing',
  kind: 'command',
  summary: 'Suspends, probes, resumes and removes addresses whose mail fails.',
  input,
  authorise: requireOperator,
  run: async (context, { limit }) => {
    const { tx, now } = context;
    if ((await queuePaused(tx)) !== undefined) return { tended: 0 };
    const due = await dueAiling(tx, now, limit);
    for (const ailing of due) await tend(context, ailing);
    return { tended: due.length };
  },
  // Each suspension and removal has a row of its own.
  audit: () => undefined,
};

async function tend(context: Context, ailing: Ailing): Promise<void> {
  const { tx, now } = context;
  const memberships = await membershipsOf(tx, ailing.email);
  if (memberships.length === 0) return forgetAiling(tx, ailing.email);
  switch (nextStep(ailing, now)) {
    case 'suspend':
      return suspend(context, ailing, memberships);
    case 'probe':
      return probe(context, ailing, memberships);
    case 'resume':
      await resumeAddress(context, ailing.email);
      return tell(context, 'resume-address', ailing);
    case 'remove':
      await removeAiling(context, ailing, memberships);
      return tell(context, 'remove-address', ailing);
    case 'wait':
      return saveAiling(tx, [
        { ...ailing, nextAt: ailing.suspendedAt === null ? null : lookAgainAt(ailing) },
      ]);
  }
}

async function suspend(context: Context, ailing: Ailing, memberships: readonly Membership[]): Promise<void> {
  await markSuspended(context.tx, ailing.email, context.now);
  await tell(context, 'suspend-address', ailing);
  await probe(context, { ...ailing, suspendedAt: context.now, probes: 0, probedAt: null }, memberships);
}

async function probe(context: Context, ailing: Ailing, memberships: readonly Membership[]): Promise<void> {
  const probed = { ...ailing, probes: ailing.probes + 1, probedAt: context.now };
  await sendProbe(context, probed, memberships);
  await saveAiling(context.tx, [{ ...probed, nextAt: lookAgainAt(probed) }]);
}

async function tell(
  { tx, now }: Context,
  operation: string,
  { email, lastClass, lastSaid }: Ailing,
): Promise<void> {
  await recordAudit(tx, {
    at: now,
    actor: 'system',
    operation,
    detail: { email, class: lastClass, said: lastSaid },
  });
}
