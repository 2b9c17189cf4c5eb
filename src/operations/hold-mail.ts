import type { Checks } from '../domain/checks.ts';
import type { List } from '../domain/list.ts';
import type { Reason } from '../domain/verdict.ts';
import { storeBody } from '../store/bodies.ts';
import { insertHeld } from '../store/held.ts';
import type { Context } from './operation.ts';
import type { AcceptedMail } from './send-to-list.ts';

/** Keeps a mail for a moderator; the held item's id. */
export async function holdMail(
  context: Context,
  mail: AcceptedMail & { readonly envelopeSender: string; readonly checks: Checks },
  list: List,
  reasons: readonly Reason[],
): Promise<{ id: number; expiresAt: number }> {
  const { facts } = mail;
  const bodyId = await storeBody(context.tx, { sha256: facts.sha256, raw: mail.raw, now: context.now });
  const expiresAt = context.now + list.settings.held_expires;
  const id = await insertHeld(context.tx, {
    listId: list.id,
    bodyId,
    messageId: facts.messageId,
    bodyHash: facts.bodySha256,
    envelopeSender: mail.envelopeSender,
    trace: mail.trace,
    authorEmail: facts.author?.email ?? '',
    authorName: facts.author?.name ?? '',
    subject: facts.subject,
    reasons,
    checks: mail.checks,
    heldAt: context.now,
    expiresAt,
  });
  return { id, expiresAt };
}
