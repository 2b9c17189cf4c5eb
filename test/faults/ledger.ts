import type { Store } from '../../src/store/store.ts';
import type { Sink, SunkMail } from '../support/sink.ts';

/** What the senders were told about each of their posts. */
export interface Ledger {
  readonly posts: ReadonlyMap<string, LedgerPost>;
  /** The post is on its way to this list. */
  open(messageId: string, list: string): LedgerPost;
}

export interface LedgerPost {
  readonly list: string;
  /** To each time it was sent, in order: the reply, or `lost` where the connection ended first. */
  readonly replies: (string | 'lost')[];
}

export function createLedger(): Ledger {
  const posts = new Map<string, LedgerPost>();
  return {
    posts,
    open(messageId, list) {
      const post = posts.get(messageId) ?? { list, replies: [] };
      posts.set(messageId, post);
      return post;
    },
  };
}

/** Of a transaction under way on each connection: the one whose message is out, and the one whose answer is not written down yet. */
const copiesAtRisk = 2;

/**
 * The promises of a list server, judged by what senders, members and the disk have seen: a sentence for each thing that is wrong.
 * Nothing may be on its way any more. `allowedRepeats`: copies that may come twice for each connection that was cut off.
 */
export async function judge(
  { ledger, sink, store }: { ledger: Ledger; sink: Sink; store: Store },
  { allowedRepeats = copiesAtRisk } = {},
): Promise<readonly string[]> {
  const archive = await archivedPosts(store);
  const members = await activeMembers(store);
  const copies = copiesByPost(sink.mails);
  return [
    ...judgeArchive(ledger, archive),
    ...judgeCopies(archive, members, copies),
    ...judgeRepeats(copies, allowedRepeats),
    ...(await judgeQueue(store)),
    ...(await store.check()),
  ];
}

/** Waits until the outbox holds nothing more to send. */
export function everythingSent(store: Store): Promise<void> {
  return untilNone(store, unfinished);
}

/** Waits until every post has been read into the archive. */
export function everythingIndexed(store: Store): Promise<void> {
  return untilNone(store, unindexed);
}

async function untilNone(store: Store, count: (store: Store) => Promise<number>): Promise<void> {
  const changed = () =>
    new Promise<void>((resolve) => {
      const stop = store.onOutsideChange(() => {
        stop();
        resolve();
      });
    });
  for (let next = changed(); (await count(store)) > 0; next = changed()) await next;
}

interface Archived {
  readonly messageId: string;
  readonly list: string;
}

async function archivedPosts(store: Store): Promise<readonly Archived[]> {
  return store.read((db) =>
    db
      .selectFrom('posts')
      .innerJoin('lists', 'lists.id', 'posts.list_id')
      .select(['posts.message_id as messageId', 'lists.name as list'])
      .execute(),
  );
}

async function activeMembers(store: Store): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await store.read((db) =>
    db
      .selectFrom('memberships as m')
      .innerJoin('addresses as a', 'a.id', 'm.address_id')
      .innerJoin('lists as l', 'l.id', 'm.list_id')
      .select(['l.name as list', 'a.email'])
      .where('m.left_at', 'is', null)
      .where('m.mode', '<>', 'none')
      .execute(),
  );
  const members = new Map<string, string[]>();
  for (const { list, email } of rows) members.set(list, [...(members.get(list) ?? []), email]);
  return members;
}

async function unfinished(store: Store): Promise<number> {
  const { count } = await store.read((db) =>
    db
      .selectFrom('deliveries')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('state', 'in', ['queued', 'claimed', 'deferred'])
      .executeTakeFirstOrThrow(),
  );
  return Number(count);
}

async function unindexed(store: Store): Promise<number> {
  const { count } = await store.read((db) =>
    db
      .selectFrom('posts')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('indexed_at', 'is', null)
      .executeTakeFirstOrThrow(),
  );
  return Number(count);
}

