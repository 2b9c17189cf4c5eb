import { hash } from 'node:crypto';
import type { CheckedMail } from '../../domain/incoming.ts';
import { networkOf } from '../../domain/network.ts';
import { quotaEnds, takeQuota } from '../../store/quotas.ts';
import type { Context } from '../operation.ts';

const hour = 3_600_000;
/** How long the sender of one mail is asked to come again: name servers that are down are back by then (email.md §4.3). */
const patience = 4 * hour;
/** As long as mail servers try (RFC 5321 §4.5.4.1), so that the patience does not begin anew. */
const remembered = 5 * 24 * hour;
/** What one network can make us remember a day; what is too much for that comes again, too: behind a large provider innocents wait. */
const perNetwork = { count: 1000, ms: 24 * hour };

/**
 * Whether DNS failed while the author was checked, and this mail – the same envelope sender and Message-ID – was first seen less than
 * four hours ago. Counts, so only for a mail that is to be decided about.
 */
export async function isProofPending(context: Context, mail: CheckedMail): Promise<boolean> {
  const { identity } = mail.checks;
  if (!identity.temporary || identity.class === 'verified') return false;
  const { tx, now } = context;
  const network = `dns-waits-of:${networkOf(mail.peer.ip)}`;
  if (!(await takeQuota(tx, network, { rate: perNetwork, now }))) return true;
  const bucket = `dns-wait:${hash('sha256', `${mail.envelopeSender} ${mail.facts.messageId}`, 'hex').slice(0, 32)}`;
  await takeQuota(tx, bucket, { rate: { count: 1, ms: remembered }, now });
  const firstSeen = (await quotaEnds(tx, bucket)) - remembered;
  return now < firstSeen + patience;
}
