import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import type { Attachment } from '../../domain/reading.ts';
import { Refusal } from '../../domain/refusal.ts';
import { listUrl } from '../../domain/site.ts';
import { outlineOf } from '../../domain/thread-outline.ts';
import { attachmentsOf, loadPost, loadPosts, type Post, textOf, threadNodesOf } from '../../store/archive.ts';
import { readBody } from '../../store/bodies.ts';
import { chunks } from '../../store/chunks.ts';
import { loadList } from '../../store/lists.ts';
import type { Context, Operation } from '../operation.ts';
import { requireReader } from './can-read.ts';

const input = z.object({ id: z.number().int() });

export interface ShownPost extends Post {
  /** The list's address. */
  readonly list: string;
  readonly url: string;
  /** Undefined until it is indexed; '' when it could not be read: then there is `raw`. */
  readonly text?: string;
  readonly attachments: readonly Attachment[];
  /** The conversation in reading order, itself included. */
  readonly thread: readonly ThreadEntry[];
  /** The message as accepted. */
  readonly raw: Buffer;
}

export interface ThreadEntry
  extends Pick<Post, 'id' | 'number' | 'hash' | 'subject' | 'authorName' | 'sentAt'> {
  readonly depth: number;
}

/** Of a longer conversation the beginning is shown, in nodes. */
const longestThread = 500;

export const showPost: Operation<z.infer<typeof input>, ShownPost> = {
  name: 'show-post',
  kind: 'query',
  summary: 'Shows one post of the archive with its text, attachments and thread.',
  input,
  authorise: async (context, { id }) => requireReader(context, (await find(context, id)).list),
  run: async (context, { id }) => {
    const { post, list } = await find(context, id);
    const text = await textOf(context.tx, id);
    return {
      ...post,
      list: listAddress(list),
      url: `${listUrl(context.site, list)}/m/${post.hash}`,
      ...(text !== undefined && { text }),
      attachments: await attachmentsOf(context.tx, id),
      thread: await threadOf(context, id),
      raw: (await readBody(context.tx, post.bodyId)) ?? Buffer.alloc(0),
    };
  },
};

async function find({ tx }: Context, id: number) {
  const post = await loadPost(tx, id);
  const list = post && (await loadList(tx, post.listId));
  if (!post || !list) throw new Refusal('not-found', `There is no post ${id}.`);
  return { post, list };
}

async function threadOf({ tx }: Context, id: number): Promise<ThreadEntry[]> {
  const outline = outlineOf(await threadNodesOf(tx, id, longestThread));
  const posts = new Map<number, Post>();
  for (const chunk of chunks(outline.map((entry) => entry.postId))) {
    for (const post of await loadPosts(tx, chunk)) posts.set(post.id, post);
  }
  return outline.flatMap(({ postId, depth }) => {
    const post = posts.get(postId);
    if (!post) return [];
    const { number, hash, subject, authorName, sentAt } = post;
    return [{ id: postId, number, hash, subject, authorName, sentAt, depth }];
  });
}
