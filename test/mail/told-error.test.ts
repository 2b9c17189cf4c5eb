import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { hearError, tellError } from '../../src/mail/told-error.ts';

/** As it arrives in another thread. */
function sentOver(error: unknown): Error {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(tellError(error));
  const { message } = receiveMessageOnPort(port2) as { message: ReturnType<typeof tellError> };
  port1.close();
  return hearError(message);
}

test.each<[string, unknown, object]>([
  ['of the system', Object.assign(new Error('no'), { code: 'EACCES' }), { message: 'no', code: 'EACCES' }],
  ['that cannot be cloned', new Error('no', { cause: () => 1 }), { name: 'Error', message: 'no' }],
  ['of the web', new DOMException('late', 'TimeoutError'), { name: 'TimeoutError', message: 'late' }],
  ['of a type', new TypeError('x'), { name: 'TypeError', message: 'x' }],
  ['that is none', 'just words', { name: 'Error', message: 'just words' }],
])('an error %s arrives with what is known of it', (_, error, known) => {
  const heard = sentOver(error);
  expect(heard).toBeInstanceOf(Error);
  expect(heard).toMatchObject(known);
});

test('the stack is that of the thread where it happened', () => {
  const error = new Error('here');
  expect(sentOver(error).stack).toBe(error.stack);
});