/** By Message-ID, then by recipient, in the order they came. */
type Copies = ReadonlyMap<string, ReadonlyMap<string, readonly SunkMail[]>>;

function copiesByPost(mails: readonly SunkMail[]): Copies {
  const copies = new Map<string, Map<string, SunkMail[]>>();
  for (const mail of mails) {
    const messageId = /^Message-ID: <(.+)>\r$/im.exec(mail.data)?.[1] ?? '';
    const ofPost = copies.get(messageId) ?? new Map<string, SunkMail[]>();
    copies.set(messageId, ofPost);
    for (const recipient of mail.to) ofPost.set(recipient, [...(ofPost.get(recipient) ?? []), mail]);
  }
  return copies;
}

function judgeArchive({ posts }: Ledger, archive: readonly Archived[]): readonly string[] {
  const found = new Map<string, number>();
  for (const { messageId } of archive) found.set(messageId, (found.get(messageId) ?? 0) + 1);
  const wrong: string[] = [];
  for (const [messageId, { replies }] of posts) {
    const count = found.get(messageId) ?? 0;
    const accepted = replies.some((reply) => reply.startsWith('250'));
    const unknown = replies.includes('lost');
    if (accepted && count !== 1)
      wrong.push(`${messageId} was answered 250 and is ${count} times in the archive`);
    if (!accepted && !unknown && count > 0)
      wrong.push(`${messageId} is in the archive, although it was answered ${replies.join(', then ')}`);
  }
  for (const messageId of found.keys())
    if (!posts.has(messageId)) wrong.push(`${messageId} is in the archive and nobody sent it`);
  return wrong;
}

function judgeCopies(
  archive: readonly Archived[],
  members: ReadonlyMap<string, readonly string[]>,
  copies: Copies,
): readonly string[] {
  const wrong: string[] = [];
  for (const { messageId, list } of archive) {
    const reached = copies.get(messageId);
    const due = members.get(list) ?? [];
    const missing = due.filter((email) => !reached?.has(email));
    const strangers = [...(reached?.keys() ?? [])].filter((email) => !due.includes(email));
    if (missing.length > 0) wrong.push(`${messageId} did not reach ${missing.join(', ')}`);
    if (strangers.length > 0) wrong.push(`${messageId} reached ${strangers.join(', ')}, not on the list`);
  }
  const archived = new Set(archive.map(({ messageId }) => messageId));
  for (const messageId of copies.keys())
    if (!archived.has(messageId)) wrong.push(`${messageId} was sent to members and is not in the archive`);
  return wrong;
}

/** A copy that came again belonged to the connection that the crash cut off; what comes again is the same, byte for byte. */
function judgeRepeats(copies: Copies, allowed: number): readonly string[] {
  const wrong: string[] = [];
  const repeatedOn = new Map<number, number>();
  for (const [messageId, ofPost] of copies) {
    for (const [recipient, received] of ofPost) {
      if (new Set(received.map(({ from, data }) => from + data)).size > 1)
        wrong.push(`${recipient} got different copies of ${messageId}`);
      for (const { connection } of received.slice(0, -1))
        repeatedOn.set(connection, (repeatedOn.get(connection) ?? 0) + 1);
    }
  }
  for (const [connection, count] of repeatedOn)
    if (count > allowed) wrong.push(`connection ${connection} took ${count} copies that were sent again`);
  return wrong;
}

async function judgeQueue(store: Store): Promise<readonly string[]> {
  const rows = await store.read((db) =>
    db
      .selectFrom('deliveries')
      .select(['state', 'recipient', 'mailing_id'])
      .where('state', '<>', 'sent')
      .execute(),
  );
  const cursors = await store.read((db) =>
    db.selectFrom('mailings').select('id').where('fan_out_cursor', 'is not', null).execute(),
  );
  return [
    ...rows.map((row) => `mailing ${row.mailing_id} is ${row.state} for ${row.recipient}`),
    ...cursors.map(({ id }) => `mailing ${id} still lacks deliveries`),
  ];
}
