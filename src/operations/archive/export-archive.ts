import { z } from 'zod';
import type { Actor } from '../../domain/actor.ts';
import type { ArchiveTarget, ExportedMail } from '../../mail/archive-target.ts';
import { pagePosts } from '../../store/archive.ts';
import { readBody } from '../../store/bodies.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Operation } from '../operation.ts';
import type { Perform } from '../perform.ts';

/** Writes a list's whole archive in the order of its numbers, holding a few posts at a time. Returns how many. */
export async function runExport(
  perform: Perform,
  request: {
    readonly actor: Actor;
    readonly list: string;
    readonly target: ArchiveTarget;
    /** Called after each page. */
    progress?(posts: number): void;
  },
): Promise<{ readonly posts: number }> {
  const { actor, list, target } = request;
  let posts = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: ExportPage = await perform(exportPage, actor, { list, after });
    for (const mail of page.mails) await target.write(mail);
    posts += page.mails.length;
    after = page.next;
    request.progress?.(posts);
  }
  return { posts };
}

const input = z.object({ list: listInput, after: z.number() });

export interface ExportPage {
  readonly mails: readonly ExportedMail[];
  /** Undefined after the last page. */
  readonly next: number | undefined;
}

/** Posts of one page: with the largest of mails 8 × 25 MiB. */
const pageLimit = 8;

/** Exported for the test that walks all operations with the table of docs/roles.md. */
export const exportPage: Operation<z.infer<typeof input>, ExportPage> = {
  name: 'export-archive',
  kind: 'query',
  summary: 'Reads some posts of a list whole.',
  input,
  authorise: requireOperator,
  run: async (context, { list, after }) => {
    const { id: listId } = await findList(context, list);
    const posts = await pagePosts(context.tx, { listId, after, limit: pageLimit });
    const mails: ExportedMail[] = [];
    for (const post of posts) {
      const raw = await readBody(context.tx, post.bodyId);
      if (!raw) continue;
      mails.push({ number: post.number, raw, from: post.authorEmail, receivedAt: post.receivedAt });
    }
    return { mails, next: posts.at(-1)?.id };
  },
};
