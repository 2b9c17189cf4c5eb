import { Command } from 'commander';
import { Refusal } from '../../domain/refusal.ts';
import { claimHeld } from '../../operations/moderation/claim-held.ts';
import { approveHeld, discardHeld, rejectHeld } from '../../operations/moderation/decide-held.ts';
import {
  listHeld,
  type ShownPost,
  showHeld,
  type WaitingPost,
} from '../../operations/moderation/list-held.ts';
import type { Desk, Frame } from '../frame.ts';
import { isoTime, shortTime } from '../output.ts';
import { parseId, parseIds } from '../parse-id.ts';

export function heldCommand(frame: Frame): Command {
  const held = new Command('held').description('Read and decide about posts that wait for a moderator.');
  lsVerb(held, frame);
  showVerb(held, frame);
  decideVerbs(held, frame);
  return held;
}

function lsVerb(held: Command, { operate, output }: Frame): void {
  held
    .command('ls')
    .description('Name the posts that wait, of one list or of all.')
    .argument('[list]', 'its address or local part')
    .option('--spam', 'those in the spam folder, which nobody is told of')
    .action(async (named: string | undefined, { spam = false }: { readonly spam?: boolean }) => {
      output.rows(await operate((desk) => everyWaiting(desk, { named, spam })), {
        columns: [
          ['id', (row) => row.id],
          ['list', (row) => row.list ?? deleted],
          ['from', (row) => row.from],
          ['proved', (row) => row.identity.class],
          ['subject', (row) => row.subject],
          ['because', (row) => row.reasons.map((reason) => reason.why).join('; ')],
          ['until', (row) => shortTime(row.expiresAt)],
          ['note', (row) => row.claim?.words],
        ],
        json: document,
        none: spam ? 'The spam folder is empty.' : 'Nothing waits.',
      });
    });
}

function showVerb(held: Command, { operate, output }: Frame): void {
  held
    .command('show')
    .description('Show a held post whole, as it came.')
    .argument('<id>', 'from held ls', parseId)
    .action(async (id: number) => {
      const shown = await operate((desk) => desk.perform(showHeld, { id }));
      const { decision, raw, proof, history, claim } = shown;
      if (output.json) output.raw('', whole(shown));
      else {
        output.note(
          `Held post ${id} of ${shown.list ?? deleted}: ${shown.reasons.map((reason) => reason.why).join('; ')}.`,
        );
        output.note(`From ${shown.from}. Really? ${proof}. Author: ${history}.`);
        if (claim) output.note(`${claim.words}.`);
        output.note(
          decision ? `It was ${decision.words}.` : `It waits until ${shortTime(shown.expiresAt)} UTC.`,
        );
        output.mail(raw);
      }
    });
}

function decideVerbs(held: Command, frame: Frame): void {
  approveVerb(held, frame);
  rejectVerb(held, frame);
  discardVerb(held, frame);
  claimVerb(held, frame);
}

interface ApproveOptions {
  readonly allow?: boolean;
  readonly subject?: string;
  readonly textFile?: string;
}

function approveVerb(held: Command, { operate, output, read }: Frame): void {
  held
    .command('approve')
    .description('Post held mail.')
    .argument('<id...>', 'from held ls', parseIds)
    .option('--allow', 'and let posts of the same author through from now on')
    .option('--subject <text>', 'with another subject; it then goes out from the address of the list')
    .option('--text-file <file>', 'with the text of a file, or of standard input for -')
    .action(async (ids: number[], { allow, subject, textFile }: ApproveOptions) => {
      const text = textFile === undefined ? undefined : (await read(textFile)).toString('utf8');
      await operate((desk) =>
        decideEach(ids, {
          decide: async (id) => withSender(await desk.perform(approveHeld, { id, allow, subject, text })),
          report: (posted) =>
            output.done(
              `Posted: ${posted.map(({ id, number }) => `${id} as post ${number}`).join(', ')}.${sendersOf(posted)}`,
              posted,
            ),
        }),
      );
    });
}

