import { Command } from 'commander';
import { Refusal } from '../../domain/refusal.ts';
import type { Frame } from '../frame.ts';

export function dbCommand(frame: Frame): Command {
  const db = new Command('db').description('Look after the database.');

  db.command('migrate')
    .description(
      'Bring the tables up to this version. The server does so at its start; other commands refuse a database of an older version.',
    )
    .action(() =>
      frame.operate(async () => frame.output.done('The database is up to date.', { upToDate: true }), {
        upgrade: true,
      }),
    );

  db.command('check')
    .description(
      'Read the whole database and say everything that is wrong with it. Exit status 1 where something is.',
    )
    .action(() => frame.operate(async ({ store }) => report(frame, await store.check())));

  db.command('backup')
    .argument('<file>', 'the file to write; it must not exist')
    .description(
      'Write a consistent copy of the database, secrets included, while the server runs. (PostgreSQL: use pg_dump.)',
    )
    .action((file: string) =>
      frame.operate(async ({ store }) => {
        await store.backup(file);
        frame.output.done(`The database is copied to ${file}.`, { file });
      }),
    );

  return db;
}

function report({ output }: Frame, problems: readonly string[]): void {
  const ok = problems.length === 0;
  if (ok || output.json) output.done('Nothing is wrong with the database.', { ok, problems });
  if (!ok)
    throw new Refusal('conflict', `the database is damaged; restore a backup.\n  ${problems.join('\n  ')}`);
}
