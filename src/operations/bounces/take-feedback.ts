import type { IncomingMail, RecipientResult } from '../../domain/incoming.ts';
import type { Feedback, FeedbackToken } from '../../mail/feedback-report.ts';
import { readReport } from '../../mail/read-report.ts';
import { verifyToken } from '../../mail/signed-token.ts';
import { storeBody } from '../../store/bodies.ts';
import { findReported } from '../../store/reported.ts';
import type { Context } from '../operation.ts';
import { takeComplaint } from './take-complaint.ts';

/** RFC 5965 §7.3 and what providers made of it: a press on “this is spam”, or on “unsubscribe”. */
const wantsOut: ReadonlySet<string> = new Set(['abuse', 'opt-out', 'opt-out-list', 'miscategorized']);

/**
 * A complaint of somebody's mailbox provider (email.md §6.5). Whose it is says only a token of ours in the mail complained about.
 * Undefined where people have to look: it is about something else, or names nobody of ours.
 */
export async function takeFeedback(
  context: Context,
  mail: IncomingMail,
  { type, tokens }: Feedback,
): Promise<RecipientResult | undefined> {
  if (type === 'not-spam') return { kind: 'dropped', note: 'somebody says that a mail is no spam' };
  if (!wantsOut.has(type)) return undefined;
  const membershipId = await membershipBehind(context, tokens);
  if (membershipId === undefined) return undefined;
  const { tx, now } = context;
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const { kind } = await context.perform(takeComplaint, { kind: 'system' }, { membershipId, bodyId, type });
  return { kind: 'done', note: `complaint of a member: ${kind}` };
}

/** At an address that people read: a complaint is taken if it says whose it is, and everything else goes to them. */
export async function takeComplaintMail(
  context: Context,
  mail: IncomingMail,
): Promise<RecipientResult | undefined> {
  if (!mail.facts.report) return undefined;
  const report = readReport(mail.raw);
  return report.kind === 'complaint' ? takeFeedback(context, mail, report.feedback) : undefined;
}

async function membershipBehind(
  { tx, keys }: Context,
  tokens: readonly FeedbackToken[],
): Promise<number | undefined> {
  for (const named of tokens) {
    if (named.kind === 'leave') {
      const id = verifyToken(keys, 'leave', named.token, named.length);
      if (id !== undefined) return id;
    } else {
      const deliveryId = verifyToken(keys, 'bounce', named.token);
      const delivery = deliveryId === undefined ? undefined : await findReported(tx, deliveryId);
      if (delivery && delivery.membershipId !== null) return delivery.membershipId;
    }
  }
  return undefined;
}
