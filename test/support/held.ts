import { unchecked } from '../../src/domain/checks.ts';
import { insertHeld, type NewHeld } from '../../src/store/held.ts';
import type { Db } from '../../src/store/store.ts';
import { keepBody, start } from './outbox.ts';

/** A post of such a text that waits since `start`, made straight in the store, with what the test says of it. Returns its id. */
export async function holdText(
  tx: Db,
  text: string,
  held: Pick<NewHeld, 'listId'> & Partial<NewHeld>,
): Promise<number> {
  return insertHeld(tx, {
    bodyId: await keepBody(tx, Buffer.from(text)),
    messageId: 'a@example.org',
    bodyHash: 'b',
    envelopeSender: 'a@example.org',
    trace: '',
    authorEmail: 'a@example.org',
    authorName: '',
    subject: text,
    reasons: [],
    checks: unchecked,
    spam: false,
    heldAt: start,
    expiresAt: start + 1,
    noticedAt: null,
    noticeAt: null,
    ...held,
  });
}
