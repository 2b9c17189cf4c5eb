import { domainPart } from '../../domain/address.ts';
import { reportsFor } from '../../domain/feedback-sender.ts';
import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import { listAddress } from '../../domain/list.ts';
import type { Membership } from '../../domain/membership.ts';
import type { Feedback, FeedbackToken } from '../../mail/feedback-report.ts';
import { readReport } from '../../mail/read-report.ts';
import { signToken, verifyToken } from '../../mail/signed-token.ts';
import { storeBody } from '../../store/bodies.ts';
import { loadList } from '../../store/lists.ts';
import type { KnownMembership } from '../../store/membership-row.ts';
import { findMembershipById } from '../../store/memberships.ts';
import { takeQuota } from '../../store/quotas.ts';
import { findReported } from '../../store/reported.ts';
import { leaveByToken } from '../members/leave.ts';
import type { Context } from '../operation.ts';
import { takeComplaint } from './take-complaint.ts';

/** RFC 5965 §7.3 and what providers made of it: a press on “this is spam”, or on “unsubscribe”. */
const wantsOut: ReadonlySet<string> = new Set(['abuse', 'opt-out', 'opt-out-list', 'miscategorized']);

/** Leaves of one list by complaints that no provider signed; the rest is for people. */
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
  const { tx, now } = context;
  const known = await findMembershipById(tx, membershipId);
  if (!known) return { kind: 'done', note: 'complaint of somebody who is no member' };
  const { membership } = known;
  // Anybody who was forwarded a post has the token, and can write a report: that much they could do with the address in it, too.
  if (!isProvider(mail, membership)) return leaveInstead(context, known);
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const { kind } = await context.perform(takeComplaint, { kind: 'system' }, { membershipId, bodyId, type });
  return { kind: 'done', note: await noteOf(context, membership, `complaint: ${kind}`) };
}

/** Proved to be of the domain of whoever complained, or of who runs it: only there they can have pressed the button. */
function isProvider({ checks, facts }: CheckedMail, { email }: Membership): boolean {
  const sender = facts.author?.email;
  if (checks.identity.class !== 'verified' || sender === undefined) return false;
  return reportsFor(sender, domainPart(email));
}

/** `complaint: left (bo@example.com, birds@lists.example.org)`, for the log. */
async function noteOf({ tx }: Context, { email, listId }: Membership, what: string): Promise<string> {
  const list = await loadList(tx, listId);
  return `${what} (${email}, ${list ? listAddress(list) : `list ${listId}`})`;
}

/**
 * As by the link in the mail: with a note to the member that has a way back, and nothing that stands against joining again. Undefined where
 * a list has lost enough members that way on one day: somebody may be at it who has many of its posts.
 */
async function leaveInstead(
  context: Context,
  { membership, left }: KnownMembership,
): Promise<RecipientResult | undefined> {
  const { tx, now } = context;
  const note = (kind: string) =>
    noteOf(context, membership, `complaint that their provider did not sign: ${kind}`);
  if (left) return { kind: 'done', note: await note('not-a-member') };
  const bucket = `unsigned-complaints:${membership.listId}`;
  if (!(await takeQuota(tx, bucket, { rate: unsigned, now }))) return undefined;
  const token = signToken(context.keys, 'leave', membership.id, 23);
  const holder = { kind: 'holder', of: 'leave link' } as const;
  const { kind } = await context.perform(leaveByToken, holder, { token, how: 'complaint' });
  return { kind: 'done', note: await note(kind) };
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
