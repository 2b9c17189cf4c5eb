import { z } from 'zod';
import type { AskedPolicy, Authentication } from '../domain/authentication.ts';
import {
  type Mailing,
  type MailingFacts,
  type MailingKind,
  mailingKinds,
  type Priority,
  type ReturnPath,
} from '../domain/mailing.ts';
import { type Given, insertion, statement } from './statement.ts';
import type { Db } from './store.ts';

export interface NewMailing {
  readonly kind: MailingKind;
  readonly listId: number | null;
  readonly postId: number | null;
  readonly bodyId: number;
  readonly returnPath: ReturnPath;
  readonly priority: Priority;
  readonly createdAt: number;
  readonly giveUpAt: number;
  readonly facts: MailingFacts;
}

/** Lower goes first. */
const priorityNumber: Readonly<Record<Priority, number>> = { urgent: 0, normal: 1, bulk: 2 };

/** Puts a mail into the outbox; it goes to nobody until it has deliveries. Returns its id. */
export async function insertMailing(tx: Db, mailing: NewMailing): Promise<number> {
  const id = await insertRow(tx, {
    kind: mailing.kind,
    listId: mailing.listId,
    postId: mailing.postId,
    bodyId: mailing.bodyId,
    returnPath: mailing.returnPath,
    priority: priorityNumber[mailing.priority],
    createdAt: mailing.createdAt,
    giveUpAt: mailing.giveUpAt,
    facts: JSON.stringify(mailing.facts),
  });
  if (id === undefined) throw new Error('an insert gave no row');
  return id;
}

export interface NewDelivery {
  readonly mailingId: number;
  readonly recipient: string;
  readonly membershipId?: number;
  readonly now: number;
}

/** One recipient of a notice or forward; a recipient that the mailing has already stays one. Returns the delivery's id. */
export async function addDelivery(tx: Db, delivery: NewDelivery): Promise<number> {
  const row = await insertDelivery.first(tx, {
    mailingId: delivery.mailingId,
    recipient: delivery.recipient,
    membershipId: delivery.membershipId ?? null,
    now: delivery.now,
  });
  if (!row) throw new Error(`no mailing ${delivery.mailingId}`);
  return row.id;
}

export async function loadMailing(db: Db, id: number): Promise<Mailing | undefined> {
  const row = await mailingById.first(db, { id });
  return (
    row && {
      id: row.id,
      kind: mailingKind.parse(row.kind),
      listId: row.list_id,
      bodyId: row.body_id,
      returnPath: row.return_path === 'verp' ? 'verp' : 'null',
      createdAt: row.created_at,
      giveUpAt: row.give_up_at,
      facts: factsSchema.parse(JSON.parse(row.facts)),
      deliveries: row.fan_out_count,
      growing: row.fan_out_cursor !== null,
    }
  );
}

/** Made once: it costs as much as the query, and each mailing asks. */
export const mailingKind = z.enum(mailingKinds);

/** About how many copies of posts were made since a moment: a sum over the posts, of which there are few. */
export async function copiesSince(db: Db, since: number): Promise<number> {
  const row = await db
    .selectFrom('mailings')
    .select((eb) => eb.fn.sum<number | string | null>('fan_out_count').as('copies'))
    .where('kind', '=', 'post')
    .where('created_at', '>=', since)
    .executeTakeFirst();
  return Number(row?.copies ?? 0);
}

const factsSchema: z.ZodType<MailingFacts> = z
  .object({
    trace: z.string(),
    number: z.number(),
    hash: z.string(),
    author: z.string(),
    via: z.string(),
    authentication: z.custom<Authentication>(),
    proved: z.boolean(),
    policy: z.custom<AskedPolicy>(),
    alias: z.number(),
    stranger: z.boolean(),
    munge: z.boolean(),
    edited: z.boolean(),
    notice: z.string(),
  })
  .partial() as z.ZodType<MailingFacts>;

interface MailingColumns {
  readonly kind: string;
  readonly listId: number | null;
  readonly postId: number | null;
  readonly bodyId: number;
  readonly returnPath: string;
  readonly priority: number;
  readonly createdAt: number;
  readonly giveUpAt: number;
  readonly facts: string;
}

const insertRow = insertion((db: Db, given: Given<MailingColumns>) =>
  db.insertInto('mailings').values({
    kind: given.kind,
    list_id: given.listId,
    post_id: given.postId,
    body_id: given.bodyId,
    return_path: given.returnPath,
    priority: given.priority,
    created_at: given.createdAt,
    give_up_at: given.giveUpAt,
    facts: given.facts,
  }),
);

interface DeliveryColumns {
  readonly mailingId: number;
  readonly recipient: string;
  readonly membershipId: number | null;
  readonly now: number;
}

const insertDelivery = statement((db: Db, given: Given<DeliveryColumns>) =>
  db
    .insertInto('deliveries')
    .values((eb) => ({
      mailing_id: given.mailingId,
      membership_id: given.membershipId,
      recipient: given.recipient,
      state: 'queued',
      priority: eb.selectFrom('mailings').select('priority').where('id', '=', given.mailingId),
      next_at: given.now,
    }))
    // The no-op gives the row that is there already, too.
    .onConflict((on) =>
      on
        .columns(['mailing_id', 'recipient'])
        .doUpdateSet((eb) => ({ recipient: eb.ref('excluded.recipient') })),
    )
    .returning('id'),
);

const mailingById = statement((db: Db, given: Given<{ id: number }>) =>
  db.selectFrom('mailings').selectAll().where('id', '=', given.id),
);
