import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { type CountedList, pageLists } from '../../store/lists.ts';
import { requireOperator } from '../authorise.ts';
import { readListAddress } from '../find-list.ts';
import type { Operation } from '../operation.ts';

const input = z.object({
  /** The address that ended the page before. */
  after: z.string().optional(),
  limit: z.int().min(1).max(1000).default(100),
});

export interface ListLine {
  readonly address: string;
  readonly title: string;
  readonly purpose: string;
  readonly closed: boolean;
  readonly members: number;
}

export interface ListPage {
  readonly lists: readonly ListLine[];
  /** For the next page; absent on the last one. */
  readonly next?: string;
}

export const listLists: Operation<z.infer<typeof input>, ListPage> = {
  name: 'list-lists',
  kind: 'query',
  summary: 'Names the lists of this site.',
  input,
  authorise: requireOperator,
  run: async ({ tx, site }, { after, limit }) => {
    const page = { limit, ...(after !== undefined && { after: readListAddress(site, after) }) };
    const lists = (await pageLists(tx, page)).map(toLine);
    const last = lists.length === limit ? lists.at(-1) : undefined;
    return { lists, ...(last && { next: last.address }) };
  },
};

function toLine({ list, members }: CountedList): ListLine {
  const { title, purpose, closedAt } = list;
  return { address: listAddress(list), title, purpose, closed: closedAt !== null, members };
}
