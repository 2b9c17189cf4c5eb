import type { Portion } from './ready.ts';
import type { Transaction } from './transaction.ts';

/** A transaction, and whose it is. */
export interface Batch extends Transaction {
  readonly portion: Portion;
  /** When a connection took it; 0: none has. */
  begunAt: number;
}

/** Throws where a copy cannot be made, with the reason. */
export function batchOf(portion: Portion): Batch {
  const { copies, deliveries } = portion;
  const [first] = deliveries;
  if (!first) throw new Error('a transaction without recipients');
  const several = deliveries.length > 1;
  return {
    portion,
    begunAt: 0,
    returnPath: copies.returnPath(first.id, several),
    recipients: several ? deliveries.map((delivery) => delivery.recipient) : [first.recipient],
    personalHead: several ? '' : copies.personalHead(first.membershipId),
    message: copies.message,
    form: copies.form,
  };
}

/** Undefined where nothing of it has to be signed any more. */
export function signBatch(batch: Batch): Promise<Batch> | undefined {
  const { copies, deliveries } = batch.portion;
  if (!copies.sign || deliveries.length > 1) return undefined;
  return copies
    .sign(batch.personalHead)
    .then((signature) => ({ ...batch, personalHead: signature + batch.personalHead }));
}
