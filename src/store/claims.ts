import { type Expression, type SqlBool, sql } from 'kysely';
import { jsonRows } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** For how long somebody has what they claim, and who. */
export interface Lease {
  /** Epoch milliseconds: until then nobody else takes it. */
  readonly until: number;
  /** The run of a server (claimant.ts); null where there can be no other server. */
  readonly by: number | null;
}

/** A delivery in a worker's hands until its lease runs out. */
export interface ClaimedDelivery {
  readonly id: number;
  readonly mailingId: number;
  readonly membershipId: number | null;
  readonly recipient: string;
  readonly priority: number;
  /** Its place within its mailing. */
  readonly turn: number;
  /** When it became due: after its time to give up only where an operator asked for one more try. */
  readonly dueAt: number;
  /** Until then nobody else takes it. */
  readonly leaseUntil: number;
  /** Finished attempts before this one. */
  readonly attempts: number;
  /** How often the message was sent whole and no answer came. */
  readonly unanswered: number;
}

export interface ClaimQuestion {
  readonly limit: number;
  readonly now: number;
  readonly lease: Lease;
  /** Only deliveries at or before this place in the order; absent: all. */
  readonly upTo?: Place | undefined;
  readonly skipLocked: boolean;
}

/** Claims go by priority, then by turn. */
export interface Place {
  readonly priority: number;
  readonly turn: number;
}

const lastPlace: Place = { priority: 2 ** 31 - 1, turn: Number.MAX_SAFE_INTEGER };

/**
 * Takes due deliveries, in no order, unless the queue is paused. By priority, then by turn: a mailing that has just come in goes
 * before one that has already had thousands. Members who have left, paused or been suspended since get nothing: theirs are cancelled.
 */
export async function claimDeliveries(tx: Db, question: ClaimQuestion): Promise<Claim> {
  const { limit, now, lease, upTo = lastPlace } = question;
  const rows = await (question.skipLocked ? claimUnlocked : claim).all(tx, { limit, ...lease, ...upTo });
  const gone = rows.filter((row) => row.gone === 1).map((row) => row.id);
  if (gone.length > 0) await cancelClaimed.run(tx, { ids: JSON.stringify(gone), now });
  const deliveries = rows
    .filter((row) => row.gone === 0)
    .map((row) => ({
      id: row.id,
      mailingId: row.mailing_id,
      membershipId: row.membership_id,
      recipient: row.recipient,
      priority: row.priority,
      turn: row.turn,
      dueAt: row.next_at,
      leaseUntil: lease.until,
      attempts: row.attempts,
      unanswered: row.unanswered,
    }));
  return { deliveries, more: rows.length === limit };
}

export interface Claim {
  readonly deliveries: readonly ClaimedDelivery[];
  /** The limit was reached: there may be more. */
  readonly more: boolean;
}

/** Makes deferred deliveries whose time has come due, at most `limit`; how many there were. */
export function promoteDue(tx: Db, { now, limit }: { now: number; limit: number }): Promise<number> {
  return promote.run(tx, { now, limit });
}

/** When the next deferred delivery is due; undefined when none waits. */
export async function nextDueAt(db: Db): Promise<number | undefined> {
  const row = await earliestDeferred.first(db, {});
  return row?.next_at;
}

/** Puts claimed deliveries back that were not tried, with the reason where there is one. */
export async function releaseClaims(
  tx: Db,
  ids: readonly number[],
  reason: string | null = null,
): Promise<void> {
  if (ids.length > 0) await release.run(tx, { ids: JSON.stringify(ids), reason });
}

/** Puts back what another worker claimed and never settled: past its lease, or `all` where there can be no other worker. */
export async function releaseAbandoned(tx: Db, { now, all }: { now: number; all: boolean }): Promise<number> {
  return releaseExpired.run(tx, { now: all ? Number.MAX_SAFE_INTEGER : now });
}

/** Puts back what a run of a server claimed and can settle no more; how many there were. */
export async function releaseClaimsOf(tx: Db, claimant: number): Promise<number> {
  return releaseOf.run(tx, { claimant });
}

interface ClaimValues extends Place, Lease {
  readonly limit: number;
}

