import type { Address } from '../../domain/address.ts';
import type { CheckedMail } from '../../domain/incoming.ts';
import type { List } from '../../domain/list.ts';
import type { TextKey, TextValues } from '../../mail/texts.ts';
import { answer, clientOf } from '../answering.ts';
import type { Context } from '../operation.ts';
import type { Origin } from '../requests/request-join.ts';
import type { OfficerCommand } from './officer-command.ts';

/** A command mail being worked on: who wrote it, to what, and how to answer. */
export interface CommandDesk {
  readonly context: Context;
  readonly mail: CheckedMail;
  /**
   * The From. Unless the actor is `verified` it proves nothing: whatever changes something is confirmed. Whatever tells something goes to
   * this address only.
   */
  readonly author: Address;
  readonly authorName: string;
  readonly origin: Origin;
  /** What the author wants done as an owner or moderator, by list; settled when the whole mail has been read. */
  readonly wanted: Map<number, { readonly list: List; readonly commands: readonly OfficerCommand[] }>;
  /** What came of it, for the log. */
  readonly outcomes: string[];
  reply(text: TextKey, values?: TextValues, list?: List): Promise<void>;
}

/** A limit was reached: whoever asked hears nothing, and the operator does. */
export const notAnswered = 'not answered';

export function openDesk(context: Context, mail: CheckedMail, author: Address): CommandDesk {
  const outcomes: string[] = [];
  return {
    context,
    mail,
    author,
    authorName: mail.facts.author?.name ?? '',
    wanted: new Map(),
    outcomes,
    origin: { messageId: mail.facts.messageId, ip: clientOf(mail) },
    reply: async (text, values = {}, list = undefined) => {
      const notice = { text, values: { email: author, ...values }, ...(list ? { list } : {}) };
      if (!(await answer(context, mail, notice))) outcomes.push(notAnswered);
    },
  };
}
