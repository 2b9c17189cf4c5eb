import { listAddress } from '../../domain/list.ts';
import type { Post } from '../../store/archive.ts';
import { loadList } from '../../store/lists.ts';
import type { Context } from '../operation.ts';

/** How many of the newest posts a rule is tried on. */
export const postsTried = 200;

/** A post that a rule would have been about. */
export interface TriedPost extends Pick<Post, 'id' | 'number' | 'authorEmail' | 'subject' | 'sentAt'> {
  /** The list's address; null where it is deleted. */
  readonly list: string | null;
}

/** One query for each list that they are of. */
export async function tellPosts({ tx }: Context, posts: readonly Post[]): Promise<readonly TriedPost[]> {
  const names = new Map<number, string>();
  for (const id of new Set(posts.map(({ listId }) => listId))) {
    const list = await loadList(tx, id);
    if (list) names.set(id, listAddress(list));
  }
  return posts.map(({ id, listId, number, authorEmail, subject, sentAt }) => ({
    id,
    list: names.get(listId) ?? null,
    number,
    authorEmail,
    subject,
    sentAt,
  }));
}
