import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeMbox } from '../archive/mbox.ts';
import { type Bench, type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { memberAddress } from '../load/members.ts';
import { alternate } from '../rounds.ts';
import { installListwright, listDomain } from '../servers/listwright.ts';
import { openBareDatabase } from '../sqlite-driver.ts';
import { monotonicNow } from '../wire/sink.ts';

/** Target 11: an mbox into the archive, with texts, threads, attachments and search index, by the command line. */
export const importArchive: Measurement = {
  name: 'import-archive',
  async measure(bench) {
    const posts = bench.options.quick ? 5_000 : 20_000;
    const mbox = join(bench.folder.make('mbox'), 'archive.mbox');
    writeMbox(mbox, posts);
    const rates = await alternate(bench, {
      ours: async () => {
        const installation = installListwright(bench);
        await installation.command('list', 'create', `old@${listDomain}`, '--owner', memberAddress(0));
        const { took } = await installation.command('archive', 'import', `old@${listDomain}`, mbox);
        return posts / (took / 1000);
      },
      limit: async () => posts / (storeBare(bench, mbox) / 1000),
    });
    const ours = spreadOf(rates.ours);
    return [
      {
        target: 11,
        what: `mbox import of ${posts.toLocaleString('en')} posts, the whole command`,
        unit: 'posts/s',
        ours,
        limit: {
          what: 'raw mail and FTS5 in one process, nothing parsed',
          measured: spreadOf(rates.limit),
        },
        ratio: ratioOf(rates.ours, rates.limit),
        goal: { text: '≥ 2,500 posts/s', met: ours.median >= 2_500 },
      },
    ];
  },
};

/** Milliseconds. What SQLite alone takes to keep the mails and to index all their words, 100 a commit. */
function storeBare({ folder }: Bench, mbox: string): number {
  const db = openBareDatabase(join(folder.make('bare'), 'archive.db'));
  db.exec(`create table message (id integer primary key, raw blob);
    create virtual table words using fts5 (text, content = '', tokenize = 'unicode61 remove_diacritics 2')`);
  const insertRaw = db.prepare('insert into message (raw) values (?)');
  const insertWords = db.prepare('insert into words (rowid, text) values (?, ?)');
  const insertSome = db.transaction((mails: readonly string[]) => {
    for (const mail of mails)
      insertWords.run(insertRaw.run(Buffer.from(mail)).lastInsertRowid, mail.slice(mail.indexOf('\n\n')));
  });
  const began = monotonicNow();
  const mails = readFileSync(mbox, 'utf8').split(/^From .*\n/m);
  for (let at = 1; at < mails.length; at += 100) insertSome(mails.slice(at, at + 100));
  const took = monotonicNow() - began;
  db.close();
  return took;
}
