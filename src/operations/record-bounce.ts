import type { IncomingMail, RecipientResult } from '../domain/incoming.ts';
import type { ListRef } from '../domain/mailbox.ts';
import { verifyToken } from '../mail/signed-token.ts';
import { storeBody } from '../store/bodies.ts';
import { insertBounce } from '../store/bounces.ts';
import type { Context } from './operation.ts';

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
  const bodyId = await storeBody(context.tx, { sha256: mail.facts.sha256, raw: mail.raw, now: context.now });
  const id = await insertBounce(context.tx, {
    listId: list?.id ?? null,
    deliveryId: named.deliveryId,
    bodyId,
    receivedAt: context.now,
  });
  return { kind: 'accepted', id, note: 'report taken' };
}

function namedBy(context: Context, token: string): { deliveryId: number } | undefined {
  const deliveryId = verifyToken(context.keys, 'bounce', token) ?? verifyToken(context.keys, 'batch', token);
  return deliveryId === undefined ? undefined : { deliveryId };
}
