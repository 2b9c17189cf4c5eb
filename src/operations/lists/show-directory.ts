import { z } from 'zod';
import { listAddress } from '../../domain/list.ts';
import { isListName } from '../../domain/list-name.ts';
import { listPath, type Site } from '../../domain/site.ts';
import type { ListName } from '../../store/list-names.ts';
import { pageListed } from '../../store/lists.ts';
import type { Operation } from '../operation.ts';

const input = z.object({
  /** The address that ended the page before. */
  after: z.string().max(300).optional(),
  limit: z.int().min(1).max(100).default(50),
});

export interface DirectoryEntry {
  readonly title: string;
  readonly purpose: string;
  readonly address: string;
  /** First segment of its pages' paths. */
  readonly path: string;
}

export interface DirectoryPage {
  readonly lists: readonly DirectoryEntry[];
  /** For the next page; absent on the last one. */
  readonly next?: string;
}

export const showDirectory: Operation<z.infer<typeof input>, DirectoryPage> = {
  name: 'show-directory',
  kind: 'query',
  summary: 'Names the lists whose owners put them in the public directory.',
  input,
  authorise: () => {},
  run: async ({ tx, site }, { after, limit }) => {
    const from = after === undefined ? undefined : readCursor(site, after);
    const found = await pageListed(tx, { ...(from && { after: from }), limit: limit + 1 });
    const lists = found.slice(0, limit).map((list) => ({
      title: list.title,
      purpose: list.purpose,
      address: listAddress(list),
      path: listPath(site, list),
    }));
    const last = found.length > limit ? lists.at(-1) : undefined;
    return { lists, ...(last && { next: last.address }) };
  },
};

/** What is no address of ours begins at the beginning. */
function readCursor(site: Site, after: string): ListName | undefined {
  const [name = '', domain = ''] = after.split('@', 2);
  return isListName(name) && site.domains.includes(domain) ? { name, domain } : undefined;
}
