import type { ClaimedDelivery } from '../store/claims.ts';
import type { Copies } from './copies.ts';

/** The personal heads of copies that were signed before a connection asks for them; each is kept as long as its delivery is in hand. */
const signed = new WeakMap<ClaimedDelivery, string>();

/** Rejects where a signature cannot be made. */
export async function signHeads(copies: Copies, deliveries: readonly ClaimedDelivery[]): Promise<void> {
  const { sign } = copies;
  if (!sign) return;
  await Promise.all(
    deliveries.map(async (delivery) => {
      const head = copies.personalHead(delivery.membershipId);
      signed.set(delivery, (await sign(head)) + head);
    }),
  );
}

export function headOf(copies: Copies, delivery: ClaimedDelivery): string {
  if (!copies.sign) return copies.personalHead(delivery.membershipId);
  const head = signed.get(delivery);
  if (head === undefined) throw new Error('the copy was not signed');
  return head;
}
