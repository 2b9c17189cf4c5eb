import { beforeAll, describe, expect, it } from 'vitest';
import { listAiling } from '../../src/operations/bounces/list-ailing.ts';
import { showAiling } from '../../src/operations/bounces/show-ailing.ts';
import { tendAiling } from '../../src/operations/bounces/tend-ailing.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { showMember } from '../../src/operations/members/show-member.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSink, type Sink, type SunkMail } from '../support/sink.ts';
import { onEachEngine } from '../support/stores.ts';
import { submit } from '../support/submit.ts';

const birds = 'birds@lists.example.org';
const [olga, cy, dana] = ['olga@example.org', 'cy@example.com', 'dana@example.net'];

/** The story of a mailbox that is away for a while, over real sockets: its tests follow each other. */
onEachEngine((engine) => {
  describe('an address whose server refuses mail', () => {
    let server: TestServer;
    let sink: Sink;
    let isGone = false;

    beforeAll(async () => {
      const undoing: (() => Promise<void> | void)[] = [];
      const whenDone = (undo: () => Promise<void> | void) => undoing.push(undo);
      sink = await openSink({
        rcpt: (to) => (isGone && to === cy ? '550 5.1.1 No such user here' : undefined),
        whenDone,
      });
      server = await startTestServer({ engine, smarthost: sink.url, whenDone });
      await server.operate(createList, { address: birds, owners: [olga], title: 'Birds' });
      await server.operate(addMembers, { list: birds, members: [{ email: dana, name: '' }] });
      return async () => {
        for (const undo of undoing.reverse()) await undo();
      };
    });

    async function mailsTo(email: string, subject: string): Promise<readonly SunkMail[]> {
      await server.idle();
      return sink.mails.filter(
        ({ to, data }) => to.includes(email) && data.includes(`\r\nSubject: ${subject}`),
      );
    }

    const send = (from: string, to: string, lines: readonly string[]) =>
      submit(server.smtpPort, {
        from,
        to: [to],
        raw: [`From: ${from || 'mailer-daemon@x.example'}`, `To: ${to}`, ...lines, ''].join('\r\n'),
      });

    const stateOf = async (email: string) => (await server.operate(showMember, { list: birds, email })).state;

    it('joins, and its welcome comes back: it is suspended and asked whether it works', async () => {
      await send(cy, 'birds-join@lists.example.org', ['Subject: join', 'Message-ID: <1@x.example>', '', '']);
      const [question] = await mailsTo(cy, 'Please confirm');
      const address = /From: .*<(birds-confirm\+[0-9a-z]+@[^>]+)>/s.exec(question?.data ?? '')?.[1] ?? '';
      isGone = true;
      await send(cy, address, ['Subject: Re: Please confirm', 'Message-ID: <2@x.example>', '', 'yes']);
      await server.idle();
      expect(await server.operate(listAiling, { list: birds })).toMatchObject({
        addresses: [{ email: cy, points: 3, class: 'gone', said: '550 5.1.1 No such user here' }],
      });
      isGone = false;
      await server.operate(tendAiling, {});
      expect(await stateOf(cy)).toBe('suspended');
      expect(await mailsTo(cy, `Is ${cy} still working?`)).toHaveLength(1);
    });

    it('gets no posts, while the others do', async () => {
      await send(olga, birds, ['Subject: Nests', 'Message-ID: <3@x.example>', '', 'Everywhere.']);
      expect(await mailsTo(dana, 'Nests')).toHaveLength(1);
      expect(await mailsTo(cy, 'Nests')).toHaveLength(0);
    });

    it('answers the probe with words of its own, and gets the next post', async () => {
      const [probe] = await mailsTo(cy, `Is ${cy} still working?`);
      const address = /From: .*<(birds-confirm\+[0-9a-z]+@[^>]+)>/s.exec(probe?.data ?? '')?.[1] ?? '';
      await send(cy, address, [
        'Subject: Re: Is it?',
        'Message-ID: <4@x.example>',
        '',
        'It does, we had moved house.',
      ]);
      expect(await stateOf(cy)).toBe('active');
      await send(olga, birds, ['Subject: Ospreys', 'Message-ID: <5@x.example>', '', 'Back!']);
      expect(await mailsTo(cy, 'Ospreys')).toHaveLength(1);
    });

    it('has a report about that post counted once, whoever sends it again, and forged ones not at all', async () => {
      const [copy] = await mailsTo(cy, 'Ospreys');
      const report = [
        'Subject: failure notice',
        'Message-ID: <6@x.example>',
        '',
        `<${cy}>:`,
        '552 5.2.2 mailbox full',
      ];
      const forged = (copy?.from ?? '').replace(/.@/, (end) => (end === '0@' ? '1@' : '0@'));
      expect(await send('', forged, report)).toBe('250 2.0.0 OK');
      expect((await server.operate(showAiling, { email: cy })).ailing).toBeNull();
      expect(await send('', copy?.from ?? '', report)).toMatch(/^250 2\.0\.0 accepted/);
      for (let i = 0; i < 2; i++) expect(await send('', copy?.from ?? '', report)).toBe('250 2.0.0 OK');
      const story = await server.operate(showAiling, { email: cy });
      expect(story.ailing).toMatchObject({ state: 'watched', points: 0.25, class: 'full' });
      expect(story.events.map(({ kind, points }) => `${kind} ${points}`)).toEqual([
        'report 0.25',
        'refused 3',
      ]);
    });
  });
});
