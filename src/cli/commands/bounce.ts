import { Command } from 'commander';
import { suspendingScore } from '../../domain/ailing.ts';
import type { AilingDetails } from '../../operations/bounces/ailing-details.ts';
import { type AilingPage, listAiling } from '../../operations/bounces/list-ailing.ts';
import { resetAiling } from '../../operations/bounces/reset-ailing.ts';
import { type AilingStory, showAiling } from '../../operations/bounces/show-ailing.ts';
import { cutShort } from '../cut-short.ts';
import type { Desk, Frame } from '../frame.ts';
import { shortTime } from '../output.ts';

export function bounceCommand(frame: Frame): Command {
  const bounce = new Command('bounce').description('Look after addresses whose mail fails.');
  lsVerb(bounce, frame);
  showVerb(bounce, frame);
  resetVerb(bounce, frame);
  return bounce;
}

function lsVerb(bounce: Command, { operate, output }: Frame): void {
  bounce
    .command('ls')
    .description('Name the addresses whose mail fails, and what happens next; of one list or all.')
    .argument('[list]', 'its address or local part')
    .action(async (list?: string) => {
      const failing = await operate((desk) => everyAiling(desk, list));
      if (output.json) {
        output.done('', failing);
        return;
      }
      output.rows(failing.addresses, {
        columns: [
          ['address', (row) => row.email],
          ['points', (row) => row.points],
          ['state', (row) => row.state],
          ['class', (row) => row.class],
          ['since', (row) => timeOf(row.firstAt)],
          ['next', describeNext],
          ['leaves', (row) => dayOf(row.leavesAt)],
          ['said', (row) => cutShort(row.said, 60)],
        ],
        json: (row) => row,
        none: 'No mail to anybody fails.',
      });
      for (const refused of failing.refusedPosts) output.note(describeRefused(refused));
    });
}

async function everyAiling(desk: Desk, list: string | undefined): Promise<Omit<AilingPage, 'next'>> {
  const pages: AilingPage[] = [];
  do {
    const after = pages.at(-1)?.next ?? '';
    pages.push(await desk.perform(listAiling, { list, after, limit: 1000 }));
  } while (pages.at(-1)?.next !== undefined);
  return {
    addresses: pages.flatMap((page) => page.addresses),
    refusedPosts: pages.flatMap((page) => page.refusedPosts),
  };
}

function describeRefused({
  subject,
  list,
  domain,
  said,
  heldUntil,
  waiting,
  andMore,
}: AilingPage['refusedPosts'][number]): string {
  const what = `“${subject}” (${list}) is refused at ${domain} for what it is: ${cutShort(said, 100)}.`;
  if (waiting === 0) return `${what} Nobody else there waits for it.`;
  const deliveries = andMore ? `${waiting} and more` : `${waiting}`;
  return `${what} Held back by this server until ${timeOf(heldUntil)}: ${deliveries} (“queue ls --domain ${domain}” names them, “queue retry” sends them).`;
}

function showVerb(bounce: Command, { operate, output }: Frame): void {
  bounce
    .command('show')
    .description('Tell what happened to the mail of one address: each failure with its words and points.')
    .argument('<email>', 'the address')
    .action(async (email: string) => {
      const story = await operate((desk) => desk.perform(showAiling, { email }));
      output.facts(factsOf(story), story);
    });
}

function factsOf({ email, ailing, lists, events }: AilingStory): (readonly [string, string | number])[] {
  return [
    ['address', email],
    ...(ailing ? summary(ailing) : [['state', 'nothing is held against it'] as const]),
    ...lists.map(({ list, role, state }) => ['list', `${list} (${role}, ${state})`] as const),
    ...events.map((event) => [timeOf(event.at), describeEvent(event)] as const),
  ];
}

type Event = AilingStory['events'][number];

/** `refused (full), counts 0.25 · birds@lists.example.org · delivery 412 · 552 5.2.2 Mailbox full`. */
function describeEvent({ kind, class: failureClass, points, list, deliveryId, said }: Event): string {
  const what = failureClass === null ? howTold[kind] : `${howTold[kind]} (${failureClass})`;
  const worth = points > 0 ? `counts ${points}` : 'counts nothing';
  const parts = [`${what}, ${worth}`, list, deliveryId === null ? null : `delivery ${deliveryId}`, said];
  return parts.filter((part) => part !== null && part !== '').join(' · ');
}

const howTold: Readonly<Record<Event['kind'], string>> = {
  refused: 'refused',
  report: 'reported',
  complaint: 'complaint',
};

function summary(ailing: AilingDetails): (readonly [string, string | number])[] {
  const { state, points, said, firstAt, suspendedAt, probes, leavesAt } = ailing;
  return [
    ['state', state],
    ['points', `${points}; from ${suspendingScore / 100} on it gets no posts`],
    ['class', ailing.class],
    ['said', said],
    ['since', timeOf(firstAt)],
    ...(suspendedAt === null ? [] : [['suspended', timeOf(suspendedAt)] as const]),
    ...(probes > 0 ? [['probes', probes] as const] : []),
    ['next', describeNext(ailing) || 'nothing by itself'],
    ...(leavesAt === null ? [] : [['leaves', `its lists on ${dayOf(leavesAt)}, if nobody answers`] as const]),
  ];
}

/** `2026-11-21`, of ISO 8601; null is empty. */
function dayOf(iso: string | null): string {
  return iso?.slice(0, 10) ?? '';
}

/** `2026-11-21 20:47`, of ISO 8601. */
function timeOf(iso: string): string {
  return shortTime(Date.parse(iso));
}

function describeNext({ next }: AilingDetails): string {
  return next ? `${next.step} ${timeOf(next.at)}` : '';
}

function resetVerb(bounce: Command, { operate, output }: Frame): void {
  bounce
    .command('reset')
    .description('Forget that mail to an address failed: it gets its posts again, on all its lists.')
    .argument('<email>', 'the address')
    .action(async (email: string) => {
      const done = await operate((desk) => desk.perform(resetAiling, { email }));
      output.done(`Nothing is held against ${done.email} any more: it gets its posts.`, done);
    });
}
