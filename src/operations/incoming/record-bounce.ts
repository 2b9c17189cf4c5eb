import { worthOf } from '../../domain/ailing.ts';
import { classifyFailure, type FailureClass } from '../../domain/failure-class.ts';
import type { CheckedMail, RecipientResult } from '../../domain/incoming.ts';
import type { ListRef } from '../../domain/mailbox.ts';
import type { ReportedRecipient } from '../../mail/delivery-status.ts';
import { readReport } from '../../mail/read-report.ts';
import { verifyToken } from '../../mail/signed-token.ts';
import { storeBody } from '../../store/bodies.ts';
import { insertBounces, reportedAmong } from '../../store/bounces.ts';
import { takeQuota } from '../../store/quotas.ts';
import { findReported, type ReportedDelivery, sentTogether } from '../../store/reported.ts';
import { countFailures, type ToldFailure } from '../bounces/count-failures.ts';
import { takeFeedback } from '../bounces/take-feedback.ts';
import { tripBreakers } from '../bounces/trip-breakers.ts';
import type { Context } from '../operation.ts';

/**
 * Reports a day that are kept of one transaction: one for each recipient, and a few more from hosts that repeat themselves. Everybody
 * can read the return path in their own copy, and could fill the disk by it.
 */
const reportsOf = { bounce: 5, batch: 200 } as const;
/** Recipients of one transaction (RFC 5321 §4.5.3.1.8). */
const mostShared = 100;
const day = 86_400_000;

/**
 * A mail to a return path of ours. Only the signed token in the address says whom it is about, never the text: whoever cannot sign moves
 * nobody's score (email.md §6.1). Nothing is ever answered.
 */
export async function recordBounce(
  context: Context,
  mail: CheckedMail,
  list: ListRef | undefined,
  token: string | undefined,
): Promise<RecipientResult> {
  const named = token === undefined ? undefined : namedBy(context, token);
  if (!named) return withoutName(context, mail, token);
  const { tx, now } = context;
  const { deliveryId, purpose } = named;
  const rate = { count: reportsOf[purpose], ms: day };
  if (!(await takeQuota(tx, `reports-of:${deliveryId}`, { rate, now }))) {
    return drop(`delivery ${deliveryId} has been reported often enough today`);
  }
  const delivery = await findReported(tx, deliveryId);
  if (!delivery) return drop(`delivery ${deliveryId} is no longer known`);
  const report = readReport(mail.raw);
  switch (report.kind) {
    case 'complaint':
      return (
        (await takeFeedback(context, mail, report.feedback)) ?? drop('a complaint that needs nothing done')
      );
    case 'nothing':
      return report.why === 'no report' && mail.envelopeSender === ''
        ? keepUnread(context, mail, { delivery, list })
        : drop(`${report.why}: counts as nothing`);
    case 'delivery':
      return takeReport(context, mail, { delivery, purpose, recipients: report.recipients });
  }
}

/** A complaint brings its proof along; nothing else is believed without the address. */
async function withoutName(
  context: Context,
  mail: CheckedMail,
  token: string | undefined,
): Promise<RecipientResult> {
  if (token !== undefined) return drop('forged-bounce: its token is not ours');
  const report = readReport(mail.raw);
  const taken = report.kind === 'complaint' ? await takeFeedback(context, mail, report.feedback) : undefined;
  return taken ?? drop('a report that names no delivery of ours');
}

/** Kept for whoever looks, and counts as nothing: holiday notices without a mark come from the null sender, too (RFC 3834 §3.3). */
async function keepUnread(
  context: Context,
  mail: CheckedMail,
  { delivery, list }: { readonly delivery: ReportedDelivery; readonly list: ListRef | undefined },
): Promise<RecipientResult> {
  const { tx, now } = context;
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const [id = 0] = await insertBounces(tx, [
    {
      listId: list?.id ?? delivery.listId,
      deliveryId: delivery.id,
      bodyId,
      receivedAt: now,
      kind: 'report',
      email: delivery.recipient,
      class: null,
      status: null,
      said: mail.facts.subject.slice(0, 200),
      points: 0,
    },
  ]);
  return { kind: 'accepted', id, note: 'kept: nobody can tell what it reports' };
}

