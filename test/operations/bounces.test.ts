import { describe, expect, test } from 'vitest';
import { signToken } from '../../src/mail/signed-token.ts';
import { findOutages } from '../../src/operations/bounces/find-outages.ts';
import { showAiling } from '../../src/operations/bounces/show-ailing.ts';
import { tellRemovals } from '../../src/operations/bounces/tell-removals.ts';
import { tendAiling } from '../../src/operations/bounces/tend-ailing.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { deleteList } from '../../src/operations/lists/delete-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { formatDay } from '../../src/operations/notices.ts';
import { pauseQueue } from '../../src/operations/queue/pause-queue.ts';
import { cancel, confirm } from '../../src/operations/requests/confirm.ts';
import { forgetRecovered } from '../../src/store/ailing.ts';
import { insertRemovals } from '../../src/store/removals.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { ailing, lastDelivery, refuse, report, reportMail } from '../support/failures.ts';
import { deliverOne, proved, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const day = 86_400_000;
const holder = { kind: 'holder', of: 'test' } as const;
const bo = 'bo@example.com';
const gone = '550 5.1.1 No such user here';
const full = '552 5.2.2 Mailbox full';

/** Ana owns birds, Bo reads it; each call of `fails` is one post on a day of its own that Bo's server refuses. */
async function birds(engine: TestEngine): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'], title: 'Birds' });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: bo, name: 'Bo' }] });
  await takeOutbox(desk);
  return desk;
}

async function post(desk: Desk): Promise<void> {
  const result = await deliverOne(desk, {
    from: 'ana@example.org',
    to: 'birds@lists.example.org',
    subject: 'Nests',
    checks: proved,
  });
  expect(result.kind).toBe('accepted');
}

async function fails(desk: Desk, reply: string, days = 1): Promise<void> {
  for (let i = 0; i < days; i++) {
    await post(desk);
    await refuse(desk, bo, reply);
    desk.now += day;
  }
  desk.now -= day;
}

async function stateOf(desk: Desk, email = bo): Promise<string | undefined> {
  const { members } = await desk.operate(listMembers, { list: 'birds' });
  return members.find((member) => member.email === email)?.state;
}

/** As the worker settles one transaction. */
async function sentInOne(desk: Desk): Promise<void> {
  const set = { state: 'sent', final_at: desk.now, last_code: 250, last_reply: '2.0.0 Ok: queued as A' };
  await desk.store.write((tx) => tx.updateTable('deliveries').set(set).execute());
}

const tend = (desk: Desk) => desk.operate(tendAiling, {});

/** Suspended for that reason, with the token of the first probe. */
async function suspended(desk: Desk, reply: string, days: number): Promise<string> {
  await fails(desk, reply, days);
  await takeOutbox(desk);
  await tend(desk);
  expect(await stateOf(desk)).toBe('suspended');
  return tokenIn((await takeOutbox(desk))[0]);
}

