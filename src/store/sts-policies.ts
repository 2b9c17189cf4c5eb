import type { Db } from './store.ts';

/** An MTA-STS policy as its domain published it (RFC 8461 §3.2). */
export interface StoredPolicy {
  /** Of the DNS record it was fetched for. */
  readonly policyId: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export async function findStsPolicy(db: Db, domain: string): Promise<StoredPolicy | undefined> {
  const row = await db
    .selectFrom('sts_policies')
    .select(['policy_id', 'policy', 'expires_at'])
    .where('domain', '=', domain)
    .executeTakeFirst();
  return row && { policyId: row.policy_id, text: row.policy, expiresAt: row.expires_at };
}

/** Those that have expired are forgotten on the way. */
export async function saveStsPolicy(
  tx: Db,
  domain: string,
  { policyId, text, expiresAt }: StoredPolicy,
  now: number,
): Promise<void> {
  const policy = { policy_id: policyId, policy: text, fetched_at: now, expires_at: expiresAt };
  await tx
    .insertInto('sts_policies')
    .values({ domain, ...policy })
    .onConflict((on) => on.column('domain').doUpdateSet(policy))
    .execute();
  await tx.deleteFrom('sts_policies').where('expires_at', '<', now).execute();
}
