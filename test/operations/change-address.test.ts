import { describe, expect, test } from 'vitest';
import { signToken } from '../../src/mail/signed-token.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { leaveByToken } from '../../src/operations/members/leave.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { cancel, confirm } from '../../src/operations/requests/confirm.ts';
import { listSenderRules } from '../../src/operations/rules/list-sender-rules.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { findMembership } from '../../src/store/memberships.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, proved, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const holder = { kind: 'holder', of: 'test' } as const;
const verbs = { yes: confirm, no: cancel };

/** Somebody wrote "address bo@new.example" in the name of Bo: the tokens of the two questions. */
async function askBoth(engine: TestEngine): Promise<{ desk: Desk; old: string; new: string }> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: 'bo@example.org' }] });
  const to = 'listserv@lists.example.org';
  await deliverOne(desk, { from: 'bo@example.org', to, subject: 'address bo@new.example' });
  const sent = await takeOutbox(desk);
  const tokenOf = (email: string) => tokenIn(sent.find((mail) => mail.to === email));
  return { desk, old: tokenOf('bo@example.org'), new: tokenOf('bo@new.example') };
}

async function addressOfBo(desk: Desk): Promise<string | undefined> {
  const { members } = await desk.operate(listMembers, { list: 'birds' });
  return members.map((member) => member.email).find((email) => email.startsWith('bo@'));
}

