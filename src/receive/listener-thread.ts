import { parentPort, workerData } from 'node:worker_threads';
import type { RecipientResult } from '../domain/incoming.ts';
import type { Log } from '../domain/log.ts';
import type { Mailbox, MailboxRefusal } from '../domain/mailbox.ts';
import { Refusal } from '../domain/refusal.ts';
import { ownBytes } from '../mail/thread-bytes.ts';
import { hearError, tellError } from '../mail/told-error.ts';
import type { Door } from './door.ts';
import { createListeners, type ListenerOptions } from './listener.ts';
import { type DoorAnswer, type FromThread, gather, type ToThread } from './thread-messages.ts';

// The entry of the thread of threaded-listeners.ts: listeners whose door is in the main thread.
if (!parentPort) throw new Error('This file runs in a thread.');
const port = parentPort;
const say = gather<FromThread>(port);
const asked = new Map<number, { resolve(answer: DoorAnswer): void; reject(error: unknown): void }>();
let lastId = 0;

const door: Door = {
  resolve: (address) => ask<Mailbox | MailboxRefusal>((id) => say({ kind: 'resolve', id, address })),
  accept: (mail) =>
    ask<readonly RecipientResult[]>((id) => {
      const raw = ownBytes(mail.raw);
      say({ kind: 'accept', id, mail: { ...mail, raw } }, raw.buffer);
    }),
  now: Date.now,
  log: { info: logAs('info'), warn: logAs('warn'), error: logAs('error') },
};

const listeners = createListeners(workerData as ListenerOptions, door);
listeners.then(
  ({ addresses }) => say({ kind: 'listening', addresses }),
  (error: unknown) => say({ kind: 'not-listening', error: tellError(error) }),
);

port.on('message', (messages: readonly ToThread[]) => {
  for (const message of messages) hear(message);
});

function hear(message: ToThread): void {
  if (message.kind === 'close') {
    void listeners.then(({ close }) => close()).then(() => say({ kind: 'closed' }));
    return;
  }
  const { id } = message;
  const waiting = asked.get(id);
  asked.delete(id);
  if (message.kind === 'answer') waiting?.resolve(message.answer);
  else if (message.kind === 'refusal') waiting?.reject(new Refusal(message.code, message.sentence));
  else waiting?.reject(hearError(message.error));
}

function ask<Answer extends DoorAnswer>(question: (id: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    lastId += 1;
    asked.set(lastId, { resolve: (answer) => resolve(answer as Answer), reject });
    question(lastId);
  });
}

function logAs(level: keyof Log): Log[typeof level] {
  return (facts, sentence) => {
    const { err, ...others } = facts as { readonly err?: unknown };
    const told = err === undefined ? undefined : tellError(err);
    say({ kind: 'log', level, facts: others, err: told, sentence });
  };
}
