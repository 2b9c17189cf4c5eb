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

  restoreVerb(db, frame);
  copyVerb(db, frame);
  return db;
}

function restoreVerb(db: Command, { askFirst, config, databases, output }: Frame): void {
  db.command('restore')
    .argument('<file>', 'what “db backup” wrote')
    .option('--yes', 'do not ask')
    .description(
      'Put a backup in the place of the database, while no server runs. The one that is there is kept beside it; where mail waited in the backup, the queue is paused, because it may have gone out since. (PostgreSQL: use pg_restore.)',
    )
    .action(async (file: string, { yes }: { readonly yes?: boolean }) => {
      await askFirst(`Put ${file} in the place of the database?`, {
        yes,
        consequence: 'What happened since it was made is then not known any more.',
      });
      const { kept, paused } = await databases.restore(config(), file);
      const sentences = [
        `The database is restored from ${file}.`,
        ...(kept === undefined ? [] : [`The one that was there is kept as ${kept}.`]),
        ...(paused
          ? [
              'Mail waited when the backup was made and may have gone out since, so the queue is paused: look at it with “queue ls”, then “queue cancel --all” and “queue resume”, or “queue resume” alone.',
            ]
          : []),
      ];
      output.done(sentences.join(' '), { file, kept: kept ?? null, queuePaused: paused });
    });
}

function copyVerb(db: Command, { config, databases, output, progress }: Frame): void {
  db.command('copy')
    .requiredOption('--to <url>', 'an empty database: sqlite:FILE or postgres://user:password@host:5432/name')
    .description(
      'Copy the whole database into an empty one, of the other kind perhaps, while no server runs: to move from SQLite to PostgreSQL or back. Where it is ended midway the new one has only a part, which no server works with: empty it before another try.',
    )
    .action(async ({ to }: { readonly to: string }) => {
      const bar = progress('Rows');
      const { rows } = await databases
        .copyTo(config(), to, (copied) => bar.advance(copied))
        .finally(() => bar.stop());
      output.done(
        `${rows} rows are copied. Set database.url to the new address and start the server: it reads the posts for search again, which takes a few minutes for a large archive.`,
        { rows },
      );
    });
}

function report({ output }: Frame, problems: readonly string[]): void {
  const ok = problems.length === 0;
  if (ok || output.json) output.done('Nothing is wrong with the database.', { ok, problems });
  if (!ok)
    throw new Refusal('conflict', `The database is damaged: restore a backup.\n  ${problems.join('\n  ')}`);
}
