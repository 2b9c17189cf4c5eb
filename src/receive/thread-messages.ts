import type { IncomingMail, RecipientResult } from '../domain/incoming.ts';
import type { Log } from '../domain/log.ts';
import type { Mailbox, MailboxRefusal } from '../domain/mailbox.ts';
import type { RefusalCode } from '../domain/refusal.ts';
import type { ToldError } from '../mail/told-error.ts';
import type { BoundAddress } from './listener.ts';

/** What the thread of the listeners says; `id` comes back with the answer. */
export type FromThread =
  | { readonly kind: 'listening'; readonly addresses: readonly BoundAddress[] }
  | { readonly kind: 'not-listening'; readonly error: ToldError }
  | { readonly kind: 'resolve'; readonly id: number; readonly address: string }
  | { readonly kind: 'accept'; readonly id: number; readonly mail: IncomingMail }
  | {
      readonly kind: 'log';
      readonly level: keyof Log;
      readonly facts: object;
      readonly err: ToldError | undefined;
      readonly sentence: string;
    }
  | { readonly kind: 'closed' };

export type ToThread =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: DoorAnswer }
  | { readonly kind: 'refusal'; readonly id: number; readonly code: RefusalCode; readonly sentence: string }
  | { readonly kind: 'fault'; readonly id: number; readonly error: ToldError }
  | { readonly kind: 'close' };

export type DoorAnswer = Mailbox | MailboxRefusal | readonly RecipientResult[];

/** A port of either side. */
interface Port<Message> {
  postMessage(messages: readonly Message[], transfer: ArrayBuffer[]): void;
}

/**
 * Says everything of one turn of the event loop at once: to wake the other thread costs both of them more than what a mail brings along.
 * `given` goes over without being copied, and is lost here.
 */
export function gather<Message>(port: Port<Message>): (message: Message, given?: ArrayBuffer) => void {
  let messages: Message[] = [];
  let transfer: ArrayBuffer[] = [];

  function send(): void {
    const [said, gone] = [messages, transfer];
    messages = [];
    transfer = [];
    port.postMessage(said, gone);
  }

  return (message, given) => {
    if (messages.length === 0) setImmediate(send);
    messages.push(message);
    if (given) transfer.push(given);
  };
}