const claim = statement((db: Db, given: Given<ClaimValues>) => claimQuery(db, given, false));
const claimUnlocked = statement((db: Db, given: Given<ClaimValues>) => claimQuery(db, given, true));

function claimQuery(db: Db, given: Given<ClaimValues>, skipLocked: boolean) {
  return db
    .with('due', (cte) => {
      const due = cte
        .selectFrom('deliveries')
        .select('id')
        .where('state', '=', sql.lit('queued'))
        .where(sql<SqlBool>`(priority, turn) <= (${given.priority}, ${given.turn})`)
        .where((eb) =>
          eb.not(
            eb.exists(eb.selectFrom('switches').select('name').where('name', '=', sql.lit('queue.paused'))),
          ),
        )
        .orderBy('priority')
        .orderBy('turn')
        .orderBy('id')
        .limit(given.limit);
      return skipLocked ? due.forUpdate().skipLocked() : due;
    })
    .updateTable('deliveries')
    .set({ state: sql.lit('claimed'), lease_until: given.until, claimed_by: given.by })
    .where('id', 'in', (eb) => eb.selectFrom('due').select('due.id'))
    .returning([
      'id',
      'mailing_id',
      'membership_id',
      'recipient',
      'priority',
      'turn',
      'next_at',
      'attempts',
      'unanswered',
      memberGone().as('gone'),
    ]);
}

/** Notices still reach whom they are about: only posts stop. */
function memberGone() {
  return sql<number>`case when exists (
    select 1 from memberships m where m.id = deliveries.membership_id
      and (m.left_at is not null or m.paused_at is not null or m.suspended_at is not null)
      and exists (select 1 from mailings g where g.id = deliveries.mailing_id and g.kind = 'post')
  ) then 1 else 0 end`;
}

const cancelClaimed = statement((db: Db, given: Given<{ ids: string; now: number }>) =>
  db
    .updateTable('deliveries')
    .set({
      state: 'cancelled',
      lease_until: null,
      final_at: given.now,
      last_code: null,
      last_reply: 'The member no longer gets posts.',
    })
    .where('id', 'in', idsOf(db, given.ids)),
);

const promote = statement((db: Db, given: Given<{ now: number; limit: number }>) =>
  db
    .updateTable('deliveries')
    .set({ state: sql.lit('queued') })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('deliveries')
        .select('id')
        .where('state', '=', sql.lit('deferred'))
        .where('next_at', '<=', given.now)
        .orderBy('next_at')
        .limit(given.limit),
    )
    .where('state', '=', sql.lit('deferred')),
);

const earliestDeferred = statement((db: Db) =>
  db
    .selectFrom('deliveries')
    .select('next_at')
    .where('state', '=', sql.lit('deferred'))
    .orderBy('next_at')
    .limit(1),
);

const release = statement((db: Db, given: Given<{ ids: string; reason: string | null }>) =>
  db
    .updateTable('deliveries')
    .set((eb) => ({
      state: sql.lit('queued'),
      lease_until: null,
      // The reason has its code in it.
      last_code: sql<number | null>`case when cast(${given.reason} as text) is null then last_code end`,
      last_reply: eb.fn.coalesce(sql<string | null>`cast(${given.reason} as text)`, 'last_reply'),
    }))
    .where('id', 'in', idsOf(db, given.ids))
    .where('state', '=', 'claimed'),
);

const releaseExpired = statement((db: Db, given: Given<{ now: number }>) =>
  db
    .updateTable('deliveries')
    .set({ state: sql.lit('queued'), lease_until: null })
    .where('state', '=', sql.lit('claimed'))
    .where('lease_until', '<=', given.now),
);

const releaseOf = statement((db: Db, given: Given<{ claimant: number }>) =>
  db
    .updateTable('deliveries')
    .set({ state: sql.lit('queued'), lease_until: null })
    .where('state', '=', sql.lit('claimed'))
    .where('claimed_by', '=', given.claimant),
);

function idsOf(db: Db, json: Expression<string>) {
  return sql<number>`(select cast(${sql.ref('ids.value')} as bigint) from ${jsonRows(db, json)} as ids)`;
}