onEachEngine((engine) => {
  describe('a change of address', () => {
    test.each([
      [
        'both agree',
        [
          ['old', 'yes'],
          ['new', 'yes'],
        ],
        'bo@new.example',
      ],
      [
        'both agree, the new one first',
        [
          ['new', 'yes'],
          ['old', 'yes'],
        ],
        'bo@new.example',
      ],
      ['only the old one agrees', [['old', 'yes']], 'bo@example.org'],
      ['only the new one agrees', [['new', 'yes']], 'bo@example.org'],
      [
        'one agrees twice',
        [
          ['new', 'yes'],
          ['new', 'yes'],
        ],
        'bo@example.org',
      ],
      [
        'the old one says no, then the new one yes',
        [
          ['old', 'no'],
          ['new', 'yes'],
        ],
        'bo@example.org',
      ],
      [
        'the new one says yes, then the old one no',
        [
          ['new', 'yes'],
          ['old', 'no'],
        ],
        'bo@example.org',
      ],
      [
        'the new one says no, then the old one yes',
        [
          ['new', 'no'],
          ['old', 'yes'],
        ],
        'bo@example.org',
      ],
    ] as const)('%s', async (_, answers, expected) => {
      const asked = await askBoth(engine);
      for (const [who, answer] of answers) {
        await asked.desk.perform(verbs[answer], holder, { token: asked[who] });
      }
      expect(await addressOfBo(asked.desk)).toBe(expected);
    });

    test('to the same address is none: its memberships would end, and the last owner with them', async () => {
      const desk = createDesk(await engine.freshStore());
      await desk.operate(createList, { address: 'birds', owners: ['bo@example.org'] });
      const to = 'listserv@lists.example.org';
      await deliverOne(desk, { from: 'bo@example.org', to, subject: 'address Bo@Example.ORG' });
      const [answer, ...more] = await takeOutbox(desk);
      expect(more).toEqual([]);
      expect(answer?.text).toContain('bo@example.org is your address already.');
      expect(await addressOfBo(desk)).toBe('bo@example.org');
    });

    test('that was asked for before another one moves nothing any more, and says so', async () => {
      const { desk, old, new: token } = await askBoth(engine);
      const to = 'listserv@lists.example.org';
      await deliverOne(desk, { from: 'bo@example.org', to, subject: 'address bo@third.example' });
      for (const mail of await takeOutbox(desk))
        await desk.perform(confirm, holder, { token: tokenIn(mail) });
      await takeOutbox(desk);
      for (const each of [old, token]) {
        const { sentence } = await desk.perform(confirm, holder, { token: each });
        expect(sentence).toBe('bo@example.org has no subscription that could move.');
      }
      expect(await takeOutbox(desk)).toEqual([]);
      expect(await addressOfBo(desk)).toBe('bo@third.example');
    });

    test.each([
      ['yes', true],
      ['Yes, please.', true],
      ['', false],
      ['> To agree, reply with the word “yes”', false],
    ])('takes a word: the old address replies “%s”', async (text, moves) => {
      const { desk, old, new: token } = await askBoth(engine);
      await desk.perform(confirm, holder, { token });
      const to = `birds-confirm+${old}@lists.example.org`;
      await deliverOne(desk, { from: 'bo@example.org', to, subject: 'Re: Please confirm', text });
      expect(await addressOfBo(desk)).toBe(moves ? 'bo@new.example' : 'bo@example.org');
    });

    test.each([
      [
        'a ban goes along',
        { 'bo@example.org': 'discard' },
        { 'bo@example.org': 'discard', 'bo@new.example': 'discard' },
      ],
      [
        'what is allowed goes along, and stays with nobody',
        { 'bo@example.org': 'allow' },
        { 'bo@new.example': 'allow' },
      ],
      [
        'a ban is stricter than what the new address was allowed',
        { 'bo@example.org': 'reject', 'bo@new.example': 'allow' },
        { 'bo@example.org': 'reject', 'bo@new.example': 'reject' },
      ],
      [
        'a ban of the new address stays',
        { 'bo@example.org': 'allow', 'bo@new.example': 'discard' },
        { 'bo@new.example': 'discard' },
      ],
    ])('with standing decisions: %s', async (_, before, after) => {
      const { desk, old, new: token } = await askBoth(engine);
      for (const [pattern, action] of Object.entries(before))
        for (const list of ['birds', null]) await desk.operate(setSenderRule, { list, pattern, action });
      for (const each of [old, token]) await desk.perform(confirm, holder, { token: each });
      for (const list of ['birds', null]) {
        const { rules } = await desk.operate(listSenderRules, { list });
        expect(Object.fromEntries(rules.map(({ pattern, action }) => [pattern, action]))).toEqual(after);
      }
    });

    test('leads nobody back by the mail that the old address got when it left a list', async () => {
      const desk = createDesk(await engine.freshStore());
      const owners = ['ana@example.org', 'bo@example.org'];
      const { listId } = await desk.operate(createList, { address: 'birds', owners });
      await desk.operate(createList, { address: 'trees', owners });
      const member = await desk.store.read((db) => findMembership(db, listId, 'bo@example.org'));
      const link = signToken(desk.keys, 'leave', member?.id ?? 0, 23);
      await desk.perform(leaveByToken, holder, { token: link, how: 'one-click' });
      const wayBack = tokenIn((await takeOutbox(desk)).at(-1));
      desk.now += 1000;
      const to = 'listserv@lists.example.org';
      await deliverOne(desk, { from: 'bo@example.org', to, subject: 'address bo@new.example' });
      for (const mail of await takeOutbox(desk))
        await desk.perform(confirm, holder, { token: tokenIn(mail) });
      await desk.perform(confirm, holder, { token: wayBack });
      expect(await addressOfBo(desk)).toBeUndefined();
    });

    test.each([
      ['the other owners', ['ana@example.org', 'bo@example.org'], ['ana@example.org']],
      ['the operators, where nobody else owns it', ['bo@example.org'], ['root@example.org']],
    ])('of an owner is told to the old address, and to %s', async (_, owners, told) => {
      const desk = createDesk(await engine.freshStore());
      await desk.operate(createList, { address: 'birds', owners });
      const to = 'listserv@lists.example.org';
      await deliverOne(desk, { from: 'bo@example.org', to, subject: 'address bo@new.example' });
      for (const mail of await takeOutbox(desk))
        await desk.perform(confirm, holder, { token: tokenIn(mail) });
      const mails = await takeOutbox(desk);
      const about = (text: string) =>
        mails.filter(({ subject }) => subject.includes(text)).map((mail) => mail.to);
      expect(about('Your address is now').toSorted()).toEqual(['bo@example.org', 'bo@new.example']);
      expect(about('The owner bo@example.org of Birds is now bo@new.example')).toEqual(told);
    });

    test('of a plain member is nobody else’s business', async () => {
      const { desk, old, new: token } = await askBoth(engine);
      for (const each of [old, token]) await desk.perform(confirm, holder, { token: each });
      expect((await takeOutbox(desk)).map((mail) => mail.to).toSorted()).toEqual([
        'bo@example.org',
        'bo@new.example',
      ]);
    });

    test('leaves nothing to whoever reads the old address next: neither the role nor a word on the list', async () => {
      const desk = createDesk(await engine.freshStore(), { senderChecks: 'own' });
      await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
      const joins = { from: 'bo@example.org', to: 'birds-join@lists.example.org' };
      await deliverOne(desk, joins);
      await desk.perform(confirm, holder, { token: tokenIn((await takeOutbox(desk))[0]) });
      await desk.operate(setMember, { list: 'birds', email: 'bo@example.org', changes: { role: 'owner' } });
      await takeOutbox(desk);
      const to = 'listserv@lists.example.org';
      await deliverOne(desk, { from: 'bo@example.org', to, subject: 'address bo@new.example' });
      for (const mail of await takeOutbox(desk))
        await desk.perform(confirm, holder, { token: tokenIn(mail) });
      expect(await addressOfBo(desk)).toBe('bo@new.example');
      await takeOutbox(desk);

      const post = {
        to: 'birds@lists.example.org',
        subject: 'Nests',
        text: 'They are back.',
        checks: proved,
      };
      const command = {
        to: 'birds-request@lists.example.org',
        subject: 'remove ana@example.org',
        checks: proved,
      };
      expect(await deliverOne(desk, { ...post, from: 'bo@example.org' })).toMatchObject({ kind: 'held' });
      await deliverOne(desk, { ...command, from: 'bo@example.org' });
      const { members } = await desk.operate(listMembers, { list: 'birds' });
      expect(members.map(({ email }) => email)).toContain('ana@example.org');
      expect(await deliverOne(desk, { ...post, from: 'bo@new.example' })).toMatchObject({ kind: 'accepted' });
    });
  });
});
