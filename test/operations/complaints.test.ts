import { describe, expect, test } from 'vitest';
import { signToken } from '../../src/mail/signed-token.ts';
import { watchComplaints } from '../../src/operations/bounces/watch-complaints.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { lastDelivery } from '../support/failures.ts';
import { deliverOne, proved, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const bo = 'bo@example.com';

async function birds(engine: TestEngine, others = 0): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'], title: 'Birds' });
  const emails = [bo, ...Array.from({ length: others }, (_, i) => `m${i}@example.com`)];
  await desk.operate(addMembers, { list: 'birds', members: emails.map((email) => ({ email, name: '' })) });
  await deliverOne(desk, { from: 'ana@example.org', to: 'birds@lists.example.org', checks: proved });
  await takeOutbox(desk);
  return desk;
}

const emails = async (desk: Desk) =>
  (await desk.operate(listMembers, { list: 'birds' })).members.map(({ email }) => email);

/** A report of Bo's provider about Bo's copy (RFC 5965), with these header lines of that copy. */
function complaint(type: string, lines: readonly string[]): Buffer {
  return Buffer.from(
    [
      'From: feedback@example.com',
      'Subject: complaint about message from 192.0.2.1',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=feedback-report; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'This is an email abuse report.',
      '--b',
      'Content-Type: message/feedback-report',
      '',
      `Feedback-Type: ${type}`,
      'User-Agent: Provider/1.0',
      'Version: 1',
      '--b',
      'Content-Type: message/rfc822',
      '',
      'From: ana@example.org',
      'Subject: [redacted]',
      ...lines,
      '',
      'Text.',
      '--b--',
      '',
    ].join('\r\n'),
  );
}

async function returnPathOf(desk: Desk, email: string): Promise<string> {
  const { id } = await lastDelivery(desk, email);
  return `Return-Path: <birds-bounces+${signToken(desk.keys, 'bounce', id)}@lists.example.org>`;
}

async function leaveLinkOf(desk: Desk, email: string): Promise<string> {
  const { id } = await desk.store.read((db) =>
    db
      .selectFrom('memberships')
      .innerJoin('addresses', 'addresses.id', 'memberships.address_id')
      .select('memberships.id')
      .where('email', '=', email)
      .executeTakeFirstOrThrow(),
  );
  return `List-Unsubscribe: <https://lists.example.org/u/${signToken(desk.keys, 'leave', id, 23)}>`;
}

const send = (desk: Desk, raw: Buffer, to = 'fbl@lists.example.org') =>
  deliverOne(desk, { from: '', envelopeSender: 'feedback@example.com', to, raw, checks: proved });

