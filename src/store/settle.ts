import { type SqlBool, sql } from 'kysely';
import { jsonPairs } from './json-pairs.ts';
import { jsonRows } from './json-rows.ts';
import { expireDeliveries } from './postpone.ts';
import { type Given, statement } from './statement.ts';
import type { Db } from './store.ts';

/** What became of a claimed delivery. */
export type Settlement =
  | { readonly kind: 'sent'; readonly id: number; readonly code: number; readonly reply: string }
  | {
      readonly kind: 'deferred';
      readonly id: number;
      readonly code: number | null;
      readonly reply: string;
      readonly nextAt: number;
      /** The whole message went out and no answer came. */
      readonly unanswered: boolean;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly code: number | null; readonly reply: string }
  /** Its time was over before it could be tried again: it has failed, with what was said last. */
  | { readonly kind: 'expired'; readonly id: number };

/**
 * Writes down any number of settlements with one statement, and each attempt that did not succeed into the log. Deliveries that were
 * cancelled or taken over meanwhile stay as they are, but what is sent is sent. Returns those that failed for good.
 */
export async function settleDeliveries(
  tx: Db,
  settlements: readonly Settlement[],
  now: number,
): Promise<readonly Failure[]> {
  const others = settlements.filter((settlement): settlement is Other => isOther(settlement));
  const expired = settlements.flatMap(({ kind, id }) => (kind === 'expired' ? [id] : []));
  const { runs, single } = splitSent(settlements);
  for (const run of runs) await markRun.run(tx, { ...run, now });
  for (const [code, replies] of repliesByCode(single)) await markSent.run(tx, { replies, code, now });
  if (others.length > 0) {
    const rows = JSON.stringify(others.map(toRow));
    await markOthers.run(tx, { rows, now });
    await logAttempts.run(tx, { rows, now });
  }
  const failed = settlements.filter((settlement): settlement is Failure => settlement.kind === 'failed');
  return [...failed, ...(await expireDeliveries(tx, expired, now))];
}

export type Failure = Extract<Settlement, { kind: 'failed' }>;

/**
 * Of what a process that was killed had noted as sent: those that are still claimed. The others were settled before it ended, or have been
 * pruned since. A claimed one with that very answer was settled, too, and was going out once more in another form (obey-breakers.ts).
 */
export async function settleLeftBehind(tx: Db, sent: readonly Sent[], now: number): Promise<void> {
  for (const [code, replies] of repliesByCode(sent)) await markLeft.run(tx, { replies, code, now });
}

type Sent = Extract<Settlement, { kind: 'sent' }>;
type Other = Extract<Settlement, { kind: 'deferred' | 'failed' }>;

function isOther({ kind }: Settlement): boolean {
  return kind === 'deferred' || kind === 'failed';
}

/** Neighbouring ids with one answer: the recipients of a shared copy. */
interface Run {
  readonly first: number;
  readonly last: number;
  readonly code: number;
  readonly reply: string;
}

/** From here on a statement for a run costs less than its rows among others. */
const shortestRun = 8;

function splitSent(settlements: readonly Settlement[]): { runs: readonly Run[]; single: readonly Sent[] } {
  const runs: Run[] = [];
  const single: Sent[] = [];
  let together: Sent[] = [];
  const close = () => {
    const [first] = together;
    if (first && together.length >= shortestRun)
      runs.push({ ...first, first: first.id, last: first.id + together.length - 1 });
    else single.push(...together);
    together = [];
  };
  for (const settlement of settlements) {
    if (settlement.kind !== 'sent') continue;
    const before = together.at(-1);
    if (before && !follows(before, settlement)) close();
    together.push(settlement);
  }
  close();
  return { runs, single };
}

/** The next id with the same answer: the next recipient of a shared copy. */
export function follows(before: Sent, { id, code, reply }: Sent): boolean {
  return id === before.id + 1 && code === before.code && reply === before.reply;
}

