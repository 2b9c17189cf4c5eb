import type { SignCopies } from '../mail/dkim-sign.ts';
import { type Filling, textOf } from '../mail/template.ts';
import type { Portion } from './ready.ts';
import type { Transaction } from './transaction.ts';

/** A transaction, and whose it is. */
export interface Batch extends Transaction {
  readonly portion: Portion;
  /** What `personalHead` is made of; undefined where nothing of it has to be signed. */
  readonly toSign: Filling | undefined;
  personalHead: string;
  /** When a connection took it; 0: none has. */
  begunAt: number;
}

/** Throws where a copy cannot be made, with the reason. */
export function batchOf(portion: Portion): Batch {
  const { copies, deliveries } = portion;
  const [first] = deliveries;
  if (!first) throw new Error('a transaction without recipients');
  const several = deliveries.length > 1;
  const own = several ? undefined : copies.personalHead(first.membershipId);
  return {
    portion,
    toSign: copies.sign && own,
    begunAt: 0,
    returnPath: copies.returnPath(first.id, several),
    recipients: several ? deliveries.map((delivery) => delivery.recipient) : [first.recipient],
    personalHead: own ? textOf(own) : '',
    message: copies.message,
    form: copies.form,
  };
}

/** Puts the signatures on top of those that need one, together where they are copies of one mailing: to sign a single one costs a quarter more. */
export async function signBatches(batches: readonly Batch[]): Promise<void> {
  const mailings = new Map<SignCopies, Batch[]>();
  for (const batch of batches) {
    const { sign } = batch.portion.copies;
    if (!batch.toSign || !sign) continue;
    const others = mailings.get(sign);
    if (others) others.push(batch);
    else mailings.set(sign, [batch]);
  }
  await Promise.all(
    Array.from(mailings, async ([sign, copies]) => {
      const signatures = await sign(copies.flatMap(({ toSign }) => toSign ?? []));
      for (const [i, batch] of copies.entries()) batch.personalHead = signatures[i] + batch.personalHead;
    }),
  );
}
