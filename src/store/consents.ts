import { chunks } from './chunks.ts';
import type { Db } from './store.ts';

/** How a membership came about, in words that answer "who said that I wanted this?" years later. */
export interface Consent {
  /** `confirmed by mail`, `added by operator`, `imported`. */
  readonly how: string;
  /** The sentence that was agreed to, or where and when people agreed. */
  readonly wording: string;
  readonly ip?: string;
  readonly at: number;
}

/** The same consent for each of some memberships. */
export async function recordConsents(
  tx: Db,
  membershipIds: readonly number[],
  { how, wording, ip, at }: Consent,
): Promise<void> {
  for (const some of chunks(membershipIds)) {
    const rows = some.map((id) => ({ membership_id: id, how, wording, ip: ip ?? null, at }));
    await tx.insertInto('consents').values(rows).execute();
  }
}

/** Newest first. */
export async function consentsOf(db: Db, membershipId: number): Promise<Consent[]> {
  const rows = await db
    .selectFrom('consents')
    .select(['how', 'wording', 'ip', 'at'])
    .where('membership_id', '=', membershipId)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(({ ip, ...consent }) => ({ ...consent, ...(ip !== null && { ip }) }));
}
