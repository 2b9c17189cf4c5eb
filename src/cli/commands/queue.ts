import { Command } from 'commander';
import { type Cancelled, cancelDeliveries } from '../../operations/queue/cancel-deliveries.ts';
import { type DeliveryLine, listDeliveries } from '../../operations/queue/list-deliveries.ts';
import { pauseQueue } from '../../operations/queue/pause-queue.ts';
import { type QueueReport, queueStatus } from '../../operations/queue/queue-status.ts';
import { resumeQueue } from '../../operations/queue/resume-queue.ts';
import { type Retried, retryDeliveries } from '../../operations/queue/retry-deliveries.ts';
import { type DeliveryReport, showDelivery } from '../../operations/queue/show-delivery.ts';
import { cutShort } from '../cut-short.ts';
import { UsageError } from '../exit.ts';
import type { Frame } from '../frame.ts';
import { type RowsView, shortTime } from '../output.ts';
import { parseCount } from '../parse-count.ts';
import { parseId, parseIds } from '../parse-id.ts';
import { refuseRest } from '../refuse-rest.ts';

export function queueCommand(frame: Frame): Command {
  const queue = new Command('queue').description('Look after the mail that waits to be sent.');
  lsVerb(queue, frame);
  showVerb(queue, frame);
  changeVerbs(queue, frame);
  pauseVerbs(queue, frame);
  return queue;
}

interface LsOptions {
  readonly failed?: boolean;
  readonly deferred?: boolean;
  readonly list?: string;
  readonly domain?: string;
  readonly before?: number;
  readonly limit?: number;
}

function lsVerb(queue: Command, { operate, output }: Frame): void {
  queue
    .command('ls')
    .description(
      'Count what waits, by destination, with what was said last; with any option name single deliveries instead, newest first.',
    )
    .option('--failed', 'those that were given up, of the last 30 days')
    .option('--deferred', 'those that wait for their next attempt')
    .option('--list <list>', 'of one list: what waits and what failed')
    .option('--domain <domain>', 'to recipients in one domain')
    .option('--before <id>', 'older than this delivery: the next page', parseId)
    .option('--limit <count>', 'at most this many, 100 if not said, up to 1000', parseCount(1000))
    .action(async (options: LsOptions) => {
      if (Object.keys(options).length === 0) {
        const report = await operate((desk) => desk.perform(queueStatus, {}));
        output.facts(summary(report), report);
        return;
      }
      const { failed, deferred, ...rest } = options;
      const states = [...(failed ? ['failed'] : []), ...(deferred ? ['deferred'] : [])];
      const page = await operate((desk) => desk.perform(listDeliveries, { states, ...rest }));
      output.rows(page.deliveries, deliveryColumns);
      if (page.next !== undefined) output.note(`There are more: the same with --before ${page.next}`);
    });
}

const deliveryColumns: RowsView<DeliveryLine> = {
  columns: [
    ['id', (row) => row.id],
    ['list', (row) => row.list ?? '-'],
    ['recipient', (row) => row.recipient],
    ['state', (row) => row.state],
    ['attempts', (row) => row.attempts],
    ['next', (row) => (row.nextAt === null ? '-' : timeOf(row.nextAt))],
    ['last reply', (row) => cutShort(row.lastReply ?? '', 80)],
  ],
  json: (row) => row,
  none: 'There is no such delivery.',
};

function summary(report: QueueReport): (readonly [string, string | number])[] {
  const { queued, deferred, failed, oldestQueuedAt, groups, paused } = report;
  return [
    ['queued', queued],
    ['deferred', deferred],
    ['failed', failed === 0 ? 0 : `${failed} (“queue ls --failed” names them)`],
    ['oldest', oldestQueuedAt === null ? '-' : timeOf(oldestQueuedAt)],
    ...groups.map((group) => [group.domain, describeGroup(group)] as const),
    ...(paused ? ([['paused', `${paused.why}, at ${timeOf(paused.at)}`]] as const) : []),
  ];
}

function describeGroup({ queued, deferred, nextAt, lastReply }: QueueReport['groups'][number]): string {
  const next = nextAt === null ? '' : `, the next at ${timeOf(nextAt)}`;
  return `${queued} queued, ${deferred} deferred${next}${lastReply ? `; last reply: ${lastReply}` : ''}`;
}

/** `2026-11-21 20:47`, of ISO 8601. */
function timeOf(iso: string): string {
  return shortTime(Date.parse(iso));
}

function showVerb(queue: Command, { operate, output }: Frame): void {
  queue
    .command('show')
    .description('Show one delivery and what was answered to each attempt.')
    .argument('<id>', 'from queue ls or bounce show', parseId)
    .action(async (id: number) => {
      const shown = await operate((desk) => desk.perform(showDelivery, { id }));
      output.facts(story(shown), shown);
    });
}

