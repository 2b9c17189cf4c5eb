import { type List, listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { takeQuota } from '../../store/quotas.ts';
import type { Context } from '../operation.ts';

const perDay = { count: 100, ms: 86_400_000 };

/**
 * Owners and moderators write to strangers through us when they add or invite: so many a day for each list, or a stolen mailbox would be
 * a mail cannon. Whoever runs the site has other ways, and none of this.
 */
export async function limitOfficers({ actor, tx, now }: Context, list: List, people: number): Promise<void> {
  if (actor.kind !== 'verified') return;
  if (await takeQuota(tx, `added-to:${list.id}`, { rate: perDay, now, weight: people })) return;
  throw new Refusal(
    'limit',
    `${listAddress(list)} has had its ${perDay.count} additions and invitations of today: go on tomorrow, or ask the operators.`,
  );
}
