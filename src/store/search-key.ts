import { chunks } from './chunks.ts';
import type { Db } from './store.ts';

/**
 * The place of a post among all posts by time: what search pages are ordered and cut by. The hour it was received (imported: sent)
 * and, below that, its id; so an archive that is imported late still sorts where it belongs, and both engines can walk from the
 * newest without sorting. The hour keeps the numbers close together, which keeps FTS5's lists small.
 */
export type SearchKey = number;

const hour = 3_600_000;
/** Keys of one hour. */
const slots = 2 ** 14;

/** Every post received at this moment or later has this key or a greater one. */
export function firstKeyOf(moment: number): SearchKey {
  return Math.max(0, Math.floor(moment / hour)) * slots;
}

interface Dated {
  readonly postId: number;
  readonly receivedAt: number;
}

/** A key for each post that no other has. A taken one gives way by doubling steps: an hour with more posts than slots spills over. */
export async function takeSearchKeys(tx: Db, posts: readonly Dated[]): Promise<Map<number, SearchKey>> {
  const keys = new Map<number, SearchKey>();
  let waiting = posts.map((post) => ({ post, key: firstKeyOf(post.receivedAt) + (post.postId % slots) }));
  for (let step = 1; waiting.length > 0; step *= 2) {
    const used = await usedAmong(
      tx,
      waiting.map(({ key }) => key),
    );
    for (const key of keys.values()) used.add(key);
    const again: typeof waiting = [];
    for (const { post, key } of waiting) {
      if (used.has(key)) again.push({ post, key: key + step });
      else {
        used.add(key);
        keys.set(post.postId, key);
      }
    }
    waiting = again;
  }
  return keys;
}

async function usedAmong(tx: Db, keys: readonly SearchKey[]): Promise<Set<SearchKey>> {
  const used = new Set<SearchKey>();
  for (const chunk of chunks(keys)) {
    const rows = await tx
      .selectFrom('post_texts')
      .select('search_key')
      .where('search_key', 'in', chunk)
      .execute();
    for (const row of rows) used.add(row.search_key);
  }
  return used;
}