onEachEngine((engine) => {
  describe('a complaint about spam', () => {
    test.each([
      ['known by its return path', returnPathOf, 'fbl@lists.example.org'],
      ['known by its leave link', leaveLinkOf, 'fbl@lists.example.org'],
      ['at abuse@', leaveLinkOf, 'abuse@lists.example.org'],
      ['at the bounce address of the list', leaveLinkOf, 'birds-bounces@lists.example.org'],
    ])('%s takes its member off, without a goodbye', async (_, lineOf, to) => {
      const desk = await birds(engine);
      const result = await send(desk, complaint('abuse', [await lineOf(desk, bo)]), to);
      expect(result).toEqual({
        kind: 'done',
        note: 'complaint: left (bo@example.com, birds@lists.example.org)',
      });
      expect(await emails(desk)).toEqual(['ana@example.org']);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('keeps everybody from adding them again but themselves', async () => {
      const desk = await birds(engine);
      await send(desk, complaint('abuse', [await leaveLinkOf(desk, bo)]));
      await desk.operate(addMembers, { list: 'birds', members: [{ email: bo, name: '' }] });
      expect(await emails(desk)).not.toContain(bo);
      await deliverOne(desk, { from: bo, to: 'birds-join@lists.example.org' });
      const token = tokenIn((await takeOutbox(desk)).at(-1));
      await desk.perform(confirm, { kind: 'holder', of: 'test' }, { token });
      expect(await emails(desk)).toContain(bo);
    });

    test('that nobody signed for is a leave like any other: with a note, and nothing in the way of coming back', async () => {
      const desk = await birds(engine);
      const raw = complaint('abuse', [await leaveLinkOf(desk, bo)]);
      const envelopeSender = 'mallory@evil.example';
      const result = await deliverOne(desk, { from: '', envelopeSender, to: 'fbl@lists.example.org', raw });
      expect(result).toEqual({
        kind: 'done',
        note: 'complaint that their provider did not sign: left (bo@example.com, birds@lists.example.org)',
      });
      expect(await emails(desk)).toEqual(['ana@example.org']);
      expect((await takeOutbox(desk)).map(({ to, subject }) => [to, subject])).toEqual([
        [bo, 'You have left Birds'],
      ]);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: bo, name: '' }] });
      expect(await emails(desk)).toContain(bo);
    });

    test.each([
      ['of a stranger’s own domain', 'mallory@evil.example'],
      ['of a domain that only ends like theirs', 'mallory@notexample.com'],
      ['of somebody with a mailbox there', 'mallory@example.com'],
      ['of another provider', 'feedback@arf.mail.yahoo.com'],
    ])('proved to be %s is no more than that', async (_, from) => {
      const desk = await birds(engine);
      const text = complaint('abuse', [await leaveLinkOf(desk, bo)]).toString();
      const raw = Buffer.from(text.replace('From: feedback@example.com', `From: ${from}`));
      await send(desk, raw);
      expect(await emails(desk)).toEqual(['ana@example.org']);
      expect((await takeOutbox(desk)).map(({ to, subject }) => [to, subject])).toEqual([
        [bo, 'You have left Birds'],
      ]);
      await desk.operate(addMembers, { list: 'birds', members: [{ email: bo, name: '' }] });
      expect(await emails(desk)).toContain(bo);
    });

    test('that nobody signed for takes at most twenty a day off a list; the operators get the others', async () => {
      const desk = await birds(engine, 22);
      await desk.store.write((tx) => tx.updateTable('deliveries').set({ state: 'sent' }).execute());
      const complain = async (email: string) =>
        deliverOne(desk, {
          from: '',
          envelopeSender: 'mallory@evil.example',
          to: 'fbl@lists.example.org',
          raw: complaint('abuse', [await leaveLinkOf(desk, email)]),
        });
      for (let i = 0; i < 21; i++) await complain(`m${i}@example.com`);
      expect(await emails(desk)).toEqual(['ana@example.org', bo, 'm20@example.com', 'm21@example.com']);
      expect((await takeOutbox(desk)).filter(({ to }) => to === 'root@example.org')).toHaveLength(1);
      desk.now += 86_400_000;
      await complain('m20@example.com');
      expect(await emails(desk)).toEqual(['ana@example.org', bo, 'm21@example.com']);
    });

    test('of an owner leaves them on the list, without its posts', async () => {
      const desk = await birds(engine);
      await desk.operate(setMember, { list: 'birds', email: bo, changes: { role: 'owner' } });
      const result = await send(desk, complaint('abuse', [await leaveLinkOf(desk, bo)]));
      expect(result).toMatchObject({ note: 'complaint: stays (bo@example.com, birds@lists.example.org)' });
      const { members } = await desk.operate(listMembers, { list: 'birds' });
      expect(members.find(({ email }) => email === bo)).toMatchObject({ role: 'owner', mode: 'none' });
    });
  });

  describe('nobody leaves by', () => {
    const forged = async () => 'List-Unsubscribe: <https://lists.example.org/u/00000010000000000000000>';
    test.each([
      ['a word that it was no spam', 'not-spam', leaveLinkOf, 'dropped', []],
      ['a forged token', 'abuse', forged, 'passed-on', ['root@example.org']],
      ['a report of a virus', 'virus', leaveLinkOf, 'passed-on', ['root@example.org']],
      ['a report of fraud', 'fraud', leaveLinkOf, 'passed-on', ['root@example.org']],
    ] as const)('%s', async (_, type, lineOf, kind, told) => {
      const desk = await birds(engine);
      expect(await send(desk, complaint(type, [await lineOf(desk, bo)]))).toMatchObject({ kind });
      expect(await emails(desk)).toContain(bo);
      expect((await takeOutbox(desk)).map(({ to }) => to)).toEqual(told);
    });
  });

  test('three complaints about a few copies alarm the operators, once a day', async () => {
    const desk = await birds(engine, 3);
    const watch = () => desk.operate(watchComplaints, {});
    for (const email of ['m0@example.com', 'm1@example.com'])
      await send(desk, complaint('abuse', [await leaveLinkOf(desk, email)]));
    expect(await watch()).toMatchObject({ level: 'fine', complaints: 2 });
    await send(desk, complaint('abuse', [await leaveLinkOf(desk, 'm2@example.com')]));
    expect(await watch()).toMatchObject({ level: 'red', complaints: 3 });
    expect((await takeOutbox(desk)).map(({ to }) => to)).toEqual(['root@example.org']);
    expect(await watch()).toMatchObject({ level: 'fine' });
    expect(await takeOutbox(desk)).toEqual([]);
  });
});
