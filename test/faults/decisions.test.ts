import { expect, test } from 'vitest';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import type { Store } from '../../src/store/store.ts';
import { createDesk } from '../support/desk.ts';
import { install, type ServerProcess } from '../support/program.ts';
import { openSink, type SunkMail } from '../support/sink.ts';
import { onEachEngine, sqlite } from '../support/stores.ts';
import { submit } from '../support/submit.ts';
import { createLedger, everythingSent } from './ledger.ts';
import { makeLists } from './lists.ts';
import { createRandom } from './random.ts';
import { rounds } from './rounds.ts';
import { postAll } from './senders.ts';
import { supervise } from './supervisor.ts';

const minute = 60_000;
const names = ['ants', 'bees', 'birds', 'cats', 'dogs', 'fish'];
const [bob, mia] = ['bob@example.org', 'mia@example.org'];
const announcedOfEach = 3;
/** ana, bob, mia and m0. */
const readers = 4;

onEachEngine((engine) => {
  test('killed while two moderators decide about the same posts, one by mail and one on the page, each goes out by one yes', {
    timeout: 3 * minute * rounds,
  }, async () => {
    const random = createRandom(2027);
    let kills = (engine === sqlite ? 10 : 4) * rounds;
    const strike = (chance: number) => {
      if (kills > 0 && random() < chance && supervisor.kill()) kills -= 1;
    };
    const sink = await openSink({
      message: () => {
        strike(0.03);
        return undefined;
      },
    });
    const installation = await install({ smarthost: sink.url, engine });
    await installation.look(makeModeratedLists);
    const supervisor = supervise(installation);
    const ledger = createLedger();
    const posts = announcedOfEach * names.length;
    await postAll({ ledger, port: () => supervisor.port(), senders: 2, posts, lists: names });
    await installation.look(everythingSent);

    /** Asks again until the answer is heard, as a mail server and a person do. */
    const heard = async (ask: (server: ServerProcess) => Promise<string>): Promise<string> => {
      for (;;) {
        const server = await supervisor.server();
        const answer = ask(server).catch(() => '');
        strike(0.3);
        const said = await answer;
        if (/^(2|409|5(?!03))/.test(said)) return said;
      }
    };
    const replies = noticesTo(sink.mails, bob).map((token) => heard((server) => sayOk(server, token)));
    const presses = noticesTo(sink.mails, mia).map((token) => heard((server) => pressApprove(server, token)));
    expect([replies.length, presses.length]).toEqual([posts, posts]);
    expect((await Promise.all(replies)).filter((said) => !said.startsWith('250'))).toEqual([]);
    expect((await Promise.all(presses)).filter((said) => !/^(200|409)/.test(said))).toEqual([]);
    await supervisor.port();
    await installation.look(everythingSent);
    expect(await supervisor.stop()).toBe(0);

    expect(supervisor.starts).toBeGreaterThan(3);
    expect(await installation.look(decisions)).toEqual({ approved: posts, posted: posts, audited: posts });
    for (const messageId of ledger.posts.keys()) {
      const copies = sink.mails.filter(({ data }) => headOf(data).includes(`\nMessage-ID: <${messageId}>`));
      expect([messageId, new Set(copies.flatMap(({ to }) => to)).size]).toEqual([messageId, readers]);
      expect(new Set(copies.map(({ from, data }) => from + data)).size).toBe(readers);
    }
  });
});

async function makeModeratedLists(store: Store): Promise<void> {
  await makeLists(store, Object.fromEntries(names.map((name) => [name, 2])));
  const desk = createDesk(store);
  desk.now = Date.now();
  for (const list of names) {
    await desk.operate(setList, { list, changes: { moderated: 'true' } });
    const members = [bob, mia].map((email) => ({ email, name: '', role: 'moderator' }));
    await desk.operate(addMembers, { list, members });
  }
}

function headOf(data: string): string {
  return data.split('\r\n\r\n')[0] ?? '';
}

/** `birds-mod+TOKEN` of each notice about one post. */
function noticesTo(mails: readonly SunkMail[], email: string | undefined): readonly string[] {
  const senders = mails
    .filter(({ to, data }) => to[0] === email && /^Subject: Please decide/m.test(data))
    .map(({ data }) => /^From: .*<([^@>]+)@/m.exec(data)?.[1] ?? '');
  return [...new Set(senders)];
}

function sayOk(server: ServerProcess, sender: string): Promise<string> {
  const to = `${sender}@lists.example.org`;
  const lines = [
    `From: ${bob}`,
    `To: ${to}`,
    'Subject: Re: a post',
    `Message-ID: <${sender}@example.org>`,
    '',
    'ok',
  ];
  return submit(server.smtpPort, { from: bob ?? '', to: [to], raw: lines.join('\r\n') });
}

async function pressApprove(server: ServerProcess, sender: string): Promise<string> {
  const token = sender.replace(/^.*\+/, '');
  const response = await fetch(`${server.pages}/c/${token}`, {
    method: 'POST',
    headers: { origin: 'https://lists.example.org' },
    body: new URLSearchParams({ token, post: '1', answer: 'approve' }),
  });
  return `${response.status} ${await response.text()}`;
}

async function decisions(store: Store) {
  const held = await store.read((db) => db.selectFrom('held').select(['decision', 'post_id']).execute());
  const posted = await store.read((db) => db.selectFrom('posts').select('id').execute());
  const audited = await store.read((db) =>
    db.selectFrom('audit').select('id').where('operation', '=', 'approve-held').execute(),
  );
  const ids = new Set(posted.map(({ id }) => id));
  const approved = held.filter((row) => row.decision === 'approved' && ids.has(row.post_id ?? 0));
  return { approved: approved.length, posted: posted.length, audited: audited.length };
}
