import { z } from 'zod';
import type { Actor } from '../../domain/actor.ts';
import { pagePosts } from '../../store/archive.ts';
import { forgetIndex } from '../../store/archive-index.ts';
import { forgetThreads, lastThread } from '../../store/threads.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import type { Perform } from '../perform.ts';

/**
 * Drops what was read of posts, in steps: the indexer reads them again in the order they were archived. Posts and raw mail are never
 * touched; search finds less until it is done.
 */
export async function runReindex(
  perform: Perform,
  request: {
    readonly actor: Actor;
    /** Undefined: every list. */
    readonly list?: string;
    /** Called after each step with the posts forgotten so far. */
    progress?(posts: number): void;
  },
): Promise<{ readonly posts: number }> {
  const scope = request.list === undefined ? {} : { list: request.list };
  const { upTo } = await perform(beginReindex, request.actor, scope);
  while ((await perform(forgetThreadsStep, request.actor, { ...scope, upTo })).more);
  let posts = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const step: PostsStep = await perform(forgetPostsStep, request.actor, { ...scope, after });
    posts += step.posts;
    after = step.last;
    request.progress?.(posts);
  }
  return { posts };
}

/** How much a step forgets: its transaction stays below 50 ms. */
const stepLimit = { threads: 50, posts: 100 };

const scope = z.object({ list: listInput.optional() });

const beginReindex: Operation<z.infer<typeof scope>, { readonly upTo: number }> = {
  name: 'reindex-archive',
  kind: 'command',
  summary: 'Reads the posts of a list, or of all lists, into search, threads and attachments again.',
  input: scope,
  authorise: requireOperator,
  run: async ({ tx }) => ({ upTo: await lastThread(tx) }),
  audit: ({ list }) => ({ list }),
};

const threadsStep = scope.extend({ upTo: z.number() });

const forgetThreadsStep: Operation<z.infer<typeof threadsStep>, { readonly more: boolean }> = {
  name: 'reindex-archive-threads',
  kind: 'command',
  summary: 'Forgets some threads.',
  input: threadsStep,
  authorise: requireOperator,
  run: async (context, { list, upTo }) => {
    const listId = list === undefined ? undefined : (await findList(context, list)).id;
    const forgotten = await forgetThreads(context.tx, { listId, upTo, limit: stepLimit.threads });
    return { more: forgotten > 0 };
  },
  audit: () => undefined,
};

const postsStep = scope.extend({ after: z.number() });

interface PostsStep {
  readonly posts: number;
  /** Undefined after the last. */
  readonly last: number | undefined;
}

const forgetPostsStep: Operation<z.infer<typeof postsStep>, PostsStep> = {
  name: 'reindex-archive-posts',
  kind: 'command',
  summary: 'Forgets what was read of some posts.',
  input: postsStep,
  authorise: requireOperator,
  run: async (context, { list, after }) => {
    const listId = list === undefined ? undefined : (await findList(context, list)).id;
    const posts = await pagePosts(context.tx, { listId, after, limit: stepLimit.posts });
    await forgetIndex(
      context.tx,
      posts.map((post) => post.id),
      context.fullText,
    );
    return { posts: posts.length, last: posts.at(-1)?.id };
  },
  audit: () => undefined,
};