interface Reported {
  readonly delivery: ReportedDelivery;
  readonly purpose: 'bounce' | 'batch';
  readonly recipients: readonly ReportedRecipient[];
}

async function takeReport(context: Context, mail: CheckedMail, reported: Reported): Promise<RecipientResult> {
  const { tx, now, site } = context;
  const failed = reported.recipients.filter(({ action }) => action === 'failed');
  if (failed.length === 0) return drop('no failure is reported: counts as nothing');
  const told = await whoFailed(context, { ...reported, recipients: failed });
  if (told.length === 0) return drop('a report about nobody whom this copy went to');
  // One failure each: whoever has seen a return path could report it every day.
  const known = await reportedAmong(
    tx,
    told.map(({ delivery }) => delivery),
  );
  const news = told.filter(({ delivery }) => !known.has(delivery.id));
  if (news.length === 0) return drop('it has been reported before: counts as nothing');
  if (reported.purpose === 'batch' && !(await fitsTransaction(context, reported.delivery, news.length)))
    return drop('more recipients than one transaction has: counts as nothing');
  const bodyId = await storeBody(tx, { sha256: mail.facts.sha256, raw: mail.raw, now });
  const failures = news.map((each): ToldFailure => ({ ...each, kind: 'report', bodyId }));
  const [id = 0] = await countFailures(tx, failures, { now, site });
  await tripBreakers(tx, failures.filter(isRefusedPost), now);
  return { kind: 'accepted', id, note: `report taken: ${failures.map((each) => each.class).join(', ')}` };
}

/** All reports of a shared copy together name no more recipients than one copy goes to. */
function fitsTransaction({ tx, now }: Context, { id }: ReportedDelivery, weight: number): Promise<boolean> {
  return takeQuota(tx, `named-by:${id}`, { rate: { count: mostShared, ms: 30 * day }, now, weight });
}

/** A relay takes everything, and what the others there think of a post comes back by mail. */
function isRefusedPost({ class: failureClass, certain, delivery }: ToldFailure): boolean {
  return failureClass === 'policy' && certain && delivery.kind === 'post';
}

type Told = Omit<ToldFailure, 'kind' | 'bodyId'>;

/**
 * Of a copy with one recipient that one, whatever the report calls them: they may have forwarded it. Of a shared copy those it names
 * whom it went to; everybody of them has seen its return path, so it counts for little.
 */
async function whoFailed(
  { tx }: Context,
  { delivery, purpose, recipients }: Reported,
): Promise<readonly Told[]> {
  if (purpose === 'bounce') {
    const [gravest] = recipients.map(judge).sort((a, b) => worthOf(b.class, true) - worthOf(a.class, true));
    return gravest ? [{ delivery, certain: true, ...gravest }] : [];
  }
  const byAddress = new Map(
    recipients.flatMap((recipient) =>
      recipient.addresses.map((address) => [address.toLowerCase(), recipient] as const),
    ),
  );
  const deliveries = await sentTogether(tx, delivery, [...byAddress.keys()]);
  return deliveries.flatMap((each) => {
    const recipient = byAddress.get(each.recipient);
    return recipient ? [{ delivery: each, certain: false, ...judge(recipient) }] : [];
  });
}

function judge({ status, said, stage }: ReportedRecipient): {
  readonly class: FailureClass;
  readonly status: string | undefined;
  readonly said: string;
} {
  return { class: classifyFailure({ status, text: said, stage }), status, said };
}

function namedBy(
  { keys }: Context,
  token: string,
): { readonly deliveryId: number; readonly purpose: 'bounce' | 'batch' } | undefined {
  for (const purpose of ['bounce', 'batch'] as const) {
    const deliveryId = verifyToken(keys, purpose, token);
    if (deliveryId !== undefined) return { deliveryId, purpose };
  }
  return undefined;
}

function drop(note: string): RecipientResult {
  return { kind: 'dropped', note };
}
