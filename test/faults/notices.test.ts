import { expect, test } from 'vitest';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { Store } from '../../src/store/store.ts';
import { createDesk } from '../support/desk.ts';
import { install } from '../support/program.ts';
import { openSink } from '../support/sink.ts';
import { sqlite } from '../support/stores.ts';
import { createFate } from './fate.ts';
import { createLedger, everythingSent } from './ledger.ts';
import { makeLists } from './lists.ts';
import { rounds } from './rounds.ts';
import { postAll } from './senders.ts';
import { supervise } from './supervisor.ts';

const minute = 60_000;
const moderators = ['bob@example.org', 'mia@example.org'];
const names = ['ants', 'bees', 'birds', 'cats', 'dogs', 'fish'];

test('killed while posts are held, it tells each moderator of each of them, and nobody twice', {
  timeout: 3 * minute * rounds,
}, async () => {
  const sink = await openSink();
  const installation = await install({ smarthost: sink.url, engine: sqlite });
  await installation.look(makeModeratedLists);
  const supervisor = supervise(installation);
  const fate = createFate({ seed: 46, kills: 5 * rounds, strike: () => supervisor.kill() });
  const ledger = createLedger();
  let accepted = 0;
  while (fate.left > 0) {
    await postAll({
      ledger,
      port: () => supervisor.port(),
      senders: 4,
      posts: 24,
      lists: names,
      sent: () => fate.comes('sent'),
      accepted: () => {
        accepted += 1;
        fate.comes('accepted');
        fate.comes('copy');
      },
    });
  }
  await supervisor.port();
  await installation.look(everythingSent);
  expect(await supervisor.stop()).toBe(0);
  const { held, told, forgotten } = await installation.look(countNotices);
  expect({ held, forgotten }).toEqual({ held: accepted, forgotten: 0 });
  expect(told).toBeGreaterThan(0);
  for (const moderator of moderators) {
    const notices = sink.mails.filter(
      ({ to, data }) => to.includes(moderator) && /^Subject: Please decide/m.test(data),
    );
    const ids = new Set(notices.map(({ data }) => /^Message-ID: (\S+)/m.exec(data)?.[1]));
    expect([moderator, ids.size]).toEqual([moderator, told]);
  }
});

async function makeModeratedLists(store: Store): Promise<void> {
  await makeLists(store, Object.fromEntries(names.map((name) => [name, 1])));
  const desk = createDesk(store);
  desk.now = Date.now();
  for (const list of names) {
    await desk.operate(setList, { list, changes: { moderated: 'true' } });
    const members = moderators.map((email) => ({ email, name: '', role: 'moderator' }));
    await desk.operate(addMembers, { list, members });
  }
}

/** Waiting posts; those announced at once; those that nobody has heard of and nobody will. */
async function countNotices(store: Store): Promise<{ held: number; told: number; forgotten: number }> {
  const rows = await store.read((db) => db.selectFrom('held').select(['noticed_at', 'notice_at']).execute());
  return {
    held: rows.length,
    told: rows.filter((row) => row.noticed_at !== null).length,
    forgotten: rows.filter((row) => row.noticed_at === null && row.notice_at === null).length,
  };
}
