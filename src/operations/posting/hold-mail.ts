import type { Checks } from '../../domain/checks.ts';
import type { List } from '../../domain/list.ts';
import { announcedAtOnce, nextReminder } from '../../domain/moderation.ts';
import type { Reason } from '../../domain/verdict.ts';
import { storeBody } from '../../store/bodies.ts';
import { insertHeld, type NewHeld } from '../../store/held.ts';
import { quotaEnds, takeQuota } from '../../store/quotas.ts';
import { announceHeld } from '../moderation/announce-held.ts';
import type { Context } from '../operation.ts';
import type { AcceptedMail } from './accepted-mail.ts';

const hour = 3_600_000;

/** Keeps a mail for a moderator, and tells those who moderate, at once or bundled; the held item's id. */
export async function holdMail(
  context: Context,
  mail: AcceptedMail & { readonly envelopeSender: string; readonly checks: Checks },
  list: List,
  reasons: readonly Reason[],
): Promise<{ id: number; expiresAt: number }> {
  const { facts, raw } = mail;
  const { now } = context;
  const expiresAt = now + list.settings.held_expires;
  const spam = reasons.some(({ rule }) => rule === 'spam');
  const held: NewHeld = {
    listId: list.id,
    bodyId: await storeBody(context.tx, { sha256: facts.sha256, raw, now }),
    messageId: facts.messageId,
    bodyHash: facts.bodySha256,
    envelopeSender: mail.envelopeSender,
    trace: mail.trace,
    authorEmail: facts.author?.email ?? '',
    authorName: facts.author?.name ?? '',
    subject: facts.subject,
    reasons,
    checks: mail.checks,
    spam,
    heldAt: now,
    expiresAt,
    ...(spam ? { noticedAt: null, noticeAt: null } : await timesOfNotice(context, list, expiresAt)),
  };
  const id = await insertHeld(context.tx, held);
  if (held.noticedAt !== null) await announceHeld(context, { list, held: { ...held, id }, raw });
  return { id, expiresAt };
}

/** Now and then in reminders; or with others, when the hour is over that has had its share of mails (email.md §4.6). */
async function timesOfNotice(
  context: Context,
  list: List,
  expiresAt: number,
): Promise<Pick<NewHeld, 'noticedAt' | 'noticeAt'>> {
  const { tx, now } = context;
  const bucket = `announced:${list.id}`;
  if (await takeQuota(tx, bucket, { rate: { count: announcedAtOnce, ms: hour }, now })) {
    return {
      noticedAt: now,
      noticeAt: nextReminder({ heldAt: now, expiresAt }, now, list.settings.timezone),
    };
  }
  return { noticedAt: null, noticeAt: await quotaEnds(tx, bucket) };
}
