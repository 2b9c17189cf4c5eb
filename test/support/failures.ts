import type { Ailing } from '../../src/domain/ailing.ts';
import type { RecipientResult } from '../../src/domain/incoming.ts';
import { signToken } from '../../src/mail/signed-token.ts';
import { noteFailures } from '../../src/operations/bounces/note-failures.ts';
import { findAiling } from '../../src/store/ailing.ts';
import { settleDeliveries } from '../../src/store/settle.ts';
import type { Desk } from './desk.ts';
import { deliverOne } from './letterbox.ts';

/** Mail that does not arrive, for tests without sockets. */

export async function lastDelivery(desk: Desk, to: string): Promise<{ readonly id: number }> {
  return desk.store.read((db) =>
    db
      .selectFrom('deliveries')
      .select('id')
      .where('recipient', '=', to)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow(),
  );
}

/** What the worker does when somebody's server refuses the newest mail to them: `550 5.1.1 No such user`; without a code nobody answered. */
export async function refuse(desk: Desk, to: string, answer: string, viaRelay = false): Promise<void> {
  await refuseAll(desk, [to], answer, viaRelay);
}

/** The same for many at once. */
export async function refuseAll(
  desk: Desk,
  recipients: readonly string[],
  answer: string,
  viaRelay = false,
): Promise<void> {
  const [, code, text = answer] = /^(\d{3}) (.*)$/.exec(answer) ?? [];
  const said = { code: code === undefined ? null : Number(code), reply: text };
  const ids: number[] = [];
  for (const to of recipients) ids.push((await lastDelivery(desk, to)).id);
  await desk.store.write(async (tx) => {
    await tx.updateTable('deliveries').set({ state: 'claimed' }).where('id', 'in', ids).execute();
    const failures = ids.map((id) => ({ kind: 'failed', id, ...said }) as const);
    await settleDeliveries(tx, failures, desk.now);
    await noteFailures(tx, failures, { now: desk.now, site: desk.site, viaRelay });
  });
}

/** A mail that comes to the return path of the newest mail to somebody. */
export async function report(desk: Desk, to: string, raw: Buffer): Promise<RecipientResult> {
  const { id } = await lastDelivery(desk, to);
  const address = `birds-bounces+${signToken(desk.keys, 'bounce', id)}@lists.example.org`;
  return deliverOne(desk, { from: '', envelopeSender: '', to: address, raw });
}

/** What a mail server writes when it could not deliver (RFC 3464). */
export function reportMail(recipient: string, answer: string, action = 'failed'): Buffer {
  const status = /[245]\.\d+\.\d+/.exec(answer)?.[0] ?? '5.0.0';
  return Buffer.from(
    [
      'From: MAILER-DAEMON@mx.example.com',
      'Subject: Undelivered Mail Returned to Sender',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'Your mail could not be delivered.',
      '',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example.com',
      '',
      `Final-Recipient: rfc822; ${recipient}`,
      `Action: ${action}`,
      `Status: ${status}`,
      `Diagnostic-Code: smtp; ${answer}`,
      '',
      '--b--',
      '',
    ].join('\r\n'),
  );
}

export function ailing(desk: Desk, email: string): Promise<Ailing | undefined> {
  return desk.store.read((db) => findAiling(db, email));
}
