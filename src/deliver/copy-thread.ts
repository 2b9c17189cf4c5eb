import { parentPort } from 'node:worker_threads';
import { bufferOf, ownBytes } from '../mail/thread-bytes.ts';
import { tellError } from '../mail/told-error.ts';
import { type CopyOrder, makeCopy } from './make-copy.ts';
import type { FromCopyThread } from './order-copy.ts';

// The entry of the thread of order-copy.ts: it makes copies of large mails, one after the other.
const port = parentPort;

function say(message: FromCopyThread, given: ArrayBuffer[] = []): void {
  port?.postMessage(message, given);
}

port?.on('message', (order: CopyOrder) => {
  makeCopy({ ...order, raw: bufferOf(order.raw) }).then(
    ({ message, ...copy }) => {
      const bytes = ownBytes(message.bytes);
      say({ kind: 'made', copy: { ...copy, message: { ...message, bytes } } }, [bytes.buffer]);
    },
    (error: unknown) => say({ kind: 'failed', error: tellError(error) }),
  );
});
say({ kind: 'ready' });
