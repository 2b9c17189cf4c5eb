import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { loadPost, type Post } from '../../store/archive.ts';
import { loadList } from '../../store/lists.ts';
import { setThreadLock, threadOfPost } from '../../store/thread-locks.ts';
import { requireRole } from '../authorise.ts';
import type { Context, Operation } from '../operation.ts';

/** Any post of the conversation, by its id. */
const input = z.object({ id: z.int().positive() });

export interface LockedThread {
  readonly listId: number;
  /** The list's address. */
  readonly list: string;
  /** Of the post that was named. */
  readonly subject: string;
  /** In the whole conversation. */
  readonly posts: number;
  /** False: it was so before. */
  readonly changed: boolean;
}

/** Answers are held, so that nothing that somebody wrote is lost. */
export const lockThread: Operation<z.infer<typeof input>, LockedThread> = {
  name: 'lock-thread',
  kind: 'command',
  summary: 'Closes the conversation a post belongs to: answers to it wait for a moderator.',
  input,
  authorise: async (context, { id }) =>
    requireRole(context, (await findPost(context, id)).listId, 'moderator'),
  run: (context, { id }) => setLock(context, id, context.now),
  audit: ({ id }, { listId, changed }) => (changed ? { listId, id } : undefined),
};

export const unlockThread: Operation<z.infer<typeof input>, LockedThread> = {
  name: 'unlock-thread',
  kind: 'command',
  summary: 'Opens a closed conversation again.',
  input,
  authorise: async (context, { id }) =>
    requireRole(context, (await findPost(context, id)).listId, 'moderator'),
  run: (context, { id }) => setLock(context, id, null),
  audit: ({ id }, { listId, changed }) => (changed ? { listId, id } : undefined),
};

async function findPost({ tx }: Context, id: number): Promise<Post> {
  const post = await loadPost(tx, id);
  if (!post) throw new Refusal('not-found', `There is no post ${id}.`);
  return post;
}

async function setLock(context: Context, id: number, lockedAt: number | null): Promise<LockedThread> {
  const post = await findPost(context, id);
  const list = await loadList(context.tx, post.listId);
  const thread = await threadOfPost(context.tx, id);
  if (!list) throw new Refusal('not-found', `There is no post ${id}.`);
  // Seconds after it came; or minutes, while an archive is read again.
  if (!thread) throw new Refusal('busy', `Post ${id} has not been read yet: try again in a minute.`);
  const changed = (thread.lockedAt === null) !== (lockedAt === null);
  if (changed) await setThreadLock(context.tx, thread.threadId, lockedAt);
  return { listId: list.id, list: listAddress(list), subject: post.subject, posts: thread.posts, changed };
}
