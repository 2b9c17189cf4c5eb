import { z } from 'zod';
import { type List, listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { parseSearch, type SearchQuery } from '../../domain/search-query.ts';
import { listUrl } from '../../domain/site.ts';
import { snippetOf } from '../../domain/snippet.ts';
import { loadList } from '../../store/lists.ts';
import { type SearchHit, searchPosts } from '../../store/search.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';
import { readableLists } from './can-read.ts';

const input = z.object({
  query: z.string().max(1000),
  list: listInput.optional(),
  /** `next` of the page before. */
  before: z.number().optional(),
  limit: z.number().int().min(1).max(100).default(25),
});

export interface SearchPage {
  /** Newest first. */
  readonly posts: readonly FoundPost[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: number;
  /** What of the query could not be understood, in sentences. */
  readonly unclear: readonly string[];
}

export interface FoundPost {
  readonly id: number;
  /** The list's address. */
  readonly list: string;
  /** Of that list. */
  readonly number: number;
  readonly subject: string;
  /** The bare address; '' where an imported mail has none. */
  readonly author: string;
  /** As the mail says. */
  readonly from: string;
  /** The Date header, epoch milliseconds. */
  readonly date: number;
  readonly url: string;
  readonly snippet: string;
}

export const searchArchive: Operation<z.infer<typeof input>, SearchPage> = {
  name: 'search-archive',
  kind: 'query',
  summary: 'Finds posts: from: subject: body: before: after: list: has:attachment "a phrase" -without.',
  input,
  // Everybody may ask; what they may read is all that is looked at.
  authorise: () => {},
  run: async (context, request) => {
    const query = parseSearch(request.query);
    const { named, unclear } = await namedLists(context, query, request.list);
    const listIds = await readableLists(context, named);
    const hits = await searchPosts(context.tx, context.fullText, {
      query,
      limit: request.limit + 1,
      ...(listIds && { listIds }),
      ...(request.before !== undefined && { before: request.before }),
    });
    const shown = hits.slice(0, request.limit);
    const last = hits.length > shown.length ? shown.at(-1) : undefined;
    return {
      posts: await describe(context, shown, query),
      ...(last && { next: last.key }),
      unclear: [...query.unclear, ...unclear],
    };
  },
};

/** The lists that the query and the request name; undefined when neither names one. */
async function namedLists(context: Context, query: SearchQuery, requested: string | undefined) {
  const one = requested === undefined ? undefined : await findList(context, requested);
  if (query.lists.length === 0) return { named: one && [one], unclear: [] };
  const named: List[] = [];
  const unclear: string[] = [];
  for (const name of query.lists) {
    try {
      named.push(await findList(context, name));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      unclear.push(refusal.message);
    }
  }
  return { named: one ? named.filter((list) => list.id === one.id) : named, unclear };
}

async function describe(
  context: Context,
  hits: readonly SearchHit[],
  query: SearchQuery,
): Promise<FoundPost[]> {
  const words = query.terms.filter((term) => !term.exclude).flatMap((term) => term.words);
  const lists = new Map<number, List | undefined>();
  const found: FoundPost[] = [];
  for (const hit of hits) {
    if (!lists.has(hit.listId)) lists.set(hit.listId, await loadList(context.tx, hit.listId));
    const list = lists.get(hit.listId);
    // A deleted list's posts are still there, but nobody's to read.
    if (list) found.push(describeHit(context, { hit, list, words }));
  }
  return found;
}

function describeHit(
  { site }: Context,
  { hit, list, words }: { hit: SearchHit; list: List; words: readonly string[] },
): FoundPost {
  return {
    id: hit.postId,
    list: listAddress(list),
    number: hit.number,
    subject: hit.subject,
    author: hit.authorEmail,
    from: hit.authorName ? `${hit.authorName} <${hit.authorEmail}>` : hit.authorEmail,
    date: hit.sentAt,
    url: `${listUrl(site, list)}/m/${hit.hash}`,
    snippet: snippetOf(hit.text, words),
  };
}
