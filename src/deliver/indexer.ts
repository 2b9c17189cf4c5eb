import type { Log } from '../domain/log.ts';
import { Refusal } from '../domain/refusal.ts';
import type { ExtractPool } from '../mail/extract-pool.ts';
import type { ReadMail } from '../mail/read-mail.ts';
import { discard } from '../mail/thread-bytes.ts';
import {
  type IndexEntry,
  indexPosts,
  markIndexed,
  type UnindexedPost,
  unindexedPosts,
} from '../store/archive-index.ts';
import { compressBodies, readBody } from '../store/bodies.ts';
import { loadList } from '../store/lists.ts';
import type { Store } from '../store/store.ts';
import { createFloodGauge } from './flood.ts';

/**
 * Reads fresh posts into the archive: text, attachments, thread, search, in the order they were accepted. What it has not done
 * yet is in the table, so it starts again where it stopped. A flood of mail is let in first: reading along takes as long as accepting.
 */
export interface Indexer {
  /** There may be fresh posts: called after each commit, and cheap. */
  wake(): void;
  /** Resolves when there is nothing left to index. */
  idle(): Promise<void>;
  /** Finishes the batch at hand. */
  close(): Promise<void>;
}

export interface IndexerParts {
  readonly store: Store;
  readonly pool: ExtractPool;
  readonly log: Log;
  now(): number;
}

/** What is read and written at a time: a transaction holds the event loop up for a few milliseconds. */
const batchLimit = { posts: 50, bytes: 1 << 20 };
/** A commit of a transaction stays below 50 ms with this much text to index, in characters. */
const transactionText = 128 * 1024;
/** After a failure that is not the mail's: the database is busy, or worse. */
const retryMs = 5000;
/** A post that the database has refused so often alone, and nothing else with it, is archived as raw mail. */
const mostTries = 3;
/** In a flood it looks again this often … */
const floodMs = 100;
/** … and reads posts that have waited this long nevertheless: search is never further behind without catching up. */
const longestWait = 30_000;