function story(delivery: DeliveryReport): (readonly [string, string | number])[] {
  const { id, recipient, list, state, attempts, queuedAt, nextAt, giveUpAt, lastReply, bounces, log } =
    delivery;
  const logged = log.at(-1);
  const isLogged = logged !== undefined && lastReply === `${logged.code ?? ''} ${logged.reply}`.trim();
  return [
    ['delivery', id],
    ['to', recipient],
    ...(list === null ? [] : [['list', list] as const]),
    ['mail', whatIs(delivery)],
    ['state', stateWords[state]],
    ['attempts', attempts],
    ['queued', timeOf(queuedAt)],
    ...(nextAt === null
      ? []
      : ([
          ['next', timeOf(nextAt)],
          ['gives up', timeOf(giveUpAt)],
        ] as const)),
    ...(lastReply === null || isLogged ? [] : [['said last', lastReply] as const]),
    ...log.map(
      ({ at, outcome, code, reply }) => [timeOf(at), `${outcome}: ${code ?? ''} ${reply}`.trim()] as const,
    ),
    ...(bounces
      ? [['bounces', `“bounce show ${recipient}” tells all that failed there, and what it counts`] as const]
      : []),
  ];
}

function whatIs({ kind, number, subject }: DeliveryReport): string {
  return number === null ? kind : `${kind} ${number}: ${subject ?? ''}`;
}

const stateWords: Readonly<Record<DeliveryReport['state'], string>> = {
  queued: 'queued: due, and sent as soon as its server takes mail',
  claimed: 'claimed: being sent just now',
  deferred: 'deferred: waits for its next attempt',
  sent: 'sent: the next mail server has taken it',
  failed: 'failed: given up',
  cancelled: 'cancelled: never sent',
};

function changeVerbs(queue: Command, { operate, output, askFirst }: Frame): void {
  queue
    .command('retry')
    .description(
      'Try now: everything that waits, or what is named; a delivery that is named also when it has failed. A mail server that took nothing is asked at once; an attempt by hand uses up none of the schedule.',
    )
    .argument('[id...]', 'from queue ls or bounce show', parseIds)
    .option('--list <list>', 'what waits of one list')
    .action(async (ids: number[] | undefined, { list }: { readonly list?: string }) => {
      const named = [...new Set(ids)];
      const done = await operate((desk) => desk.perform(retryDeliveries, { ids: named, list }));
      output.done(describeRetried(done), done);
      const rest = named.length - done.count;
      if (rest > 0)
        refuseRest([
          `${rest} of these ${named.length} neither ${rest === 1 ? 'waits nor has' : 'wait nor have'} failed`,
        ]);
    });

  queue
    .command('cancel')
    .description(
      'Take deliveries that wait out of the queue: they are never sent. What is being sent just now cannot be stopped.',
    )
    .argument('[id...]', 'from queue ls or bounce show', parseIds)
    .option('--list <list>', 'all that waits of one list')
    .option('--all', 'all that waits')
    .option('--yes', 'do not ask')
    .action(async (ids: number[] | undefined, { yes, ...which }: CancelOptions) => {
      const request = whatToCancel(ids ?? [], which);
      await askFirst(`Never send ${describeChosen(request)}?`, { yes });
      const done = await operate((desk) => desk.perform(cancelDeliveries, request));
      output.done(describeCancelled(done), done);
      const { cancelled } = done;
      if (cancelled)
        refuseRest(
          ids
            ?.filter((id) => !cancelled.includes(id))
            .map((id) => `${id} does not wait: it is final, being sent, or unknown`) ?? [],
        );
    });
}

interface CancelOptions {
  readonly list?: string;
  readonly all?: true;
  readonly yes?: boolean;
}

type ToCancel = { readonly ids: number[] } | { readonly list: string } | { readonly all: true };

function whatToCancel(ids: number[], { list, all }: Omit<CancelOptions, 'yes'>): ToCancel {
  const named = [
    ...(ids.length > 0 ? [{ ids }] : []),
    ...(list === undefined ? [] : [{ list }]),
    ...(all ? [{ all }] : []),
  ];
  const [request] = named;
  if (!request || named.length > 1)
    throw new UsageError(
      'Name deliveries, or a list with --list, or everything with --all: one of the three.',
    );
  return request;
}

function describeChosen(request: ToCancel): string {
  if ('all' in request) return 'anything of what waits';
  if ('list' in request) return `what waits of ${request.list}`;
  return request.ids.length === 1 ? 'this delivery' : `these ${request.ids.length} deliveries`;
}

function describeCancelled({ count, cancelled }: Cancelled): string {
  if (cancelled) return `Cancelled: ${cancelled.join(', ')}.`;
  return count === 0 ? 'Nothing waits.' : `Cancelled: ${count} ${count === 1 ? 'delivery' : 'deliveries'}.`;
}

function describeRetried({ count, paused }: Retried): string {
  if (count === 0) return 'Nothing waits.';
  const deliveries = count === 1 ? '1 delivery is' : `${count} deliveries are`;
  return paused === null
    ? `${deliveries} tried now.`
    : `${deliveries} tried after “queue resume”. Until then nothing is sent: ${paused.why}.`;
}

function pauseVerbs(queue: Command, { operate, output }: Frame): void {
  queue
    .command('pause')
    .description('Send nothing until “queue resume”; mail is accepted and queued as before.')
    .action(async () => {
      const { alreadyPaused, paused } = await operate((desk) => desk.perform(pauseQueue, {}));
      output.done(alreadyPaused ? 'The queue is paused already.' : 'The queue is paused.', { paused });
    });

  queue
    .command('resume')
    .description('Send again.')
    .action(async () => {
      await operate((desk) => desk.perform(resumeQueue, {}));
      output.done('The queue runs.', { paused: null });
    });
}
