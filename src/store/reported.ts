import type { MailingFacts, MailingKind } from '../domain/mailing.ts';
import { chunks } from './chunks.ts';
import { mailingKind } from './mailings.ts';
import type { Db } from './store.ts';

/** A delivery as whoever hears that it failed wants to know it. */
export interface ReportedDelivery {
  readonly id: number;
  readonly mailingId: number;
  /** When its mailing was made, epoch milliseconds. */
  readonly madeAt: number;
  readonly membershipId: number | null;
  readonly recipient: string;
  readonly kind: MailingKind;
  readonly listId: number | null;
  /** Which of our texts a notice is. */
  readonly notice: MailingFacts['notice'];
}

/** The one that a return path names, whatever became of it; undefined when it is forgotten. */
export async function findReported(db: Db, id: number): Promise<ReportedDelivery | undefined> {
  const row = await selectReported(db).where('deliveries.id', '=', id).executeTakeFirst();
  return row && toReported(row);
}

/** Those of some deliveries that have failed for good. */
export async function failedAmong(db: Db, ids: readonly number[]): Promise<readonly ReportedDelivery[]> {
  const found: ReportedDelivery[] = [];
  for (const some of chunks(ids)) {
    const rows = await selectReported(db)
      .where('deliveries.id', 'in', some)
      .where('deliveries.state', '=', 'failed')
      .execute();
    for (const row of rows) found.push(toReported(row));
  }
  return found;
}

/**
 * Those of some recipients to whom a shared copy went that its first delivery names: the ids after it, of the same mailing, settled at the
 * same moment with the same answer. What one server answered to several transactions at that moment cannot be told apart.
 */
export async function sentTogether(
  db: Db,
  first: ReportedDelivery,
  recipients: readonly string[],
): Promise<readonly ReportedDelivery[]> {
  const found: ReportedDelivery[] = [];
  for (const some of chunks(recipients)) {
    const rows = await selectReported(db)
      .innerJoin('deliveries as named', (join) => join.on('named.id', '=', first.id))
      .where('deliveries.mailing_id', '=', first.mailingId)
      .where('deliveries.recipient', 'in', some)
      .where('deliveries.id', '>=', first.id)
      .where('deliveries.state', '=', 'sent')
      .whereRef('deliveries.final_at', '=', 'named.final_at')
      // The first one may have been refused, and the others taken.
      .where((eb) =>
        eb.or([
          eb('named.state', '<>', 'sent'),
          eb('deliveries.last_reply', '=', eb.ref('named.last_reply')),
        ]),
      )
      .execute();
    for (const row of rows) found.push(toReported(row));
  }
  return found;
}

function selectReported(db: Db) {
  return db
    .selectFrom('deliveries')
    .innerJoin('mailings', 'mailings.id', 'deliveries.mailing_id')
    .select(['deliveries.id', 'deliveries.mailing_id', 'deliveries.membership_id', 'deliveries.recipient'])
    .select(['mailings.created_at', 'mailings.kind', 'mailings.list_id', 'mailings.facts']);
}

interface Row {
  readonly id: number;
  readonly mailing_id: number;
  readonly membership_id: number | null;
  readonly recipient: string;
  readonly created_at: number;
  readonly kind: string;
  readonly list_id: number | null;
  readonly facts: string;
}

function toReported(row: Row): ReportedDelivery {
  const kind = mailingKind.parse(row.kind);
  return {
    id: row.id,
    mailingId: row.mailing_id,
    madeAt: row.created_at,
    membershipId: row.membership_id,
    recipient: row.recipient,
    kind,
    listId: row.list_id,
    notice: kind === 'notice' ? (JSON.parse(row.facts) as MailingFacts).notice : undefined,
  };
}
