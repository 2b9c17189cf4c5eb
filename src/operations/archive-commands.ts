import type { List } from '../domain/list.ts';
import { parseSearch } from '../domain/search-query.ts';
import { listUrl } from '../domain/site.ts';
import { readableText } from '../mail/readable-text.ts';
import { readBody } from '../store/bodies.ts';
import { type ArchivedPost, findPost, recentPosts } from '../store/posts.ts';
import { searchPosts as findPosts } from '../store/search.ts';
import { standingOf } from '../store/standing.ts';
import { mayRead } from './can-read.ts';
import type { CommandDesk } from './command-desk.ts';
import { formatDay } from './notices.ts';

/** The archive by mail (email.md §2.3): who may read it gets it, at the address the request claims to be from. */

const mostIndexed = 50;
const mostPosts = 5;
const mostBytes = 1024 * 1024;

export async function indexPosts(desk: CommandDesk, list: List): Promise<void> {
  if (!(await isOpen(desk, list))) return;
  const posts = await recentPosts(desk.context.tx, list.id, mostIndexed);
  await show(desk, list, 'the newest posts', posts.map(indexLine).join('\n'));
}

/** `get 17 18`: posts by number, or by the hash at the end of their link. */
export async function getPosts(desk: CommandDesk, list: List, what: string): Promise<void> {
  if (!(await isOpen(desk, list))) return;
  const asked = what
    .split(/[\s,]+/)
    .filter(Boolean)
    .slice(0, mostPosts);
  const texts: string[] = [];
  let bytes = 0;
  for (const word of asked) {
    const text = await postText(desk, list, word);
    bytes += text.length;
    texts.push(bytes > mostBytes ? `${word}: too long for this mail; ask for it alone.` : text);
  }
  await show(desk, list, asked.join(' '), texts.join(`\n\n${'-'.repeat(70)}\n\n`));
}

export async function searchPosts(desk: CommandDesk, list: List, query: string): Promise<void> {
  if (!(await isOpen(desk, list))) return;
  const { tx, fullText } = desk.context;
  const hits = await findPosts(tx, fullText, {
    query: parseSearch(query),
    listIds: [list.id],
    limit: mostIndexed,
  });
  await show(desk, list, query, hits.map(indexLine).join('\n') || 'No post says this.');
}

async function isOpen(desk: CommandDesk, list: List): Promise<boolean> {
  const standing = await standingOf(desk.context.tx, list.id, desk.author);
  if (mayRead(list, standing?.role)) return true;
  await desk.reply(
    'archive-refused',
    { shownTo: list.settings.archive === 'owners' ? 'owners' : 'members' },
    list,
  );
  return false;
}

async function show(desk: CommandDesk, list: List, what: string, posts: string): Promise<void> {
  await desk.reply('posts', { what, posts: posts || 'There are no posts yet.' }, list);
}

async function postText(desk: CommandDesk, list: List, word: string): Promise<string> {
  const { tx, site } = desk.context;
  const post = await findPost(
    tx,
    list.id,
    /^\d{1,9}$/.test(word) ? { number: Number(word) } : { hash: word.toUpperCase() },
  );
  const raw = post && (await readBody(tx, post.bodyId));
  if (!post || !raw) return `${word}: there is no such post.`;
  return [
    `From: ${post.authorName || post.authorEmail}`,
    `Date: ${formatDay(post.sentAt)}`,
    `Subject: ${post.subject}`,
    ...(list.settings.archive === 'off' ? [] : [`Link: ${listUrl(site, list)}/m/${post.hash}`]),
    '',
    readableText(raw),
  ].join('\n');
}

function indexLine(
  post: Pick<ArchivedPost, 'number' | 'sentAt' | 'authorName' | 'authorEmail' | 'subject'>,
): string {
  return `${String(post.number).padStart(6)}  ${formatDay(post.sentAt)}  ${post.authorName || post.authorEmail}: ${post.subject}`;
}
