import { join } from 'node:path';
import { type Bench, type Measurement, ratioOf, spreadOf } from '../figure.ts';
import { memberAddress } from '../load/members.ts';
import { installListwright, makeList } from '../servers/listwright.ts';
import { openBareDatabase } from '../sqlite-driver.ts';
import { monotonicNow } from '../wire/sink.ts';

const members = 10_000;

/** Target 12: a file of 10,000 members, by the command line, with the consent of each. */
export const importMembers: Measurement = {
  name: 'import-members',
  async measure(bench) {
    const whole: number[] = [];
    const starting: number[] = [];
    const bare: number[] = [];
    for (let run = 0; run < bench.options.runs; run++) {
      const installation = installListwright(bench);
      whole.push((await makeList(bench, installation, { name: 'fresh', members })).importTook);
      starting.push((await installation.command('list', 'ls')).took);
      bare.push(insertBare(bench));
    }
    const ours = spreadOf(whole);
    return [
      {
        target: 12,
        what: 'import of 10,000 members, the whole command',
        unit: 'ms',
        ours,
        limit: { what: 'bare inserts into one table, 500 a commit', measured: spreadOf(bare) },
        ratio: ratioOf(whole, bare),
        goal: { text: '< 1,000 ms', met: ours.median < 1_000 },
      },
      {
        target: 12,
        what: 'of that, what any command takes to start',
        unit: 'ms',
        ours: spreadOf(starting),
      },
    ];
  },
};

/** Milliseconds. */
function insertBare({ folder }: Bench): number {
  const db = openBareDatabase(join(folder.make('bare'), 'members.db'));
  db.exec('create table member (id integer primary key, address text unique)');
  const insert = db.prepare('insert into member (address) values (?)');
  const insertSome = db.transaction((from: number) => {
    for (let number = from; number < from + 500; number++) insert.run(memberAddress(number));
  });
  const began = monotonicNow();
  for (let from = 0; from < members; from += 500) insertSome(from);
  const took = monotonicNow() - began;
  db.close();
  return took;
}
