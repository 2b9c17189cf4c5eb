import { z } from 'zod';
import { type List, listAddress } from '../../domain/list.ts';
import { Refusal } from '../../domain/refusal.ts';
import { messageIdHash } from '../../mail/message-id-hash.ts';
import { writeIndex } from '../../store/archive-index.ts';
import { findBodyHashes, insertImportedPosts } from '../../store/imported-posts.ts';
import { requireOperator } from '../authorise.ts';
import { findList, listInput } from '../find-list.ts';
import type { Context, Operation } from '../operation.ts';
import { type DatedPost, datePost, type ImportedMail, type ImportProblem } from './imported-post.ts';

/** What became of the mails of an archive. */
export interface ImportReport {
  readonly imported: number;
  /** They were there before: the same Message-ID with the same body. */
  readonly already: number;
  readonly problems: readonly ImportProblem[];
}

const begun = z.object({ list: listInput, source: z.string().max(1000) });

/** Before the first batch: says no where an import makes no sense, and is what the audit trail keeps of it. */
export const beginImport: Operation<z.infer<typeof begun>, List> = {
  name: 'import-archive',
  kind: 'command',
  summary: 'Brings an older archive into the archive of a list; sends no mail.',
  input: begun,
  authorise: requireOperator,
  run: async (context, { list }) => findArchivedList(context, list),
  audit: ({ source }, list) => ({ listId: list.id, list: listAddress(list), source }),
};

const batch = z.object({ list: listInput, mails: z.array(z.custom<ImportedMail>()).max(500) });

/**
 * One batch of an import: idempotent by Message-ID, so an import that stopped is simply run again. The same id with another body gets
 * `-2` (email.md §9). No mail is sent, ever.
 */
export const importBatch: Operation<z.infer<typeof batch>, ImportReport> = {
  name: 'import-archive-batch',
  kind: 'command',
  summary: 'Imports some mails of an archive.',
  input: batch,
  authorise: requireOperator,
  run: async (context, { list, mails }) => {
    const { id } = await findArchivedList(context, list);
    const dated = mails.map((mail) => datePost(mail, context.now));
    const problems = dated.flatMap((result) => (result.kind === 'problem' ? [result.problem] : []));
    const posts = dated.flatMap((result) => (result.kind === 'post' ? [result.post] : []));
    const sorted = await sortOut(context, id, posts);
    await archive(context, id, sorted.fresh);
    return {
      imported: sorted.fresh.length,
      already: sorted.already,
      problems: [...problems, ...sorted.problems],
    };
  },
  // A power cut costs the last second of an import, which is then run again.
  durable: false,
  // The import as a whole has its row.
  audit: () => undefined,
};

async function findArchivedList(context: Context, name: string): Promise<List> {
  const list = await findList(context, name);
  if (list.settings.archive === 'off') {
    throw new Refusal(
      'conflict',
      `${listAddress(list)} keeps no archive: first "list set ${list.name} archive=members".`,
    );
  }
  return list;
}

interface Sorted {
  readonly fresh: readonly DatedPost[];
  readonly already: number;
  readonly problems: readonly ImportProblem[];
}

/** How many different mails may share a Message-ID. */
const namesakes = 9;

async function sortOut({ tx }: Context, listId: number, posts: readonly DatedPost[]): Promise<Sorted> {
  const fresh = new Map<string, DatedPost>();
  let already = 0;
  let waiting = posts;
  for (let n = 1; n <= namesakes && waiting.length > 0; n++) {
    const named = waiting.map((post) =>
      n === 1 ? post : { ...post, messageId: `${post.mail.facts.messageId}-${n}` },
    );
    const known = await findBodyHashes(
      tx,
      listId,
      named.map((post) => post.messageId),
    );
    const collided: DatedPost[] = [];
    for (const post of named) {
      const there = known.get(post.messageId) ?? fresh.get(post.messageId)?.bodyHash;
      if (there === undefined) fresh.set(post.messageId, post);
      else if (there === post.bodyHash) already++;
      else collided.push(post);
    }
    waiting = collided;
  }
  const why = `there are ${namesakes} other messages with its Message-ID`;
  const problems = waiting.map(({ mail }) => ({ position: mail.position, why }));
  return { fresh: [...fresh.values()], already, problems };
}

async function archive(context: Context, listId: number, posts: readonly DatedPost[]): Promise<void> {
  const { tx, now, fullText } = context;
  const ids = await insertImportedPosts(
    tx,
    posts.map((post) => ({ ...post, hash: messageIdHash(post.messageId), body: bodyOf(post.mail) })),
    { listId, now },
  );
  const entries = posts.map((post) => ({
    post: { ...post, listId, postId: ids.get(post.messageId) ?? 0 },
    facts: post.mail.facts,
    reading: post.mail.reading,
  }));
  await writeIndex(tx, entries, fullText);
}

function bodyOf({ facts, raw, reading }: ImportedMail) {
  return { sha256: facts.sha256, raw, deflated: reading.kind === 'read' ? reading.deflated : undefined };
}
