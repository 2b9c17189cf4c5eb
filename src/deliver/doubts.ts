import type { Answer } from '../domain/outcome.ts';

/**
 * Whether it is the destination that is in trouble, or only what was sent: told apart by trying something else. A transaction that
 * fails with 421, a loss, or 4yz at MAIL costs itself an attempt; where several different ones in a row fail alike, with no other in
 * between that the server took part in, nothing else is worth trying now.
 */
export interface Doubts {
  /** One more failed: whether that is enough to believe it. `transaction` is the same when it is tried again. */
  raise(transaction: number, answer: Answer): boolean;
  /** The destination took part in a transaction, whatever its answer. */
  dispel(): void;
}

/** Two may be of one mailing, or for one person at two addresses. */
const enough = 3;

export function createDoubts(): Doubts {
  const transactions = new Set<number>();
  let how = '';
  return {
    raise(transaction, answer) {
      const now = kindOf(answer);
      if (now !== how) transactions.clear();
      how = now;
      // Where it is believed already each that fails confirms it.
      if (transactions.size < enough) transactions.add(transaction);
      return transactions.size >= enough;
    },
    dispel() {
      transactions.clear();
    },
  };
}

/** The words may name a queue, an address or a time. */
function kindOf(answer: Answer): string {
  return answer.kind === 'reply' ? String(answer.reply.code) : 'lost';
}
