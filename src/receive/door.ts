import type { IncomingMail, RecipientResult } from '../domain/incoming.ts';
import type { Log } from '../domain/log.ts';
import type { Mailbox, MailboxRefusal } from '../domain/mailbox.ts';

/** What the listeners need of the program behind them. */
export interface Door {
  /** What a recipient means. `address` is as the envelope wrote it, without brackets and source route. */
  resolve(address: string): Promise<Mailbox | MailboxRefusal>;
  /** One result for each of `mail.recipients`, in their order, after the commit is on disk. Throws: nothing is stored. */
  accept(mail: IncomingMail): Promise<readonly RecipientResult[]>;
  /** Epoch milliseconds. */
  now(): number;
  readonly log: Log;
}
