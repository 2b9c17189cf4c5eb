import type { Outbox } from './outbox.ts';
import type { RecipientAnswer } from './transaction.ts';
import type { Transport, TransportWork } from './transport.ts';
import { fromWireMessage } from './wire-message.ts';

export interface CaptureOptions {
  readonly outbox: Outbox;
  now(): number;
}

/** Sends nothing: every mail ends in the outbox, as its recipient would have got it. */
export function createCapture({ outbox, now }: CaptureOptions): Transport {
  let work: TransportWork | undefined;
  let running = Promise.resolve();
  let busy = false;
  let closed = false;

  async function run(from: TransportWork): Promise<void> {
    for (let transaction = from.next(); transaction; transaction = closed ? undefined : from.next()) {
      const { returnPath, recipients, personalHead, message } = transaction;
      const raw = Buffer.concat([Buffer.from(personalHead, 'latin1'), await fromWireMessage(message)]);
      let answer: RecipientAnswer;
      try {
        const { id } = await outbox.append({ at: now(), returnPath, recipients, raw });
        answer = taken(id);
      } catch (error) {
        answer = notTaken(error);
      }
      from.settled(
        transaction,
        recipients.map(() => answer),
      );
    }
    busy = false;
  }

  return {
    destination: 'outbox',
    connections: 0,
    start(given) {
      work = given;
    },
    offer() {
      if (!work || closed || busy) return;
      busy = true;
      running = run(work);
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

function taken(id: string): RecipientAnswer {
  return { stage: 'dot', answer: { kind: 'reply', reply: { code: 250, text: `captured as ${id}` } } };
}

/** A full disk, most likely: everything waits until it is mended. */
function notTaken(error: unknown): RecipientAnswer {
  const why = error instanceof Error ? error.message : String(error);
  return { stage: 'connect', answer: { kind: 'lost', why: `The mail could not be captured: ${why}` } };
}
