import { z } from 'zod';
import type { Mailbox, MailboxRefusal } from '../../domain/mailbox.ts';
import { answerQuestion, readRecipient } from '../../domain/resolve-mailbox.ts';
import { findNames } from '../../store/list-names.ts';
import type { Operation } from '../operation.ts';

const input = z.object({ address: z.string() });

/** Asked at each RCPT: at most one statement, none for service addresses and for what is not ours. */
export const resolveMailbox: Operation<z.infer<typeof input>, Mailbox | MailboxRefusal> = {
  name: 'resolve-mailbox',
  kind: 'query',
  summary: 'Tells what an address of this site means, or why it is refused.',
  input,
  authorise: () => {},
  run: async ({ tx, site }, { address }) => {
    const reading = readRecipient(address, site);
    if (reading.kind !== 'question') return reading;
    const names = reading.readings.map(({ name }) => name);
    return answerQuestion(reading, await findNames(tx, reading.domain, names), site);
  },
};
