import type { List } from '../../domain/list.ts';
import { parseSearch } from '../../domain/search-query.ts';
import { listUrl } from '../../domain/site.ts';
import { readableText } from '../../mail/readable-text.ts';
import { textOf } from '../../store/archive.ts';
import { readBody } from '../../store/bodies.ts';
import { type ArchivedPost, findPost, recentPosts } from '../../store/posts.ts';
import { searchPosts as findPosts } from '../../store/search.ts';
import { standingOf } from '../../store/standing.ts';
import { mayHearFromUs } from '../answering.ts';
import { mayRead } from '../archive/can-read.ts';
import { formatDay, sendNotice } from '../notices.ts';
import { quoteSubject } from '../posting/tell-sender.ts';
import { type CommandDesk, notAnswered } from './command-desk.ts';

/** The archive by mail (email.md §2.3): who may read it gets it, at the address the request claims to be from. */

const mostIndexed = 50;
const mostPosts = 5;
const mostBytes = 1024 * 1024;

export async function indexPosts(desk: CommandDesk, list: List): Promise<void> {
  if (!(await isOpen(desk, list))) return;
  await show(desk, list, {
    what: 'the newest posts',
    find: async () => {
      const posts = await recentPosts(desk.context.tx, list.id, mostIndexed);
      return posts.map(indexLine).join('\n') || 'There are no posts yet.';
    },
  });
}

/** `get 17 18`: posts by number, or by the hash at the end of their link. */
export async function getPosts(desk: CommandDesk, list: List, what: string): Promise<void> {
  if (!(await isOpen(desk, list))) return;
  const asked = what
    .split(/[\s,]+/)
    .filter(Boolean)
    .slice(0, mostPosts);
  await show(desk, list, { what: asked.join(' '), find: () => textsOf(desk, list, asked) });
}

export async function searchPosts(desk: CommandDesk, list: List, query: string): Promise<void> {
  if (!(await isOpen(desk, list))) return;
  const { tx, fullText } = desk.context;
  await show(desk, list, {
    what: query,
    find: async () => {
      const request = { query: parseSearch(query), listIds: [list.id], limit: mostIndexed };
      const hits = await findPosts(tx, fullText, request);
      return hits.map(indexLine).join('\n') || 'No post says this.';
    },
  });
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

/** Looks only when an answer may go out: ten lines of one mail, in the name of a member, would have us read fifty posts for nobody. */
async function show(
  desk: CommandDesk,
  list: List,
  asked: { readonly what: string; find(): Promise<string> },
): Promise<void> {
  const { context, mail, author, outcomes } = desk;
  const { what } = asked;
  if (!(await mayHearFromUs(context, author, { text: 'posts', list, about: what }))) {
    outcomes.push(notAnswered);
    return;
  }
  await sendNotice(context, {
    text: 'posts',
    to: author,
    list,
    values: { what: quoteSubject(what), posts: await asked.find() },
    answering: { messageId: mail.facts.messageId },
    returnPath: 'null',
  });
}

async function textsOf(desk: CommandDesk, list: List, asked: readonly string[]): Promise<string> {
  const texts: string[] = [];
  let bytes = 0;
  for (const word of asked) {
    const text = await postText(desk, list, word);
    bytes += Buffer.byteLength(text);
    texts.push(bytes > mostBytes ? `${word}: too long for this mail; ask for it alone.` : text);
  }
  return texts.join(`\n\n${'-'.repeat(70)}\n\n`);
}

async function postText(desk: CommandDesk, list: List, word: string): Promise<string> {
  const { tx, site } = desk.context;
  const which = readPostName(word);
  const post = which && (await findPost(tx, list.id, which));
  if (!post) return `${word}: there is no such post.`;
  return [
    `From: ${post.authorName || post.authorEmail}`,
    `Date: ${formatDay(post.sentAt)}`,
    `Subject: ${post.subject}`,
    ...(list.settings.archive === 'off' ? [] : [`Link: ${listUrl(site, list)}/m/${post.hash}`]),
    '',
    await readText(desk, post),
  ].join('\n');
}

/** Read before, by a worker thread; of a post that is seconds old, from its bytes, which costs the event loop. */
async function readText({ context: { tx } }: CommandDesk, { id, bodyId }: ArchivedPost): Promise<string> {
  const text = await textOf(tx, id);
  if (text !== undefined) return text;
  return readableText((await readBody(tx, bodyId)) ?? Buffer.alloc(0));
}

/** A number, or a Message-ID-Hash: 32 characters of base32. */
function readPostName(word: string): { readonly number: number } | { readonly hash: string } | undefined {
  if (/^\d{1,9}$/.test(word)) return { number: Number(word) };
  return /^[A-Z2-7]{32}$/i.test(word) ? { hash: word.toUpperCase() } : undefined;
}

function indexLine(
  post: Pick<ArchivedPost, 'number' | 'sentAt' | 'authorName' | 'authorEmail' | 'subject'>,
): string {
  return `${String(post.number).padStart(6)}  ${formatDay(post.sentAt)}  ${post.authorName || post.authorEmail}: ${post.subject}`;
}
