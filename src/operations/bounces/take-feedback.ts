import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import type { Feedback, FeedbackToken } from '../../mail/feedback-report.ts';
import { readReport } from '../../mail/read-report.ts';
import { signToken, verifyToken } from '../../mail/signed-token.ts';
import { storeBody } from '../../store/bodies.ts';
import { findMembershipById } from '../../store/memberships.ts';
import { takeQuota } from '../../store/quotas.ts';
import { findReported } from '../../store/reported.ts';
import { leaveByToken } from '../members/leave.ts';
import type { Context } from '../operation.ts';
import { takeComplaint } from './take-complaint.ts';

/** RFC 5965 §7.3 and what providers made of it: a press on “this is spam”, or on “unsubscribe”. */
const wantsOut: ReadonlySet<string> = new Set(['abuse', 'opt-out', 'opt-out-list', 'miscategorized']);

/** Leaves of one list by complaints that nobody signed for; the rest is for people. */
const unsigned = { count: 20, ms: 86_400_000 } as const;

/**
 * A complaint of somebody's mailbox provider (email.md §6.5). Whose it is says only a token of ours in the mail complained about.
 * Undefined where people have to look: it is about something else, or names nobody of ours.
 */
export async function takeFeedback(
  context: Context,
  mail: CheckedMail,
  { type, tokens }: Feedback,
): Promise<RecipientResult | undefined> {
  if (type === 'not-spam') return { kind: 'dropped', note: 'somebody says that a mail is no spam' };
  if (!wantsOut.has(type)) return undefined;
  const membershipId = await membershipBehind(context, tokens);
  if (membershipId === undefined) return undefined;
  // Anybody who was forwarded a post has the token, and can write a report: that much they could do with the address in it, too.
  if (mail.checks.identity.class !== 'verified') return leaveInstead(context, membershipId);
  const { tx, now } = context;
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const { kind } = await context.perform(takeComplaint, { kind: 'system' }, { membershipId, bodyId, type });
  return { kind: 'done', note: `complaint of a member: ${kind}` };
}

/**
 * As by the link in the mail: with a note to the member that has a way back, and nothing that stands against joining again. Undefined where
 * a list has lost enough members that way on one day: somebody may be at it who has many of its posts.
 */
async function leaveInstead(context: Context, membershipId: number): Promise<RecipientResult | undefined> {
  const { tx, now } = context;
  const known = await findMembershipById(tx, membershipId);
  if (!known || known.left) return { kind: 'done', note: 'complaint that nobody signed for: not-a-member' };
  const bucket = `unsigned-complaints:${known.membership.listId}`;
  if (!(await takeQuota(tx, bucket, { rate: unsigned, now }))) return undefined;
  const token = signToken(context.keys, 'leave', membershipId, 23);
  const holder = { kind: 'holder', of: 'leave link' } as const;
  const { kind } = await context.perform(leaveByToken, holder, { token, how: 'complaint' });
  return { kind: 'done', note: `complaint that nobody signed for: ${kind}` };
}

/** At an address that people read: a complaint is taken if it says whose it is, and everything else goes to them. */
export async function takeComplaintMail(
  context: Context,
  mail: CheckedMail,
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
