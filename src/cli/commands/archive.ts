import { Command, Option } from 'commander';
import { type LockedThread, lockThread, unlockThread } from '../../operations/archive/lock-thread.ts';
import { runReindex } from '../../operations/archive/reindex.ts';
import { type FoundPost, searchArchive } from '../../operations/archive/search-archive.ts';
import { UsageError } from '../exit.ts';
import type { Frame } from '../frame.ts';
import { isoTime, shortTime } from '../output.ts';
import { parseCount } from '../parse-count.ts';
import { parseId } from '../parse-id.ts';
import { refuseLeftOut } from '../refuse-rest.ts';

export function archiveCommand(frame: Frame): Command {
  const archive = new Command('archive').description(
    'Bring in, take out and search posts; close conversations.',
  );
  importVerb(archive, frame);
  exportVerb(archive, frame);
  searchVerb(archive, frame);
  reindexVerb(archive, frame);
  lockVerbs(archive, frame);
  return archive;
}

function importVerb(archive: Command, { operate, output, progress }: Frame): void {
  archive
    .command('import')
    .description(
      'Bring an older archive into a list. Sends no mail; run again, it goes on where it stopped. Exit status 1 where a mail could not be imported; the others are.',
    )
    .argument('<list>', 'its address or local part')
    .argument('<path>', 'an mbox (also .gz), a Maildir, a message, or a folder of them')
    .action(async (list: string, path: string) => {
      const bar = progress('Posts');
      let done = 0;
      const report = await operate(({ archives }) =>
        archives.importFrom({
          list,
          path,
          progress: ({ imported, already }) => {
            bar.advance(imported + already - done);
            done = imported + already;
          },
        }),
      ).finally(() => bar.stop());
      const problems = report.problems.map(({ position, why }) => ({ where: position, why }));
      output.facts(
        [
          ['imported', report.imported],
          ['already there', report.already],
          ...problems.map(({ where, why }) => ['not imported', `${where}: ${why}`] as const),
        ],
        { imported: report.imported, alreadyThere: report.already, problems },
      );
      const left = problems.length;
      refuseLeftOut(
        problems.map(({ where, why }) => `${where}: ${why}`),
        `${left} ${left === 1 ? 'mail was' : 'mails were'} left out (imported ${report.imported}, already there ${report.already})`,
      );
    });
}

interface ExportOptions {
  readonly format: 'mbox' | 'maildir' | 'eml';
  readonly to?: string;
}

function exportVerb(archive: Command, { operate, output, progress }: Frame): void {
  archive
    .command('export')
    .description('Write the posts of a list, as they came: an mbox to standard output, or into a folder.')
    .argument('<list>', 'its address or local part')
    .addOption(
      new Option('--format <format>', 'what to write').choices(['mbox', 'maildir', 'eml']).default('mbox'),
    )
    .option('--to <path>', 'the mbox or folder to write, new or an empty folder; needed for maildir and eml')
    .action(async (list: string, { format, to }: ExportOptions) => {
      if (to === undefined && format !== 'mbox')
        throw new UsageError(`--format ${format} needs --to: the folder to write.`);
      const bar = progress('Posts');
      let done = 0;
      const { posts } = await operate(({ archives }) =>
        archives.exportTo({
          list,
          format,
          ...(to === undefined ? {} : { path: to }),
          progress: (count) => {
            bar.advance(count - done);
            done = count;
          },
        }),
      ).finally(() => bar.stop());
      if (to !== undefined)
        output.done(`Wrote ${posts} ${posts === 1 ? 'post' : 'posts'} to ${to}.`, { posts, path: to });
    });
}

function searchVerb(archive: Command, { operate, output }: Frame): void {
  archive
    .command('search')
    .description(
      'Find posts: words, "a phrase", -without, from: subject: body: before: after: list: has:attachment.',
    )
    .argument('<query...>', 'what to look for')
    .option('--list <list>', 'in this list only')
    .option('--limit <count>', 'at most this many, newest first, up to 100', parseCount(100), 25)
    .action(async (words: string[], { list, limit }: { readonly list?: string; readonly limit: number }) => {
      const found = await operate((desk) =>
        desk.perform(searchArchive, { query: words.join(' '), list, limit }),
      );
      for (const sentence of found.unclear) output.note(sentence);
      output.rows<FoundPost>(found.posts, {
        columns: [
          ['date', (row) => shortTime(row.date)],
          ['list', (row) => row.list],
          ['from', (row) => row.from],
          ['subject', (row) => row.subject],
          ['link', (row) => row.url],
        ],
        json: ({ date, ...post }) => ({ ...post, sentAt: isoTime(date) }),
        none: 'No post says this.',
      });
      if (found.next !== undefined)
        output.note(`There are more: --limit shows up to 100, before: and after: narrow it down.`);
    });
}

function reindexVerb(archive: Command, { operate, output, progress }: Frame): void {
  archive
    .command('reindex')
    .description('Have text, threads and attachments read from the stored mail again, by the server.')
    .argument('[list]', 'its address or local part; every list without it')
    .action(async (list?: string) => {
      const bar = progress('Posts');
      let done = 0;
      const { posts } = await operate((desk) =>
        runReindex((operation, _, input) => desk.perform(operation, input), {
          actor: { kind: 'operator', via: 'cli' },
          ...(list === undefined ? {} : { list }),
          progress: (count) => {
            bar.advance(count - done);
            done = count;
          },
        }),
      ).finally(() => bar.stop());
      output.done(`${posts} posts will be read again by the server, now or when it starts.`, { posts });
    });
}

function lockVerbs(archive: Command, { operate, output }: Frame): void {
  const tell = ({ listId: _, ...done }: LockedThread, state: string) =>
    output.done(
      `“${done.subject}” and its ${done.posts === 1 ? 'only post' : `${done.posts} posts`} on ${done.list} ${done.changed ? 'are' : 'were already'} ${state}.`,
      done,
    );
  archive
    .command('lock')
    .description('Close the conversation a post belongs to: answers to it wait for a moderator.')
    .argument('<post>', 'the id of any post in it, from archive search --json', parseId)
    .action(async (id: number) =>
      tell(await operate((desk) => desk.perform(lockThread, { id })), 'closed for answers'),
    );
  archive
    .command('unlock')
    .description('Open a closed conversation again.')
    .argument('<post>', 'the id of any post in it', parseId)
    .action(async (id: number) =>
      tell(await operate((desk) => desk.perform(unlockThread, { id })), 'open for answers'),
    );
}
