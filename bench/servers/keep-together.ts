import { join } from 'node:path';
import { openBareDatabase } from '../sqlite-driver.ts';

/**
 * Keeps mails and does nothing else with them: what comes in one turn of the event loop shares one FULL commit, after which `kept` is
 * called for each. The most that one process with SQLite can promise.
 */
export function keepTogether(folder: string): (raw: Buffer, kept: () => void) => void {
  const db = openBareDatabase(join(folder, 'kept.db'));
  db.exec('create table message (id integer primary key, raw blob)');
  const addMessage = db.prepare('insert into message (raw) values (?)');
  const commit = db.transaction((mails: readonly Mail[]) => {
    for (const { raw } of mails) addMessage.run(raw);
  });
  let waiting: Mail[] = [];

  function keepAll(): void {
    const mails = waiting;
    waiting = [];
    commit(mails);
    for (const { kept } of mails) kept();
  }

  return (raw, kept) => {
    if (waiting.length === 0) setImmediate(keepAll);
    waiting.push({ raw, kept });
  };
}

interface Mail {
  readonly raw: Buffer;
  kept(): void;
}
