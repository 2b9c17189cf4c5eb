import { type Expression, type RawBuilder, sql } from 'kysely';
import type { DeliveryState } from '../domain/mailing.ts';
import type { ClaimedDelivery, Lease } from './claims.ts';
import { isPostgres } from './json-rows.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/**
 * A post's deliveries, in steps of memberships: the first with the post itself, the others by the worker, so that no list is so
 * large that it holds up everybody else (100,000 rows at once hold the loop for 100 ms). The cursor in the mailing says how far it
 * has come; whoever finds one goes on from there.
 *
 * A worker that will send them itself has them claimed as they are made: to claim a row later costs several times what it costs to make it.
 */
const stepSize = 10_000;

export interface FanOut {
  readonly mailingId: number;
  readonly listId: number;
  readonly now: number;
  /** Left out where this member wants no own copy. */
  readonly authorEmail: string;
  /** The deliveries are made claimed; undefined: queued, for any worker. */
  readonly lease: Lease | undefined;
}

/** The first step, in the post's own transaction. Returns the deliveries where they are claimed. */
export async function startFanOut(tx: Db, fanOut: FanOut): Promise<readonly ClaimedDelivery[]> {
  return step(tx, { ...fanOut, acceptedAt: fanOut.now, cursor: 0, count: 0 });
}

/** Whether some mailing is not complete. */
export async function hasGrowing(db: Db): Promise<boolean> {
  return (await incomplete.first(db, {})) !== undefined;
}

export interface FanOutProgress {
  /** There was a mailing that was not complete: there may be another, or more of this one. */
  readonly growing: boolean;
  readonly claimed: readonly ClaimedDelivery[];
}

/** One more step of a mailing that is not complete, if there is one. Safe beside other nodes that do the same. */
export async function continueFanOut(
  tx: Db,
  {
    now,
    skipLocked,
    lease,
  }: { readonly now: number; readonly skipLocked: boolean; readonly lease: Lease | undefined },
): Promise<FanOutProgress> {
  const next = await (skipLocked ? unlockedIncomplete : incomplete).first(tx, {});
  if (!next || next.list_id === null || next.fan_out_cursor === null) return { growing: false, claimed: [] };
  const claimed = await step(tx, {
    mailingId: next.id,
    listId: next.list_id,
    now,
    acceptedAt: next.created_at,
    authorEmail: next.author_email ?? '',
    cursor: next.fan_out_cursor,
    count: next.fan_out_count,
    lease,
  });
  return { growing: true, claimed };
}

async function step(
  tx: Db,
  from: FanOut & { readonly acceptedAt: number; readonly cursor: number; readonly count: number },
): Promise<readonly ClaimedDelivery[]> {
  const { listId, cursor, mailingId, lease } = from;
  const end = await stepEnd.first(tx, { listId, cursor });
  const made = { ...from, upTo: end?.address_id ?? Number.MAX_SAFE_INTEGER };
  const claimed = lease ? await makeClaimed(tx, { ...made, ...lease }) : [];
  const count = lease ? claimed.length : await insertQueued.run(tx, made);
  await saveProgress.run(tx, { mailingId, cursor: end?.address_id ?? null, count: from.count + count });
  return claimed;
}

async function makeClaimed(tx: Db, made: Step & Lease): Promise<readonly ClaimedDelivery[]> {
  const joined = isPostgres(tx) ? await insertAndTell.first(tx, made) : await insertThenTell(tx, made);
  if (!joined?.ids) return [];
  const { mailingId, acceptedAt: dueAt, count: turn, until: leaseUntil } = made;
  const { priority } = joined;
  const membershipIds = joined.membership_ids.split(' ');
  const recipients = joined.recipients.split(' ');
  return joined.ids.split(' ').map((id, i) => ({
    id: Number(id),
    mailingId,
    membershipId: Number(membershipIds[i]),
    recipient: recipients[i] ?? '',
    priority,
    turn,
    dueAt,
    leaseUntil,
    attempts: 0,
    unanswered: 0,
  }));
}

/** `returning` would cost as much as all the rest. */
async function insertThenTell(tx: Db, made: Step & Lease): Promise<Joined | undefined> {
  const count = await insertClaimed.run(tx, made);
  return count > 0 ? latestJoined.first(tx, {}) : undefined;
}

/** The last address of a full step; none when this is the last step. */
const stepEnd = statement((db: Db, given: Given<{ listId: number; cursor: number }>) =>
  db
    .selectFrom('memberships')
    .select('address_id')
    .where('list_id', '=', given.listId)
    .where('address_id', '>', given.cursor)
    .orderBy('address_id')
    .limit(1)
    .offset(stepSize - 1),
);

interface Step {
  readonly mailingId: number;
  readonly listId: number;
  readonly now: number;
  readonly acceptedAt: number;
  readonly authorEmail: string;
  readonly cursor: number;
  readonly upTo: number;
  readonly count: number;
}

/** Numbered one by one: the claim's measure of who had how much already. */
const insertQueued = statement((db: Db, given: Given<Step>) =>
  insertStep(db, given, {
    state: 'queued',
    turn: sql<number>`${asBigint(given.count)} + row_number() over (order by m.address_id) - 1`,
    until: sql<null>`cast(null as bigint)`,
    by: sql<null>`cast(null as bigint)`,
  }),
);

