import { Command } from 'commander';
import { cancelDeliveries } from '../../operations/queue/cancel-deliveries.ts';
import { pauseQueue } from '../../operations/queue/pause-queue.ts';
import { type QueueReport, queueStatus } from '../../operations/queue/queue-status.ts';
import { resumeQueue } from '../../operations/queue/resume-queue.ts';
import { retryDeliveries } from '../../operations/queue/retry-deliveries.ts';
import { type DeliveryReport, showDelivery } from '../../operations/queue/show-delivery.ts';
import type { Frame } from '../frame.ts';
import { parseId, parseIds } from '../parse-id.ts';

export function queueCommand(frame: Frame): Command {
  const queue = new Command('queue').description('Look after the mail that waits to be sent.');
  lsVerb(queue, frame);
  showVerb(queue, frame);
  changeVerbs(queue, frame);
  pauseVerbs(queue, frame);
  return queue;
}

function lsVerb(queue: Command, { operate, output }: Frame): void {
  queue
    .command('ls')
    .description('Count what waits, by destination, with what the next hop said last.')
    .action(async () => {
      const report = await operate((desk) => desk.perform(queueStatus, {}));
      output.facts(summary(report), report);
    });
}

function summary(report: QueueReport): (readonly [string, string | number])[] {
  return [
    ['queued', report.queued],
    ['deferred', report.deferred],
    ['failed', report.failed],
    ['oldest', report.oldestQueuedAt ?? '-'],
    ...report.groups.map((group) => [group.destination, describeGroup(group)] as const),
    ...(report.paused ? ([['paused', `${report.paused.why} at ${report.paused.at}`]] as const) : []),
  ];
}

function describeGroup({ queued, deferred, nextAt, lastReply }: QueueReport['groups'][number]): string {
  const next = nextAt === null ? '' : `, the next at ${nextAt}`;
  return `${queued} queued, ${deferred} deferred${next}${lastReply ? `; last reply: ${lastReply}` : ''}`;
}

function showVerb(queue: Command, { operate, output }: Frame): void {
  queue
    .command('show')
    .description('Show one delivery and what was answered to each attempt.')
    .argument('<id>', 'the number of the delivery', parseId)
    .action(async (id: number) => {
      const shown = await operate((desk) => desk.perform(showDelivery, { id }));
      output.facts(story(shown), shown);
    });
}

function story({ log, ...delivery }: DeliveryReport): (readonly [string, string | number | null])[] {
  return [
    ...Object.entries(delivery),
    ...log.map((entry) => [entry.at, `${entry.outcome}: ${entry.code ?? ''} ${entry.reply}`.trim()] as const),
  ];
}

function changeVerbs(queue: Command, { operate, output, askFirst }: Frame): void {
  queue
    .command('retry')
    .description(
      'Try now: everything that waits, or what is named; a delivery that is named also when it has failed. A next hop that took nothing is asked at once.',
    )
    .argument('[id...]', 'numbers of deliveries', parseIds)
    .option('--list <list>', 'what waits of one list')
    .action(async (ids: number[] | undefined, { list }: { readonly list?: string }) => {
      const { retried } = await operate((desk) => desk.perform(retryDeliveries, { ids: ids ?? [], list }));
      output.done(`${retried} deliveries are tried now.`, { retried });
    });

  queue
    .command('cancel')
    .description('Take deliveries that wait out of the queue: they are never sent.')
    .argument('<id...>', 'numbers of deliveries', parseIds)
    .option('--yes', 'do not ask')
    .action(async (ids: number[], { yes }: { readonly yes?: boolean }) => {
      await askFirst(`Never send ${ids.length === 1 ? 'this delivery' : `these ${ids.length} deliveries`}?`, {
        yes,
      });
      const { cancelled } = await operate((desk) => desk.perform(cancelDeliveries, { ids }));
      output.done(`Cancelled: ${cancelled.join(', ')}.`, { cancelled });
    });
}

function pauseVerbs(queue: Command, { operate, output }: Frame): void {
  queue
    .command('pause')
    .description('Send nothing until “queue resume”; mail is accepted and queued as before.')
    .action(async () => {
      const { alreadyPaused } = await operate((desk) => desk.perform(pauseQueue, {}));
      output.done(alreadyPaused ? 'The queue is paused already.' : 'The queue is paused.', { paused: true });
    });

  queue
    .command('resume')
    .description('Send again.')
    .action(async () => {
      await operate((desk) => desk.perform(resumeQueue, {}));
      output.done('The queue runs.', { paused: false });
    });
}
