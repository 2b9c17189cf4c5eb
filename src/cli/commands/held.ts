import { Command } from 'commander';
import { approveHeld, discardHeld, rejectHeld } from '../../operations/decide-held.ts';
import { listHeld, showHeld, type WaitingPost } from '../../operations/list-held.ts';
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
    .action(async (named?: string) => {
      output.rows(await operate((desk) => everyWaiting(desk, named)), {
        columns: [
          ['id', (row) => row.id],
          ['list', (row) => row.list],
          ['from', (row) => row.from],
          ['subject', (row) => row.subject],
          ['because', (row) => row.reasons.map((reason) => reason.why).join('; ')],
          ['until', (row) => shortTime(row.expiresAt)],
        ],
        json: document,
        none: 'Nothing waits.',
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
      const { decision, raw } = shown;
      if (output.json) output.raw('', { ...document(shown), decision, raw: raw.toString('utf8') });
      else {
        output.note(
          `Held post ${id} of ${shown.list}: ${shown.reasons.map((reason) => reason.why).join('; ')}.`,
        );
        output.note(decision ? `It was ${decision}.` : `It waits until ${shortTime(shown.expiresAt)} UTC.`);
        output.mail(raw);
      }
    });
}

function decideVerbs(held: Command, { operate, output }: Frame): void {
  held
    .command('approve')
    .description('Post held mail.')
    .argument('<id...>', 'from held ls', parseIds)
    .action((ids: number[]) =>
      operate((desk) =>
        decideEach(ids, {
          decide: (id) => desk.perform(approveHeld, { id }),
          report: (posted) =>
            output.done(
              `Posted: ${posted.map(({ id, number }) => `${id} as post ${number}`).join(', ')}.`,
              posted,
            ),
        }),
      ),
    );

  held
    .command('reject')
    .description('Refuse held mail. A member is told why; a stranger is not, for anybody can write any From.')
    .argument('<id...>', 'from held ls', parseIds)
    .option('--reason <text>', 'for the author')
    .action((ids: number[], { reason }: { readonly reason?: string }) =>
      operate((desk) =>
        decideEach(ids, {
          decide: (id) => desk.perform(rejectHeld, { id, reason }),
          report: (done) =>
            output.done(
              `Rejected: ${done.map(({ id, told }) => `${id} (${told ? 'told' : 'not told'})`).join(', ')}.`,
              done,
            ),
        }),
      ),
    );

  held
    .command('discard')
    .description('Drop held mail without a word to anybody.')
    .argument('<id...>', 'from held ls', parseIds)
    .action((ids: number[]) =>
      operate((desk) =>
        decideEach(ids, {
          decide: (id) => desk.perform(discardHeld, { id }),
          report: (done) => output.done(`Discarded: ${done.map(({ id }) => id).join(', ')}.`, done),
        }),
      ),
    );
}

/** One after the other; what was done is told, also when one of them is refused. */
async function decideEach<O extends object>(
  ids: readonly number[],
  way: { decide(id: number): Promise<O>; report(done: readonly (O & { readonly id: number })[]): void },
): Promise<void> {
  const done: (O & { readonly id: number })[] = [];
  try {
    for (const id of ids) done.push({ id, ...(await way.decide(id)) });
  } finally {
    if (done.length > 0) way.report(done);
  }
}

async function everyWaiting(desk: Desk, named?: string): Promise<WaitingPost[]> {
  const limit = 500;
  const all: WaitingPost[] = [];
  for (;;) {
    const page = await desk.perform(listHeld, { list: named, after: all.at(-1)?.id ?? 0, limit });
    all.push(...page);
    if (page.length < limit) return all;
  }
}

function document({ id, list, from, subject, reasons, heldAt, expiresAt }: WaitingPost) {
  return { id, list, from, subject, reasons, heldAt: isoTime(heldAt), expiresAt: isoTime(expiresAt) };
}
