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
    id: mail.facts.sha256.toString('hex').slice(0, 16),
    recipient,
    date: context.now,
  });
}