/** What was said of each delivery that is sent, as JSON: `{"ID":"REPLY"}`. Nearly always with one and the same code. */
function repliesByCode(sent: readonly Sent[]): ReadonlyMap<number, string> {
  const lines = new Map<number, string>();
  for (const { id, code, reply } of sent) {
    const before = lines.get(code);
    lines.set(code, `${before === undefined ? '' : `${before},`}"${id}":${JSON.stringify(reply)}`);
  }
  for (const [code, pairs] of lines) lines.set(code, `{${pairs}}`);
  return lines;
}

function toRow(settlement: Other) {
  const { kind, id, code, reply } = settlement;
  const deferred = settlement.kind === 'deferred';
  return {
    kind,
    id,
    code,
    reply,
    nextAt: deferred ? settlement.nextAt : null,
    unanswered: deferred && settlement.unanswered ? 1 : 0,
    outcome: deferred && settlement.unanswered ? 'unanswered' : kind,
  };
}

interface Rows {
  readonly rows: string;
  readonly now: number;
}

const field = {
  id: sql<number>`cast(j.value->>'id' as bigint)`,
  kind: sql<string>`j.value->>'kind'`,
  code: sql<number | null>`cast(j.value->>'code' as integer)`,
  reply: sql<string>`j.value->>'reply'`,
  nextAt: sql<number | null>`cast(j.value->>'nextAt' as bigint)`,
  unanswered: sql<number>`cast(j.value->>'unanswered' as integer)`,
  outcome: sql<string>`j.value->>'outcome'`,
};

interface Replies {
  readonly replies: string;
  readonly code: number;
  readonly now: number;
}

const markSent = statement((db: Db, given: Given<Replies>) => markByReply(db, given));
const markLeft = statement((db: Db, given: Given<Replies>) =>
  markByReply(db, given)
    .where('deliveries.state', '=', sql.lit('claimed'))
    .where(
      sql<SqlBool>`not (coalesce(last_code, 0) = cast(${given.code} as integer) and coalesce(last_reply, '') = j.value)`,
    ),
);

function markByReply(db: Db, given: Given<Replies>) {
  return db
    .updateTable('deliveries')
    .from(jsonPairs(db, given.replies).as<'j'>(sql.ref('j')))
    .set((eb) => ({
      state: 'sent',
      attempts: eb('attempts', '+', 1),
      lease_until: null,
      last_code: given.code,
      last_reply: sql<string>`j.value`,
      final_at: given.now,
    }))
    .where('deliveries.id', '=', sql<number>`cast(j.key as bigint)`);
}

const markRun = statement((db: Db, given: Given<Run & { now: number }>) =>
  db
    .updateTable('deliveries')
    .set((eb) => ({
      state: 'sent',
      attempts: eb('attempts', '+', 1),
      lease_until: null,
      last_code: given.code,
      last_reply: given.reply,
      final_at: given.now,
    }))
    .where('id', '>=', given.first)
    .where('id', '<=', given.last),
);

const markOthers = statement((db: Db, given: Given<Rows>) =>
  db
    .updateTable('deliveries')
    .from(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
    .set((eb) => ({
      state: field.kind,
      attempts: eb('attempts', '+', 1),
      unanswered: eb('unanswered', '+', field.unanswered),
      next_at: eb.fn.coalesce(field.nextAt, 'next_at'),
      lease_until: null,
      last_code: field.code,
      last_reply: field.reply,
      final_at: sql<
        number | null
      >`case when ${field.kind} = 'failed' then cast(${given.now} as bigint) else null end`,
    }))
    .where('deliveries.id', '=', field.id)
    .where('deliveries.state', '=', 'claimed'),
);

/** Not what succeeded at once: the row itself says when and with which reply, and the log would double the writing. */
const logAttempts = statement((db: Db, given: Given<Rows>) =>
  db
    .insertInto('delivery_log')
    .columns(['delivery_id', 'at', 'outcome', 'code', 'reply'])
    .expression((eb) =>
      eb
        .selectFrom(jsonRows(db, given.rows).as<'j'>(sql.ref('j')))
        .select([
          field.id.as('delivery_id'),
          sql<number>`cast(${given.now} as bigint)`.as('at'),
          field.outcome.as('outcome'),
          field.code.as('code'),
          field.reply.as('reply'),
        ]),
    ),
);
