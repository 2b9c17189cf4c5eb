import type { IncomingMail } from '../../domain/incoming.ts';
import { renderTrace } from '../../mail/trace.ts';
import type { Context } from '../operation.ts';

/** The value of our Received field for a mail that just came in (RFC 5321 §4.4). */
export function receivedValue(context: Context, mail: IncomingMail, recipient: string): string {
  const { helo, ip, protocol, tls, utf8 = false } = mail.peer;
  return renderTrace({
    helo,
    ip,
    protocol,
    tls,
    utf8,
    hostname: context.site.hostname,
    id: receptionId(mail.facts.sha256),
    recipient,
    date: context.now,
  });
}

/** What names the reception of these bytes in our Received field and log. */
export function receptionId(sha256: Buffer): string {
  return sha256.toString('hex', 0, 8);
}