function rejectVerb(held: Command, { operate, output }: Frame): void {
  held
    .command('reject')
    .description(
      'Refuse held mail. A proved author is told why; nobody else is, for anybody can write any From.',
    )
    .argument('<id...>', 'from held ls', parseIds)
    .option('--reason <text>', 'for the author, or the number of one of the list’s reject_reasons')
    .option('--ban', 'and drop whatever the same author writes')
    .action((ids: number[], { reason, ban }: { readonly reason?: string; readonly ban?: boolean }) =>
      operate((desk) =>
        decideEach(ids, {
          decide: async (id) => withSender(await desk.perform(rejectHeld, { id, reason, ban })),
          report: (done) =>
            output.done(
              `Rejected: ${done.map(({ id, told }) => `${id} (author ${told ? 'told' : 'not told'})`).join(', ')}.${sendersOf(done)}`,
              done,
            ),
        }),
      ),
    );
}

function discardVerb(held: Command, { operate, output }: Frame): void {
  held
    .command('discard')
    .description('Drop held mail without a word to anybody.')
    .argument('<id...>', 'from held ls', parseIds)
    .option('--ban', 'and drop whatever the same author writes')
    .action((ids: number[], { ban }: { readonly ban?: boolean }) =>
      operate((desk) =>
        decideEach(ids, {
          decide: async (id) => withSender(await desk.perform(discardHeld, { id, ban })),
          report: (done) =>
            output.done(`Discarded: ${done.map(({ id }) => id).join(', ')}.${sendersOf(done)}`, done),
        }),
      ),
    );
}

function claimVerb(held: Command, { operate, output }: Frame): void {
  held
    .command('claim')
    .description('Tell the moderators that somebody is looking into held mail.')
    .argument('<id...>', 'from held ls', parseIds)
    .option('--release', 'that nobody is, any more')
    .action((ids: number[], { release }: { readonly release?: boolean }) =>
      operate((desk) =>
        decideEach(ids, {
          decide: (id) => desk.perform(claimHeld, { id, release }),
          report: (done) =>
            output.done(`${release ? 'Released' : 'Claimed'}: ${done.map(({ id }) => id).join(', ')}.`, done),
        }),
      ),
    );
}

function withSender<O extends { readonly sender?: string }>(done: O) {
  return { ...done, sender: done.sender ?? null };
}

/** What else was decided about the authors, each once. */
function sendersOf(done: readonly { readonly sender: string | null }[]): string {
  const sentences = new Set(done.flatMap(({ sender }) => sender ?? []));
  return [...sentences].map((sentence) => ` ${sentence}`).join('');
}

/** One after the other; what was done is told, and then what was refused, which keeps up none of the others. */
async function decideEach<O extends object>(
  ids: readonly number[],
  way: { decide(id: number): Promise<O>; report(done: readonly (O & { readonly id: number })[]): void },
): Promise<void> {
  const done: (O & { readonly id: number })[] = [];
  const refused: string[] = [];
  try {
    for (const id of ids) {
      try {
        done.push({ id, ...(await way.decide(id)) });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (ids.length === 1) throw error;
        refused.push(`${id}: ${error.message}`);
      }
    }
  } finally {
    if (done.length > 0) way.report(done);
  }
  if (refused.length > 0)
    throw new Refusal(
      'conflict',
      `${refused.length} of these ${ids.length} ${refused.length === 1 ? 'is' : 'are'} as before:\n  ${refused.join('\n  ')}`,
    );
}

async function everyWaiting(
  desk: Desk,
  { named, spam }: { readonly named: string | undefined; readonly spam: boolean },
): Promise<WaitingPost[]> {
  const limit = 500;
  const all: WaitingPost[] = [];
  for (;;) {
    const page = await desk.perform(listHeld, { list: named, spam, after: all.at(-1)?.id ?? 0, limit });
    all.push(...page);
    if (page.length < limit) return all;
  }
}

const deleted = '(a deleted list)';

/** The keys that are promised to scripts, and no others; what is told in words of the list's time has its moment in UTC. */
function document(post: WaitingPost) {
  const { id, list, from, author, subject, identity, reasons, spam, claim, heldAt, expiresAt } = post;
  return {
    id,
    list,
    from,
    author,
    subject,
    identity,
    reasons,
    spam,
    claim: claim && { by: claim.by, at: isoTime(claim.at) },
    heldAt: isoTime(heldAt),
    expiresAt: isoTime(expiresAt),
  };
}

function whole(post: ShownPost) {
  const { history, decision, raw } = post;
  return {
    ...document(post),
    history,
    decision: decision && { kind: decision.kind, by: decision.by, at: isoTime(decision.at) },
    raw: raw.toString('utf8'),
  };
}
