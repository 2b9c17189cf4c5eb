import { createHash } from 'node:crypto';
import type { SendingSettings } from '../../src/deliver/create-destinations.ts';
import { createSmarthost, type SmarthostTimeouts } from '../../src/deliver/smarthost.ts';
import { parseSmarthost } from '../../src/deliver/smarthost-url.ts';
import type { Transport } from '../../src/deliver/transport.ts';
import { createWorker, type Worker } from '../../src/deliver/worker.ts';
import type { Address } from '../../src/domain/address.ts';
import type { List } from '../../src/domain/list.ts';
import { type Log, silentLog } from '../../src/domain/log.ts';
import { parseRetrySchedule, type RetrySchedule } from '../../src/domain/retry.ts';
import { settingsFor } from '../../src/domain/setting-value.ts';
import { storeBody } from '../../src/store/bodies.ts';
import type { ClaimedDelivery, Lease } from '../../src/store/claims.ts';
import { startFanOut } from '../../src/store/fan-out.ts';
import { insertList } from '../../src/store/lists.ts';
import { addDelivery, insertMailing } from '../../src/store/mailings.ts';
import { ensureAddresses } from '../../src/store/people.ts';
import { insertPost } from '../../src/store/posts.ts';
import { enrol } from '../../src/store/roster.ts';
import type { Db, Store } from '../../src/store/store.ts';
import { plainSite } from './plain.ts';

/** Lists, members and mail in the outbox, made straight in the store: for tests of what comes after. */

export const start = Date.UTC(2026, 10, 20, 10);
export const keys = { secrets: [Buffer.alloc(32, 7)] } as const;
export const site = plainSite;

export async function makeList(
  tx: Db,
  name: string,
  settings: Partial<List['settings']> = {},
): Promise<List> {
  return insertList(tx, {
    name,
    domain: 'lists.example.org',
    title: name,
    purpose: '',
    settings: { ...settingsFor('discussion'), ...settings },
    createdAt: start,
  });
}

/** Members `sub000000@example.net` and on; their membership ids in the order of the addresses. */
export async function addMembers(store: Store, list: List, count: number, from = 0): Promise<void> {
  const name = (i: number) => `sub${String(from + i).padStart(6, '0')}@example.net`;
  await addAddresses(
    store,
    list,
    Array.from({ length: count }, (_, i) => name(i)),
  );
}

/** Members with these addresses; their membership ids in this order. */
export async function addAddresses(store: Store, list: List, addresses: readonly string[]): Promise<void> {
  for (let done = 0; done < addresses.length; done += 2_000) {
    const emails = addresses.slice(done, done + 2_000) as Address[];
    await store.write(async (tx) => {
      const addresses = await ensureAddresses(
        tx,
        emails.map((email) => ({ email, name: '' })),
        { now: start, confirmed: true },
      );
      const rows = emails.map((email) => ({
        addressId: addresses.get(email) ?? 0,
        name: '',
        role: 'member' as const,
        mode: 'each' as const,
        ownCopy: true,
        posting: 'default' as const,
        trustedAt: start,
        joinedAt: start,
      }));
      await enrol(tx, list.id, rows);
    });
  }
}

export interface PostInput {
  readonly list: List;
  readonly body?: string;
  readonly subject?: string;
  readonly author?: string;
  readonly now?: number;
  readonly giveUpAt?: number;
  /** The deliveries are made claimed, with this lease, and given to this function. */
  readonly claimed?: { readonly lease: Lease; handOver(deliveries: readonly ClaimedDelivery[]): void };
}

/** Returns its id in `bodies`. */
export function keepBody(tx: Db, raw: Buffer, now = start): Promise<number> {
  return storeBody(tx, { sha256: createHash('sha256').update(raw).digest(), raw, now });
}

let posts = 0;

/** A post and its first deliveries, as the post operation makes them. Returns the mailing's id. */
export async function postTo(tx: Db, input: PostInput): Promise<number> {
  const { list, now = start, author = 'poster@example.com', subject = 'Nests' } = input;
  const messageId = `${++posts}.${process.pid}@example.com`;
  const head = `From: Poster <${author}>\r\nTo: ${list.name}@lists.example.org\r\nSubject: ${subject}\r\nMessage-ID: <${messageId}>\r\n`;
  const raw = Buffer.from(`${head}\r\n${input.body ?? 'A pair of swifts is back.\r\n'}`, 'latin1');
  const bodyId = await keepBody(tx, raw, now);
  const post = await insertPost(tx, {
    listId: list.id,
    bodyId,
    messageId,
    hash: 'A'.repeat(32),
    bodyHash: 'b',
    author: { email: author, name: 'Poster' },
    subject,
    sentAt: now,
    receivedAt: now,
  });
  const mailingId = await insertMailing(tx, {
    kind: 'post',
    listId: list.id,
    postId: post.id,
    bodyId,
    returnPath: 'verp',
    priority: 'normal',
    createdAt: now,
    giveUpAt: input.giveUpAt ?? now + site.giveUp,
    facts: { trace: 'by lists.example.org', number: post.number, hash: 'A'.repeat(32), author },
  });
  const lease = input.claimed?.lease;
  const claimed = await startFanOut(tx, { mailingId, listId: list.id, now, authorEmail: author, lease });
  input.claimed?.handOver(claimed);
  return mailingId;
}

export interface NoticeInput {
  readonly to: readonly string[];
  readonly list?: List;
  readonly now?: number;
  readonly raw?: string;
}

/** One of our own mails in the outbox. Returns the mailing's id. */
export async function notify(tx: Db, { to, list, now = start, raw }: NoticeInput): Promise<number> {
  const bytes = Buffer.from(raw ?? `Subject: A notice ${++posts}\r\n\r\nHello.\r\n`, 'latin1');
  const bodyId = await keepBody(tx, bytes, now);
  const mailingId = await insertMailing(tx, {
    kind: 'notice',
    listId: list?.id ?? null,
    postId: null,
    bodyId,
    returnPath: list ? 'verp' : 'null',
    priority: 'urgent',
    createdAt: now,
    giveUpAt: now + 24 * 3_600_000,
    facts: {},
  });
  for (const recipient of to) await addDelivery(tx, { mailingId, recipient, now });
  return mailingId;
}

export interface WorkerInput {
  readonly store: Store;
  readonly url: string;
  readonly connections?: number;
  readonly timeouts?: Partial<SmarthostTimeouts>;
  readonly settings?: Partial<SendingSettings>;
  readonly log?: Log;
  readonly claimant?: number;
  awoke?(): Promise<void>;
  now?(): number;
}

export const quickRetry = parseRetrySchedule('6m 15m*') as RetrySchedule;

/** A worker with a smarthost; end it with `close()`. */
export function startWorker(input: WorkerInput): Worker {
  const transport: Transport = createSmarthost({
    to: parseSmarthost(input.url),
    hostname: site.hostname,
    connections: input.connections ?? 4,
    log: silentLog,
    timeouts: { close: 1_000, ...input.timeouts },
  });
  return createWorker({
    store: input.store,
    way: { kind: 'one', transport },
    keys,
    site,
    settings: { retry: quickRetry, personalize: 'auto', signs: false, seals: false, ...input.settings },
    log: input.log ?? silentLog,
    claimant: input.claimant ?? null,
    ...(input.awoke && { awoke: input.awoke }),
    now: input.now ?? (() => start),
    random: () => 0.5,
  });
}

/** Every delivery's recipient and what the table says about it, in the order of their ids. */
export async function deliveryRows(store: Store) {
  return store.read((db) => db.selectFrom('deliveries').selectAll().orderBy('id').execute());
}