export function createIndexer(parts: IndexerParts): Indexer {
  const flood = createFloodGauge(parts.now);
  const refused: Refusals = new Map();
  let running: Promise<void> | undefined;
  let woken = false;
  let closed = false;
  let hurried = false;
  let retry: NodeJS.Timeout | undefined;
  let endPause = () => {};

  async function run(): Promise<void> {
    try {
      while (!closed && woken) {
        woken = false;
        const waiting = await parts.store.read((db) => unindexedPosts(db, batchLimit.posts));
        if (waiting.length === 0) continue;
        woken = true;
        if (waitsForFlood(waiting)) await pause();
        else await readAndIndex(parts, waiting, refused);
      }
    } catch (error) {
      parts.log.error({ err: error }, 'Fresh posts could not be indexed: trying again soon.');
      retry = setTimeout(rouse, retryMs).unref();
    } finally {
      running = undefined;
    }
  }

  function waitsForFlood([oldest]: readonly UnindexedPost[]): boolean {
    return (
      oldest !== undefined && !hurried && flood.isFlood() && parts.now() - oldest.receivedAt < longestWait
    );
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, floodMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function rouse(): void {
    if (closed) return;
    woken = true;
    running ??= run();
  }

  return {
    wake() {
      flood.count();
      rouse();
    },
    async idle() {
      hurried = true;
      endPause();
      rouse();
      await running;
      hurried = false;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      endPause();
      await running;
    },
  };
}

async function readAndIndex(
  parts: IndexerParts,
  waiting: readonly UnindexedPost[],
  refused: Refusals,
): Promise<void> {
  const { store, pool } = parts;
  const { unwanted, wanted } = await sort(store, firstBytes(waiting));
  if (unwanted.length > 0) {
    await store.write(
      (tx) =>
        markIndexed(
          tx,
          unwanted.map((post) => post.postId),
          parts.now(),
        ),
      lazily,
    );
  }
  const raws = await Promise.all(wanted.map((post) => rawOf(store, post)));
  const mails = await pool.read(raws);
  for (const raw of raws) discard(raw);
  const entries = wanted.map((post, i) => ({ ...mailAt(mails, i), post }));
  for (const portion of portions(entries)) await writeBounded(parts, portion, refused);
}

/** Nothing is lost with a commit that a power cut takes back: the post is still there, and read again. */
const lazily = { durable: false } as const;

function mailAt(mails: readonly ReadMail[], i: number): ReadMail {
  const mail = mails[i];
  if (!mail) throw new Error('the pool answers each mail');
  return mail;
}

/** As many as fit the limit on bytes, and always one. */
function firstBytes(posts: readonly UnindexedPost[]): UnindexedPost[] {
  let bytes = 0;
  return posts.filter((post, i) => {
    bytes += post.bytes;
    return i === 0 || bytes <= batchLimit.bytes;
  });
}

/** A list without an archive keeps its posts only for delivery: they are not read. */
async function sort(store: Store, posts: readonly UnindexedPost[]) {
  const unwanted: UnindexedPost[] = [];
  const wanted: UnindexedPost[] = [];
  for (const post of posts) {
    const list = await store.read((db) => loadList(db, post.listId));
    (list?.settings.archive === 'off' ? unwanted : wanted).push(post);
  }
  return { unwanted, wanted };
}

async function rawOf(store: Store, { bodyId }: UnindexedPost): Promise<Buffer> {
  return (await store.read((db) => readBody(db, bodyId))) ?? Buffer.alloc(0);
}

type Entry = IndexEntry & { readonly post: UnindexedPost };

function portions(entries: readonly Entry[]): Entry[][] {
  const all: Entry[][] = [];
  let text = 0;
  for (const entry of entries) {
    const size = entry.reading.kind === 'read' ? entry.reading.own.length + entry.reading.quoted.length : 0;
    text += size;
    const last = all.at(-1);
    if (last && text <= transactionText) last.push(entry);
    else {
      all.push([entry]);
      text = size;
    }
  }
  return all;
}

/** How often the database has refused a post alone, for what it says, by its id. */
type Refusals = Map<number, number>;

/** One post that the database does not take keeps no other out of the archive, and is itself kept as raw mail in the end. */
async function writeBounded(
  parts: IndexerParts,
  entries: readonly Entry[],
  refused: Refusals,
): Promise<void> {
  try {
    await writePortion(parts, entries);
  } catch (error) {
    // A disk, a lock, a connection: nobody's fault here.
    if (error instanceof Refusal) throw error;
    const [entry, ...others] = entries;
    if (!entry) throw error;
    if (others.length > 0) {
      for (const each of entries) await writeBounded(parts, [each], refused);
      return;
    }
    const { postId } = entry.post;
    const tries = (refused.get(postId) ?? 0) + 1;
    refused.set(postId, tries);
    if (tries < mostTries) throw error;
    refused.delete(postId);
    parts.log.error({ err: error, post: postId }, 'A post could not be indexed.');
    await writePortion(parts, [asRaw(entry)]);
  }
}

function asRaw({ post }: Entry): Entry {
  return {
    post,
    facts: { inReplyTo: [], references: [] },
    reading: { kind: 'unreadable', why: 'the database did not take what it says' },
  };
}

async function writePortion({ store, log, now }: IndexerParts, entries: readonly Entry[]): Promise<void> {
  const { fullText } = store.capabilities;
  await store.write(async (tx) => {
    await indexPosts(tx, entries, { fullText, now: now() });
    await compressBodies(tx, entries.flatMap(compressed));
  }, lazily);
  for (const { post, reading } of entries) {
    if (reading.kind === 'read' && reading.deflated) discard(reading.deflated);
    if (reading.kind === 'unreadable') {
      log.warn(
        { post: post.postId, why: reading.why },
        'A post could not be read: it is archived as raw mail.',
      );
    }
  }
}

function compressed({ post, reading }: Entry) {
  const deflated = reading.kind === 'read' ? reading.deflated : undefined;
  return deflated ? [{ id: post.bodyId, deflated: Buffer.from(deflated) }] : [];
}
