import type { IncomingMail } from '../domain/incoming.ts';
import { Refusal } from '../domain/refusal.ts';
import { startThread } from '../mail/start-thread.ts';
import { bufferOf } from '../mail/thread-bytes.ts';
import { hearError, tellError } from '../mail/told-error.ts';
import type { Door } from './door.ts';
import type { BoundAddress, ListenerOptions, Listeners } from './listener.ts';
import { type DoorAnswer, type FromThread, gather, type ToThread } from './thread-messages.ts';

/**
 * `createListeners` in a thread of its own: sockets, dialogue, reading and hashing take a third of what a post costs, and the second
 * core has little else to do. What stands behind the door stays in this thread.
 */
export function createThreadedListeners(options: ListenerOptions, door: Door): Promise<Listeners> {
  const thread = startThread(new URL('./listener-thread.ts', import.meta.url), { workerData: options });
  const say = gather<ToThread>(thread);
  let hasClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    hasClosed = resolve;
  });

  async function answer(id: number, question: Promise<DoorAnswer>): Promise<void> {
    try {
      say({ kind: 'answer', id, answer: await question });
    } catch (error) {
      if (error instanceof Refusal) say({ kind: 'refusal', id, code: error.code, sentence: error.message });
      else say({ kind: 'fault', id, error: tellError(error) });
    }
  }

  return new Promise((resolve, reject) => {
    const hear = (message: FromThread): unknown => {
      switch (message.kind) {
        case 'listening':
          return resolve(listenersOf(message.addresses));
        case 'not-listening':
          void thread.terminate();
          return reject(hearError(message.error));
        case 'resolve':
          return answer(message.id, door.resolve(message.address));
        case 'accept':
          return answer(message.id, door.accept(received(message.mail)));
        case 'log':
          return door.log[message.level](factsOf(message), message.sentence);
        case 'closed':
          return hasClosed();
      }
    };
    thread.on('message', (messages: readonly FromThread[]) => {
      for (const message of messages) hear(message);
    });
    // A fault of ours, as if it had happened here: nothing could receive any more.
    thread.on('error', (error) => {
      throw error;
    });
  });

  function listenersOf(addresses: readonly BoundAddress[]): Listeners {
    return {
      addresses,
      async close() {
        say({ kind: 'close' });
        await closed;
        await thread.terminate();
      },
    };
  }
}

function factsOf({ facts, err }: FromThread & { readonly kind: 'log' }): object {
  return err ? { ...facts, err: hearError(err) } : facts;
}

/** Buffers arrive as plain arrays of bytes. */
function received(mail: IncomingMail): IncomingMail {
  return {
    ...mail,
    raw: bufferOf(mail.raw),
    facts: { ...mail.facts, sha256: bufferOf(mail.facts.sha256) },
  };
}