onEachEngine((engine) => {
  describe('the score of an address', () => {
    test.each([
      ['an unknown user', gone, 100],
      ['a full mailbox', full, 25],
      ['a refusal that says nothing', '554 no', 25],
      ['a refusal of the post', '550 5.7.26 DMARC', 0],
      ['a server that wants a login', '530 5.7.0 Authentication required', 0],
    ])('%s', async (_, reply, score) => {
      const desk = await birds(engine);
      await fails(desk, reply);
      expect((await ailing(desk, bo))?.score ?? 0).toBe(score);
    });

    test.each([
      ['a relay that nobody reached', 'Connection refused', true, 0],
      ['a relay that hung up', '421 4.3.2 Shutting down', true, 0],
      ['an unknown user whom a relay knows of', gone, true, 100],
      ['a recipient whom a relay always put off', '451 4.3.0 Later', true, 25],
      ['what a warm-up allows', 'warm-up: mx.example.com gets 200 mails today, and has had them', false, 0],
      [
        'our verdict about their policy',
        '4.7.5 no mail server of example.com is in its MTA-STS policy',
        false,
        0,
      ],
      ['a server that wants no mail of ours', '554 Refused at its greeting: go away', false, 0],
      [
        'a post that we held back',
        'Held back: by this server, because others at that domain have refused this post.',
        false,
        0,
      ],
      ['a server that uses our words', '550 Held back: for good', false, 25],
      ['what was never tried', 'Given up: it could not be sent in time.', false, 0],
      ['their own server, which nobody reached', 'Connection refused', false, 25],
    ])('%s', async (_, reply, viaRelay, score) => {
      const desk = await birds(engine);
      await post(desk);
      await refuse(desk, bo, reply, viaRelay);
      expect((await ailing(desk, bo))?.score ?? 0).toBe(score);
    });

    test('grows once a day, by the gravest of that day', async () => {
      const desk = await birds(engine);
      for (const reply of [full, gone, full, gone]) {
        await post(desk);
        await refuse(desk, bo, reply);
      }
      expect((await ailing(desk, bo))?.score).toBe(100);
      desk.now += day;
      await fails(desk, full);
      expect((await ailing(desk, bo))?.score).toBe(125);
    });

    test('does not grow for a copy that we could not make', async () => {
      const desk = await birds(engine);
      await fails(desk, 'The copy could not be made: The message is gone.');
      expect(await ailing(desk, bo)).toBeUndefined();
    });

    test('is forgotten two weeks after the last failure, where a post went through since', async () => {
      const desk = await birds(engine);
      await fails(desk, gone, 2);
      const forget = () =>
        desk.store.write((tx) =>
          forgetRecovered(tx, { now: desk.now, quietFor: 14 * day, forgetAfter: 90 * day, limit: 10 }),
        );
      desk.now += 14 * day;
      expect(await forget()).toBe(0);
      desk.now -= 7 * day;
      await post(desk);
      await desk.store.write(async (tx) => {
        await tx.updateTable('deliveries').set({ state: 'sent' }).where('state', '=', 'queued').execute();
      });
      expect(await forget()).toBe(0);
      desk.now += 7 * day;
      expect(await forget()).toBe(1);
    });
  });

  describe('three days of unknown user', () => {
    test('suspend the address, and it is asked at once whether it works', async () => {
      const desk = await birds(engine);
      await fails(desk, gone, 2);
      await tend(desk);
      expect(await stateOf(desk)).toBe('active');
      desk.now += day;
      await fails(desk, gone);
      await takeOutbox(desk);
      await tend(desk);
      expect(await stateOf(desk)).toBe('suspended');
      const [probe, ...rest] = await takeOutbox(desk);
      expect(rest).toEqual([]);
      expect(probe).toMatchObject({ to: bo, returnPath: 'verp', subject: `Is ${bo} still working?` });
      expect(probe?.header('Auto-Submitted')).toBe('auto-generated');
      expect(probe?.header('Precedence')).toBeUndefined();
      expect(probe?.text).toContain('No such user here');
      expect(probe?.from).toContain(`birds-confirm+${tokenIn(probe)}@lists.example.org`);
      await post(desk);
      expect((await takeOutbox(desk)).map(({ to }) => to)).toEqual(['ana@example.org']);
    });

    test('probes go out on days 0, 3, 7 and 14, with what was missed; after day 21 the address leaves', async () => {
      const desk = await birds(engine);
      await suspended(desk, gone, 3);
      const start = desk.now;
      const probes: string[] = [];
      for (let days = 1; days <= 21; days++) {
        desk.now = start + days * day;
        if (days === 2) await post(desk);
        await tend(desk);
        const sent = (await takeOutbox(desk)).filter(({ to }) => to === bo);
        for (const { text } of sent) probes.push(`${days}: ${/It has missed .*/.exec(text)?.[0]}`);
      }
      expect(probes).toEqual([
        '3: It has missed 4 posts so far.',
        '7: It has missed 4 posts so far.',
        '14: It has missed 4 posts so far.',
      ]);
      expect(await stateOf(desk)).toBeUndefined();
    });

    test.each([
      [
        'the button',
        async (desk: Desk, token: string) => void (await desk.perform(confirm, holder, { token })),
      ],
      [
        'a reply, whatever it says',
        async (desk: Desk, token: string) =>
          void (await deliverOne(desk, {
            from: 'bo@private.example',
            to: `birds-confirm+${token}@lists.example.org`,
            text: 'Sorry, my provider had trouble last week. All is well again!',
          })),
      ],
      [
        'any verified mail from there',
        async (desk: Desk) =>
          void (await deliverOne(desk, {
            from: bo,
            to: 'birds-request@lists.example.org',
            subject: 'status',
            checks: proved,
          })),
      ],
      [
        'whoever says that it is active',
        (desk: Desk) => desk.operate(setMember, { list: 'birds', email: bo, changes: { state: 'active' } }),
      ],
    ])('%s ends it, and the score is forgotten', async (_, act) => {
      const desk = await birds(engine);
      const token = await suspended(desk, gone, 3);
      await act(desk, token);
      expect(await stateOf(desk)).toBe('active');
      expect(await ailing(desk, bo)).toBeUndefined();
    });

    test.each([
      ['an automatic reply', { headers: ['Auto-Submitted: auto-replied'] }],
      ['a no', { text: 'no' }],
    ])('%s does not', async (_, letter) => {
      const desk = await birds(engine);
      const token = await suspended(desk, gone, 3);
      await deliverOne(desk, { from: bo, to: `birds-confirm+${token}@lists.example.org`, ...letter });
      expect(await stateOf(desk)).toBe('suspended');
    });

    test('a mail that only claims to be from there does not', async () => {
      const desk = await birds(engine);
      await suspended(desk, gone, 3);
      await deliverOne(desk, { from: bo, to: 'birds-request@lists.example.org', subject: 'status' });
      expect(await stateOf(desk)).toBe('suspended');
    });

    test('saying no to the button leaves all as it is, and the button goes on working', async () => {
      const desk = await birds(engine);
      const token = await suspended(desk, gone, 3);
      await desk.perform(cancel, holder, { token });
      expect(await stateOf(desk)).toBe('suspended');
      await deliverOne(desk, { from: bo, to: `birds-confirm+${token}@lists.example.org`, text: 'no' });
      expect((await takeOutbox(desk)).at(-1)?.text).toContain('the link in the earlier mail still works');
      await desk.perform(confirm, holder, { token });
      expect(await stateOf(desk)).toBe('active');
    });

    test('the mail names the day of the removal that “bounce show” names, also where a probe was late', async () => {
      const desk = await birds(engine);
      await suspended(desk, gone, 3);
      const days: string[] = [];
      for (const late of [5, 4, 8]) {
        desk.now += late * day;
        await tend(desk);
        const [probe] = (await takeOutbox(desk)).filter(({ to }) => to === bo);
        const told = /off its lists on (.*)\./.exec(probe?.text.replaceAll('\n', ' ') ?? '')?.[1];
        const shown = await desk.operate(showAiling, { email: bo });
        expect(told).toBe(formatDay(Date.parse(shown.ailing?.leavesAt ?? '')));
        days.push(told ?? '');
      }
      expect(days).toEqual(['16 Dec 2026', '16 Dec 2026', '17 Dec 2026']);
      desk.now += 7 * day;
      await tend(desk);
      expect(await stateOf(desk)).toBeUndefined();
      expect(formatDay(desk.now)).toBe('17 Dec 2026');
    });

    test('an owner is not told of a removal that never comes', async () => {
      const desk = await birds(engine);
      await desk.operate(setMember, { list: 'birds', email: bo, changes: { role: 'owner' } });
      await fails(desk, gone, 3);
      await takeOutbox(desk);
      await tend(desk);
      const [probe] = await takeOutbox(desk);
      expect(probe?.text).toMatch(/the\s+people who run this site hear of it on 14 Dec 2026\./);
    });

    test('the button brings an address back that was taken off, as it was', async () => {
      const desk = await birds(engine);
      await desk.operate(setMember, { list: 'birds', email: bo, changes: { name: 'Bo Lind' } });
      const token = await suspended(desk, gone, 3);
      for (let i = 0; i < 4; i++) {
        desk.now += 7 * day;
        await tend(desk);
      }
      expect(await stateOf(desk)).toBeUndefined();
      await desk.perform(confirm, holder, { token });
      const { members } = await desk.operate(listMembers, { list: 'birds' });
      expect(members.find(({ email }) => email === bo)).toMatchObject({ name: 'Bo Lind', state: 'active' });
    });

    test('the button brings nobody back on a list that was deleted since: commands found no list any more', async () => {
      const desk = await birds(engine);
      await desk.operate(createList, { address: 'trees', owners: ['ana@example.org'], title: 'Trees' });
      await desk.operate(addMembers, { list: 'trees', members: [{ email: bo }] });
      const token = await suspended(desk, gone, 3);
      for (let i = 0; i < 4; i++) {
        desk.now += 7 * day;
        await tend(desk);
      }
      await desk.operate(deleteList, { list: 'birds' });
      await desk.perform(confirm, holder, { token });
      await takeOutbox(desk);
      const to = 'listserv@lists.example.org';
      await deliverOne(desk, { from: bo, to, subject: 'which', checks: proved });
      const [answer] = await takeOutbox(desk);
      expect(answer?.text).toContain('trees@lists.example.org');
      expect(answer?.text).not.toContain('birds');
    });

    test('nothing happens while the queue is paused', async () => {
      const desk = await birds(engine);
      await fails(desk, gone, 3);
      await desk.operate(pauseQueue, {});
      expect(await tend(desk)).toEqual({ tended: 0 });
      expect(await stateOf(desk)).toBe('active');
    });
  });

  describe('twelve days of a full mailbox', () => {
    test('suspend it; three days after a probe that did not come back its posts flow again', async () => {
      const desk = await birds(engine);
      await suspended(desk, full, 12);
      desk.now += 3 * day - 1;
      await tend(desk);
      expect(await stateOf(desk)).toBe('suspended');
      desk.now += 1;
      await tend(desk);
      expect(await stateOf(desk)).toBe('active');
      expect(await ailing(desk, bo)).toBeUndefined();
    });

    test('a probe that comes back keeps it so, until the next', async () => {
      const desk = await birds(engine);
      await suspended(desk, full, 12);
      desk.now += day;
      await refuse(desk, bo, full);
      desk.now += 2 * day;
      await tend(desk);
      expect(await stateOf(desk)).toBe('suspended');
      expect((await takeOutbox(desk)).map(({ subject }) => subject)).toEqual([`Is ${bo} still working?`]);
      desk.now += 3 * day;
      await tend(desk);
      expect(await stateOf(desk)).toBe('active');
    });
  });

  describe('owners', () => {
    test('hear once a week who was taken off', async () => {
      const desk = await birds(engine);
      await suspended(desk, gone, 3);
      for (let i = 0; i < 4; i++) {
        desk.now += 7 * day;
        await tend(desk);
      }
      await takeOutbox(desk);
      expect(await desk.operate(tellRemovals, {})).toEqual({ lists: 1 });
      const [mail, ...rest] = await takeOutbox(desk);
      expect(rest).toEqual([]);
      expect(mail).toMatchObject({
        to: 'ana@example.org',
        subject: 'A member of Birds could not be reached',
      });
      expect(mail?.text).toContain(bo);
      expect(await desk.operate(tellRemovals, {})).toEqual({ lists: 0 });
    });

    test('hear of it also after a clock that ran ahead was put right', async () => {
      const desk = await birds(engine);
      const lose = () =>
        desk.store.write((tx) =>
          insertRemovals(tx, [{ listId: 1, email: bo, said: 'no', removedAt: desk.now }]),
        );
      await lose();
      desk.now += 3650 * day;
      expect(await desk.operate(tellRemovals, {})).toEqual({ lists: 1 });
      desk.now -= 3650 * day;
      await lose();
      expect(await desk.operate(tellRemovals, {})).toEqual({ lists: 1 });
      await lose();
      expect(await desk.operate(tellRemovals, {})).toEqual({ lists: 0 });
    });

    test('are never taken off: the operators hear of it', async () => {
      const desk = await birds(engine);
      await desk.operate(setMember, { list: 'birds', email: bo, changes: { role: 'moderator' } });
      await suspended(desk, gone, 3);
      await takeOutbox(desk);
      for (let i = 0; i < 5; i++) {
        desk.now += 7 * day;
        await tend(desk);
      }
      expect(await stateOf(desk)).toBe('suspended');
      const told = (await takeOutbox(desk)).filter(({ to }) => to === 'root@example.org');
      expect(told.map(({ subject }) => subject)).toEqual([`No mail reaches ${bo}`]);
    });
  });

  describe('a first mail that comes back', () => {
    test('the welcome: the address is suspended at once', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from: 'cy@example.com', to: 'birds-join@lists.example.org' });
      const token = tokenIn((await takeOutbox(desk))[0]);
      await desk.perform(confirm, holder, { token });
      await refuse(desk, 'cy@example.com', gone);
      await tend(desk);
      expect(await stateOf(desk, 'cy@example.com')).toBe('suspended');
    });

    test('the question whether they want to join: it is called off', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { from: 'cy@example.com', to: 'birds-join@lists.example.org' });
      const token = tokenIn((await takeOutbox(desk))[0]);
      await refuse(desk, 'cy@example.com', gone);
      expect(await desk.perform(confirm, holder, { token })).toMatchObject({ again: true });
      expect(await stateOf(desk, 'cy@example.com')).toBeUndefined();
      expect(await ailing(desk, 'cy@example.com')).toBeUndefined();
    });
  });

  describe('a delivery report', () => {
    test('counts for the address its token names, whatever it says itself', async () => {
      const desk = await birds(engine);
      await post(desk);
      expect(await report(desk, bo, reportMail('ana@example.org', gone))).toMatchObject({ kind: 'accepted' });
      expect((await ailing(desk, bo))?.score).toBe(100);
      expect(await ailing(desk, 'ana@example.org')).toBeUndefined();
    });

    test.each([
      ['a wrong seal', 'bounce', (token: string) => token.replace(/.$/, (c) => (c === '0' ? '1' : '0'))],
      ['the id of a neighbour', 'bounce', (token: string) => token.replace(/^.{7}/, '0000001')],
      ['a seal for leaving', 'leave', (token: string) => token],
    ] as const)('with %s moves no score', async (_, purpose, forge) => {
      const desk = await birds(engine);
      await post(desk);
      const { id } = await lastDelivery(desk, bo);
      const token = forge(signToken(desk.keys, purpose, id));
      const raw = reportMail(bo, gone);
      const to = `birds-bounces+${token}@lists.example.org`;
      const result = await deliverOne(desk, { from: '', envelopeSender: '', to, raw });
      expect(result).toMatchObject({ kind: 'dropped', note: 'forged-bounce: its token is not ours' });
      expect(await ailing(desk, bo)).toBeUndefined();
      expect(await takeOutbox(desk)).not.toContainEqual(expect.objectContaining({ kind: 'notice' }));
    });

    test.each([
      ['a delay', reportMail(bo, '451 4.4.1 still trying', 'delayed')],
      ['a success', reportMail(bo, '250 2.0.0 fine', 'delivered')],
    ])('of %s counts as nothing', async (_, raw) => {
      const desk = await birds(engine);
      await post(desk);
      expect(await report(desk, bo, raw)).toMatchObject({ kind: 'dropped' });
      expect(await ailing(desk, bo)).toBeUndefined();
    });

    test('counts once for a delivery, however many days it is repeated', async () => {
      const desk = await birds(engine);
      await post(desk);
      for (let i = 0; i < 4; i++) {
        expect(await report(desk, bo, reportMail(bo, i === 0 ? full : gone))).toMatchObject({
          kind: i === 0 ? 'accepted' : 'dropped',
        });
        expect(await ailing(desk, bo)).toMatchObject({ score: 25, lastClass: 'full' });
        desk.now += day;
      }
    });

    test('about what was sent before a probe says nothing against it', async () => {
      const desk = await birds(engine);
      await fails(desk, full, 11);
      await post(desk);
      const { id } = await lastDelivery(desk, bo);
      desk.now += day;
      await fails(desk, full);
      await tend(desk);
      expect(await stateOf(desk)).toBe('suspended');
      const before = await ailing(desk, bo);
      desk.now += day;
      const address = `birds-bounces+${signToken(desk.keys, 'bounce', id)}@lists.example.org`;
      const raw = reportMail(bo, gone);
      await deliverOne(desk, { from: '', envelopeSender: '', to: address, raw });
      expect(await ailing(desk, bo)).toEqual(before);
      desk.now += 2 * day;
      await tend(desk);
      expect(await stateOf(desk)).toBe('active');
    });

    test('that nobody can read is kept, and counts as nothing', async () => {
      const desk = await birds(engine);
      await post(desk);
      const raw = Buffer.from('From: x@example.com\r\nSubject: Hm\r\n\r\nI am on a boat.\r\n');
      expect(await report(desk, bo, raw)).toMatchObject({ kind: 'accepted' });
      expect(await ailing(desk, bo)).toBeUndefined();
    });

    test('about a shared copy counts a quarter, for those whom the copy went to', async () => {
      const desk = await birds(engine);
      await post(desk);
      const { id: first } = await lastDelivery(desk, 'ana@example.org');
      await sentInOne(desk);
      const token = signToken(desk.keys, 'batch', Math.min(first, (await lastDelivery(desk, bo)).id));
      const to = `birds-bounces+${token}@lists.example.org`;
      const send = (about: string) =>
        deliverOne(desk, { from: '', envelopeSender: '', to, raw: reportMail(about, gone) });
      expect(await send(bo)).toMatchObject({ kind: 'accepted' });
      expect(await ailing(desk, bo)).toMatchObject({ score: 25, lastClass: 'unknown' });
      expect(await send('stranger@example.net')).toMatchObject({ kind: 'dropped' });
    });
  });

  describe('a forged report about a shared copy', () => {
    test.each<[string, number, { attempts?: number; last_reply?: string; final_at?: number }, number]>([
      ['about those of its transaction counts', 3, { attempts: 1 }, 3],
      ['about those of another one does not', 3, { last_reply: '2.0.0 Ok: queued as B' }, 0],
      ['about those of a later one does not', 3, { final_at: 1 }, 0],
      ['counts for no more than one transaction has', 110, { attempts: 1 }, 100],
    ])('%s', async (_, members, later, counted) => {
      const desk = await birds(engine);
      const emails = Array.from({ length: members }, (_, i) => `m${i}@example.com`);
      await desk.operate(addMembers, {
        list: 'birds',
        members: emails.map((email) => ({ email, name: '' })),
      });
      await post(desk);
      await sentInOne(desk);
      const { id: first } = await lastDelivery(desk, bo);
      await desk.store.write(async (tx) => {
        await tx.updateTable('deliveries').set(later).where('recipient', 'in', emails).execute();
      });
      const to = `birds-bounces+${signToken(desk.keys, 'batch', first)}@lists.example.org`;
      for (const about of emails)
        await deliverOne(desk, { from: '', envelopeSender: '', to, raw: reportMail(about, gone) });
      const rows = await desk.store.read((db) => db.selectFrom('ailing_addresses').select('email').execute());
      expect(rows).toHaveLength(counted);
    });
  });

  describe('a domain that fails as a whole', () => {
    async function manyFail(desk: Desk, failing: number, members: number): Promise<void> {
      const at = (i: number) => `m${i}@out.example`;
      await desk.operate(addMembers, {
        list: 'birds',
        members: Array.from({ length: members }, (_, i) => ({ email: at(i), name: '' })),
      });
      await post(desk);
      for (let i = 0; i < failing; i++) await refuse(desk, at(i), gone);
    }

    test.each([
      ['twenty of sixty', 20, 60, true],
      ['nineteen of twenty', 19, 20, false],
      ['twenty of a hundred', 20, 100, false],
    ])('%s', async (_, failing, members, isOut) => {
      const desk = await birds(engine);
      await manyFail(desk, failing, members);
      expect(await desk.operate(findOutages, {})).toEqual({ domains: isOut ? ['out.example'] : [] });
      expect((await ailing(desk, 'm0@out.example'))?.score).toBe(isOut ? undefined : 100);
    });

    test('nothing counts there for two days, and then it does again', async () => {
      const desk = await birds(engine);
      await manyFail(desk, 20, 20);
      await desk.operate(findOutages, {});
      const fail = async () => {
        await post(desk);
        await refuse(desk, 'm1@out.example', gone);
      };
      desk.now += 2 * day - 1;
      await fail();
      expect(await ailing(desk, 'm1@out.example')).toBeUndefined();
      desk.now += 1;
      await fail();
      expect(await ailing(desk, 'm1@out.example')).toMatchObject({ score: 100 });
    });
  });
});
