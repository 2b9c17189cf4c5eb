import type { IncomingMail, RecipientResult } from '../../domain/incoming.ts';
import type { ListRef } from '../../domain/mailbox.ts';
import { verifyToken } from '../../mail/signed-token.ts';
import { storeBody } from '../../store/bodies.ts';
import { insertBounce } from '../../store/bounces.ts';
import { takeQuota } from '../../store/quotas.ts';
import type { Context } from '../operation.ts';

/**
 * Reports a day that are kept of one transaction: one for each recipient, and a few more from hosts that repeat themselves. Everybody
 * can read the return path in their own copy, and could fill the disk by it.
 */
const reportsOf = { bounce: 5, batch: 200 } as const;
const day = 86_400_000;

/**
 * Keeps a delivery report beside the delivery that its address names. Only the signed token in the address is believed, never the
 * text: whoever cannot sign moves nobody's score (email.md §6.1). Nothing is ever answered.
 */
export async function recordBounce(
  context: Context,
  mail: IncomingMail,
  list: ListRef | undefined,
  token: string | undefined,
): Promise<RecipientResult> {
  const named = token === undefined ? undefined : namedBy(context, token);
  if (!named) {
    return {
      kind: 'dropped',
      note: token ? 'forged-bounce: its token is not ours' : 'a report that names no delivery of ours',
    };
  }
  const { tx, now } = context;
  const { deliveryId, purpose } = named;
  const rate = { count: reportsOf[purpose], ms: day };
  if (!(await takeQuota(tx, `reports-of:${deliveryId}`, { rate, now }))) {
    return { kind: 'dropped', note: `delivery ${deliveryId} has been reported often enough today` };
  }
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const id = await insertBounce(tx, {
    listId: list?.id ?? null,
    deliveryId,
    bodyId,
    receivedAt: now,
  });
  return { kind: 'accepted', id, note: 'report taken' };
}

function namedBy(
  { keys }: Context,
  token: string,
): { readonly deliveryId: number; readonly purpose: 'bounce' | 'batch' } | undefined {
  for (const purpose of ['bounce', 'batch'] as const) {
    const deliveryId = verifyToken(keys, purpose, token);
    if (deliveryId !== undefined) return { deliveryId, purpose };
  }
  return undefined;
}