const insertClaimed = statement((db: Db, given: Given<Step & Lease>) => insertClaimedStep(db, given));

/** All have the turn of the first: no claim will put them in order, and to number them costs half of what it costs to make them. */
function insertClaimedStep(db: Pick<Db, 'insertInto'>, given: Given<Step & Lease>) {
  const { count, until, by } = given;
  return insertStep(db, given, {
    state: 'claimed',
    turn: asBigint(count),
    until: asBigint(until),
    by: asBigint(by),
  });
}

/**
 * What was made, in one row: each column joined by spaces, which no address of ours has, all in the same order. A thousand rows cost several
 * times what it costs to split this.
 */
interface Joined {
  /** Null where there are none. */
  readonly ids: string | null;
  readonly membership_ids: string;
  readonly recipients: string;
  readonly priority: number;
}

/** SQLite alone: what the connection's last statement has inserted has neighbouring ids. */
const latestJoined = statement((db: Db) =>
  db
    .selectFrom('deliveries')
    .select([
      sql<string | null>`group_concat(id, ' ')`.as('ids'),
      sql<string>`group_concat(membership_id, ' ')`.as('membership_ids'),
      sql<string>`group_concat(recipient, ' ')`.as('recipients'),
      sql<number>`max(priority)`.as('priority'),
    ])
    .where('id', '>', sql<number>`last_insert_rowid() - changes()`)
    .where('id', '<=', sql<number>`last_insert_rowid()`),
);

const insertAndTell = statement((db: Db, given: Given<Step & Lease>) =>
  db
    .with('made', (cte) =>
      insertClaimedStep(cte, given).returning(['id', 'membership_id', 'recipient', 'priority']),
    )
    .selectFrom('made')
    .select([
      sql<string | null>`string_agg(cast(id as text), ' ')`.as('ids'),
      sql<string>`string_agg(cast(membership_id as text), ' ')`.as('membership_ids'),
      sql<string>`string_agg(recipient, ' ')`.as('recipients'),
      sql<number>`max(priority)`.as('priority'),
    ]),
);

interface InsertedAs {
  readonly state: DeliveryState;
  readonly turn: RawBuilder<number>;
  readonly until: RawBuilder<number | null>;
  readonly by: RawBuilder<number | null>;
}

function insertStep(db: Pick<Db, 'insertInto'>, given: Given<Step>, { state, turn, until, by }: InsertedAs) {
  return db
    .insertInto('deliveries')
    .columns([
      'mailing_id',
      'membership_id',
      'recipient',
      'state',
      'priority',
      'turn',
      'next_at',
      'lease_until',
      'claimed_by',
    ])
    .expression((eb) =>
      eb
        .selectFrom('memberships as m')
        .innerJoin('addresses as a', 'a.id', 'm.address_id')
        .innerJoin('mailings as g', (join) => join.on('g.id', '=', given.mailingId))
        .select([
          'g.id',
          'm.id as membership_id',
          'a.email',
          sql.lit(state).as('state'),
          'g.priority',
          turn.as('turn'),
          'g.created_at',
          until.as('lease_until'),
          by.as('claimed_by'),
        ])
        .where('m.list_id', '=', given.listId)
        .where('m.address_id', '>', given.cursor)
        .where('m.address_id', '<=', given.upTo)
        .where('m.left_at', 'is', null)
        .where('m.paused_at', 'is', null)
        .where('m.suspended_at', 'is', null)
        // Until digests are built their readers get every post, so that nobody misses any.
        .where('m.mode', '<>', 'none')
        // Not who joined since. Who joined "in the future" was here before somebody put the clock back.
        .where((e) => e.or([e('m.joined_at', '<=', given.acceptedAt), e('m.joined_at', '>', given.now)]))
        .where((e) => e.or([e('m.own_copy', '=', 1), e('a.email', '<>', given.authorEmail)])),
    );
}

const saveProgress = statement(
  (db: Db, given: Given<{ mailingId: number; cursor: number | null; count: number }>) =>
    db
      .updateTable('mailings')
      .set({ fan_out_cursor: given.cursor, fan_out_count: given.count })
      .where('id', '=', given.mailingId),
);

/** The one that has had least so far, so that a small list does not wait for a large one. */
const incomplete = statement((db: Db) => selectIncomplete(db));
const unlockedIncomplete = statement((db: Db) => selectIncomplete(db).forUpdate('mailings').skipLocked());

function selectIncomplete(db: Db) {
  return db
    .selectFrom('mailings')
    .select(['mailings.id', 'mailings.list_id', 'fan_out_cursor', 'fan_out_count', 'mailings.created_at'])
    .select((eb) =>
      eb.selectFrom('posts').select('author_email').whereRef('posts.id', '=', 'post_id').as('author_email'),
    )
    .where('fan_out_cursor', 'is not', null)
    .orderBy('fan_out_count')
    .orderBy('mailings.id')
    .limit(1);
}

/** PostgreSQL has to be told the type of a parameter that stands alone. */
function asBigint<Value extends number | null>(value: Expression<Value>) {
  return sql<Value>`cast(${value} as bigint)`;
}
