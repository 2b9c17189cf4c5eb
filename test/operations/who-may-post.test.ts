import { describe, expect, test } from 'vitest';
import type { DmarcPolicy } from '../../src/domain/authentication.ts';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { IdentityClass } from '../../src/domain/identity.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { inviteMembers } from '../../src/operations/members/invite-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { approveHeld } from '../../src/operations/moderation/decide-held.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { cancel, confirm } from '../../src/operations/requests/confirm.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import {
  deliver,
  deliverOne,
  type Letter,
  proved,
  type Sent,
  takeOutbox,
  tokenIn,
} from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const holder = { kind: 'holder', of: 'confirmation' } as const;
const hour = 3_600_000;
const day = 24 * hour;
const post: Letter = {
  from: 'Bo <bo@example.org>',
  to: 'birds@lists.example.org',
  subject: 'Nests',
  text: 'They are back, on the old platform by the lake.',
};
const fromStranger: Letter = { ...post, from: 'Eve <eve@example.edu>' };
const viaFrontMta = { peer: { trusted: true, protocol: 'lmtp' } } as const;

/** A list `birds` of a site that checks senders, with Ana as owner and Bo as member, and an empty outbox. */
async function birds(
  engine: TestEngine,
  settings: Record<string, string> = {},
  preset = 'discussion',
): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { senderChecks: 'own' });
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'], title: 'Birds', preset });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: 'bo@example.org', name: 'Bo' }] });
  if (Object.keys(settings).length > 0) await desk.operate(setList, { list: 'birds', changes: settings });
  await takeOutbox(desk);
  return desk;
}

function as(
  known: IdentityClass,
  policy: DmarcPolicy = 'none',
  more: { temporary?: boolean } = {},
): Partial<Checks> {
  return {
    identity: { ...unchecked.identity, class: known, policy, why: 'example.org signs nothing', ...more },
  };
}

const unverified = as('unverified');

/** What came for somebody since the last look. */
async function mailsFor(desk: Desk, email: string): Promise<readonly Sent[]> {
  return (await takeOutbox(desk)).filter(({ to }) => to === email);
}

onEachEngine((engine) => {
  describe('a post with the address of a member that nothing proves', () => {
    test('waits, and its author is asked at that address', async () => {
      const desk = await birds(engine);
      const result = await deliverOne(desk, { ...post, checks: unverified });
      expect(result).toMatchObject({ kind: 'held' });
      const [question, ...rest] = await mailsFor(desk, 'bo@example.org');
      expect(rest).toEqual([]);
      expect(question?.subject).toBe('Is this mail from you? “Nests”');
      expect(question?.from).toContain(`birds-confirm+${tokenIn(question)}@`);
      expect(question?.text).not.toContain('platform');
      expect(question?.header('List-Id')).toBeUndefined();
    });

    test('goes out by the button, once, and the next one waits again', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, checks: unverified });
      const token = tokenIn((await mailsFor(desk, 'bo@example.org'))[0]);
      expect(await desk.perform(confirm, holder, { token })).toMatchObject({ again: false });
      expect(
        (await takeOutbox(desk))
          .filter(({ kind }) => kind === 'post')
          .map(({ to }) => to)
          .sort(),
      ).toEqual(['ana@example.org', 'bo@example.org']);
      expect(await desk.operate(listHeld, {})).toEqual([]);
      expect(await desk.perform(confirm, holder, { token })).toMatchObject({ again: true });
      expect(await deliverOne(desk, { ...post, checks: unverified })).toMatchObject({ kind: 'held' });
    });

    test.each([
      ['yes', 'yes', 0, 'Your mail went out to Birds as post 1.'],
      ['no', 'no', 0, 'It was taken out; nobody will get it.'],
      ['nothing', '', 1, 'We could not tell whether it was a yes'],
      [
        'something else',
        'Which mail do you mean? I wrote several.',
        1,
        'We could not tell whether it was a yes',
      ],
    ])('answered with %s, by mail that fails its checks', async (_, text, waiting, told) => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, checks: unverified });
      const token = tokenIn((await mailsFor(desk, 'bo@example.org'))[0]);
      await deliverOne(desk, {
        from: post.from,
        to: `birds-confirm+${token}@lists.example.org`,
        subject: 'Re: Is this mail from you?',
        text,
        checks: as('failed', 'none'),
      });
      expect(await desk.operate(listHeld, {})).toHaveLength(waiting);
      const sent = await takeOutbox(desk);
      const copies = sent.filter(({ kind }) => kind === 'post');
      expect(sent.find(({ kind }) => kind === 'notice')).toMatchObject({
        to: 'bo@example.org',
        text: expect.stringContaining(told),
      });
      expect(copies).toHaveLength(text === 'yes' ? 2 : 0);
    });

    test('is taken out when its author says that it is not theirs', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, checks: unverified });
      const token = tokenIn((await mailsFor(desk, 'bo@example.org'))[0]);
      await desk.perform(cancel, holder, { token });
      expect(await desk.operate(listHeld, {})).toEqual([]);
    });

    test('still waits for a moderator where it was held for something else, too', async () => {
      const desk = await birds(engine, { moderated: 'true' });
      await deliverOne(desk, { ...post, checks: unverified });
      const token = tokenIn((await mailsFor(desk, 'bo@example.org'))[0]);
      await desk.perform(confirm, holder, { token });
      const [waiting] = await desk.operate(listHeld, {});
      expect(waiting?.reasons.map(({ rule }) => rule)).toEqual(['moderated']);
      await desk.operate(approveHeld, { id: waiting?.id });
      expect((await takeOutbox(desk)).filter(({ kind }) => kind === 'post')).toHaveLength(2);
    });

    test('still waits for a moderator where another post has its Message-ID', async () => {
      const desk = await birds(engine);
      const letter = { ...post, messageId: 'same@example.org' };
      await deliverOne(desk, { ...letter, checks: proved });
      await takeOutbox(desk);
      await deliverOne(desk, { ...letter, text: 'Another text.', checks: unverified });
      const token = tokenIn((await mailsFor(desk, 'bo@example.org'))[0]);
      await desk.perform(confirm, holder, { token });
      expect(await takeOutbox(desk)).toEqual([]);
      const [waiting] = await desk.operate(listHeld, {});
      expect(waiting?.reasons.map(({ rule }) => rule)).toEqual(['duplicate']);
      expect(await desk.operate(approveHeld, { id: waiting?.id })).toMatchObject({ number: 2 });
    });

    test('is asked about once a day, however many come', async () => {
      const desk = await birds(engine);
      for (let i = 0; i < 5; i++)
        await deliverOne(desk, { ...post, subject: `Nests ${i}`, checks: unverified });
      expect(await mailsFor(desk, 'bo@example.org')).toHaveLength(1);
      desk.now += day;
      await deliverOne(desk, { ...post, checks: unverified });
      expect(await mailsFor(desk, 'bo@example.org')).toHaveLength(1);
    });

    test('is asked about again the same day once its author said yes to the one before', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, checks: unverified });
      for (const answer of [confirm, confirm, cancel]) {
        await deliverOne(desk, { ...post, subject: 'Meanwhile', checks: unverified });
        const [question, ...rest] = (await mailsFor(desk, 'bo@example.org')).filter(
          ({ kind }) => kind !== 'post',
        );
        expect(rest).toEqual([]);
        await desk.perform(answer, holder, { token: tokenIn(question) });
        await takeOutbox(desk);
        await deliverOne(desk, { ...post, subject: 'Next', checks: unverified });
      }
      expect(await mailsFor(desk, 'bo@example.org')).toEqual([]);
    });

    test('is decided about once: by a moderator, then not by its author', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, checks: unverified });
      const token = tokenIn((await mailsFor(desk, 'bo@example.org'))[0]);
      const [waiting] = await desk.operate(listHeld, {});
      await desk.operate(approveHeld, { id: waiting?.id });
      await takeOutbox(desk);
      await desk.perform(confirm, holder, { token });
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test.each([
      [
        'that spam filters mark',
        { checks: { ...unverified, spam: { action: 'mark', score: 7, symbols: [] } } },
      ],
      ['whose domain disowns it, behind a front MTA', { checks: as('failed', 'reject'), ...viaFrontMta }],
      ['from the null sender', { checks: unverified, envelopeSender: 'bounces@example.org' }],
    ] satisfies [string, Partial<Letter>][])('is asked about with no word: one %s', async (_, change) => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, ...change });
      expect(await mailsFor(desk, 'bo@example.org')).toEqual([]);
    });

    test('passes once a moderator believes the address', async () => {
      const desk = await birds(engine);
      await desk.operate(setMember, {
        list: 'birds',
        email: 'bo@example.org',
        changes: { believed: 'true' },
      });
      expect(await deliverOne(desk, { ...post, checks: unverified })).toMatchObject({ kind: 'accepted' });
      expect(await deliverOne(desk, { ...post, checks: as('failed', 'reject') })).toMatchObject({
        kind: 'refused',
      });
    });
  });

  describe('who is refused reads what to do', () => {
    test.each([
      [
        'a stranger whom nothing proves',
        {},
        { ...fromStranger, checks: unverified },
        '550 5.7.1 Not posted to birds@lists.example.org: it is not certain that eve@example.edu wrote it: example.org signs nothing; ' +
          'eve@example.edu is not a member of this list. Send it through the mail server of example.edu. ' +
          'To join, write to birds-join@lists.example.org',
      ],
      [
        'a proved stranger where strangers are refused',
        { nonmember: 'reject' },
        { ...fromStranger, checks: proved },
        '550 5.7.1 Not posted to birds@lists.example.org: eve@example.edu is not a member of this list. ' +
          'To join, write to birds-join@lists.example.org',
      ],
      [
        'a proved stranger where nobody may join',
        { nonmember: 'reject', join: 'closed' },
        { ...fromStranger, checks: proved },
        '550 5.7.1 Not posted to birds@lists.example.org: eve@example.edu is not a member of this list. ' +
          'Its owners read birds-owner@lists.example.org',
      ],
      [
        'a member whose domain disowns the mail',
        {},
        { ...post, checks: as('failed', 'reject') },
        '550 5.7.1 Not posted to birds@lists.example.org: it is not certain that bo@example.org wrote it: example.org signs nothing. ' +
          'Send it through the mail server of example.org',
      ],
      [
        'a post that is too large',
        { max_size: '1 KiB' },
        { ...post, text: 'x'.repeat(1200), checks: proved },
        /^552 5\.3\.4 .* the list allows 1 KiB\. Put what is large on a web page and send its address$/,
      ],
    ] satisfies [string, Record<string, string>, Letter, string | RegExp][])(
      '%s',
      async (_, settings, letter, said) => {
        const desk = await birds(engine, settings);
        const result = await deliverOne(desk, letter);
        const text =
          result.kind === 'refused' ? `${result.code} ${result.enhanced} ${result.why}` : result.kind;
        if (typeof said === 'string') expect(text).toBe(said);
        else expect(text).toMatch(said);
        expect(await takeOutbox(desk)).toEqual([]);
      },
    );
  });

  describe('behind a front MTA nothing is refused', () => {
    test.each([
      ['a member whose domain disowns the mail waits', { ...post, checks: as('failed', 'reject') }, 'held'],
      ['a stranger whom nothing proves is dropped', { ...fromStranger, checks: unverified }, 'dropped'],
      [
        'a stranger whose domain disowns the mail is dropped',
        { ...fromStranger, checks: as('failed', 'reject') },
        'dropped',
      ],
      ['a proved stranger waits', { ...fromStranger, checks: proved }, 'held'],
    ] satisfies [string, Letter, string][])('%s', async (_, letter, kind) => {
      const desk = await birds(engine);
      expect((await deliverOne(desk, { ...letter, ...viaFrontMta })).kind).toBe(kind);
      expect((await takeOutbox(desk)).filter(({ to }) => to === 'eve@example.edu').length).toBe(
        letter.checks === proved ? 1 : 0,
      );
    });

    test('what waits for that reason can be approved', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, checks: as('failed', 'reject'), ...viaFrontMta });
      const [waiting] = await desk.operate(listHeld, {});
      expect(await desk.operate(approveHeld, { id: waiting?.id })).toMatchObject({ number: 1 });
    });
  });

  describe('a From that is not one readable address', () => {
    const bo = 'bo@example.org';
    const ana = 'ana@example.org';
    const odd = (from: string): Letter => ({
      ...post,
      from,
      envelopeSender: 'eve@example.edu',
      checks: unverified,
    });
    const strangers = [
      'eve@example.edu, kim@example.edu',
      `${ana} <eve@example.edu>`,
      `eve@example.edu (${ana})`,
      'Friends: eve@example.edu, kim@example.edu;',
      '<@route.example:eve@example.edu>',
      `"${ana}"@example.edu`,
    ];
    const perhapsMembers = [`${bo}, eve@example.edu`, `Finch, Bo <${bo}>`, `Birders: ${bo};`, `Bo <${bo}>>`];

    test.each(strangers)('refused as a stranger, and no moderator hears of it: %s', async (from) => {
      const desk = await birds(engine);
      expect(await deliverOne(desk, odd(from))).toMatchObject({ kind: 'refused', code: 550 });
      expect(await deliverOne(desk, { ...odd(from), ...viaFrontMta })).toMatchObject({ kind: 'dropped' });
      expect(await desk.operate(listHeld, {})).toEqual([]);
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test.each(perhapsMembers)('held, since an address in it is a member’s: %s', async (from) => {
      const desk = await birds(engine);
      expect(await deliverOne(desk, odd(from))).toMatchObject({ kind: 'held' });
      expect(await deliverOne(desk, { ...odd(from), ...viaFrontMta })).toMatchObject({ kind: 'held' });
      expect(await mailsFor(desk, bo)).toEqual([]);
    });

    test('whoever wrote it hears what to do', async () => {
      const desk = await birds(engine);
      expect(await deliverOne(desk, odd(strangers[0] ?? ''))).toMatchObject({
        why:
          'Not posted to birds@lists.example.org: its From is not one readable address; it names no one author who is a member of this ' +
          'list. Write one address into the From. To join, write to birds-join@lists.example.org',
      });
    });

    test('where strangers are refused a member’s is, too, but not behind a front MTA', async () => {
      const desk = await birds(engine, { nonmember: 'reject' });
      const letter = odd(`Finch, Bo <${bo}>`);
      expect(await deliverOne(desk, letter)).toMatchObject({ kind: 'refused', code: 550 });
      expect(await deliverOne(desk, { ...letter, ...viaFrontMta })).toMatchObject({ kind: 'held' });
    });

    test('where anyone may post a stranger has to be proved all the same', async () => {
      const desk = await birds(engine, { post: 'anyone' });
      const [from = ''] = strangers;
      expect(await deliverOne(desk, odd(from))).toMatchObject({ kind: 'refused' });
      await desk.operate(setList, { list: 'birds', changes: { spoof_protection: 'off' } });
      expect(await deliverOne(desk, odd(from))).toMatchObject({ kind: 'accepted' });
    });

    test('what waits can be approved', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, odd(`Finch, Bo <${bo}>`));
      const [waiting] = await desk.operate(listHeld, {});
      expect(await desk.operate(approveHeld, { id: waiting?.id })).toMatchObject({ number: 1 });
    });
  });

  describe('while DNS does not answer', () => {
    const unsure: Letter = {
      ...post,
      messageId: 'one@example.org',
      checks: as('unverified', 'none', { temporary: true }),
    };

    test('a mail is asked to come again for four hours, then counts as unproved', async () => {
      const desk = await birds(engine);
      const again = { kind: 'refused', code: 451, enhanced: '4.4.3' };
      expect(await deliverOne(desk, unsure)).toMatchObject(again);
      desk.now += 4 * hour - 1;
      expect(await deliverOne(desk, unsure)).toMatchObject(again);
      expect(await deliverOne(desk, { ...unsure, messageId: 'two@example.org' })).toMatchObject(again);
      desk.now += 1;
      expect(await deliverOne(desk, unsure)).toMatchObject({ kind: 'held' });
      expect(await deliverOne(desk, { ...unsure, messageId: 'two@example.org' })).toMatchObject(again);
    });

    test('the four hours do not begin anew for a mail that comes back a day later', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, unsure);
      desk.now += day;
      expect(await deliverOne(desk, unsure)).toMatchObject({ kind: 'held' });
    });

    test('another envelope sender has its own four hours', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, unsure);
      desk.now += 4 * hour;
      const other = { ...unsure, envelopeSender: 'bo+lists@example.org' };
      expect(await deliverOne(desk, other)).toMatchObject({ kind: 'refused', code: 451 });
    });

    test('what one network makes us remember has an end; what is beyond comes again, innocents of a large provider too', async () => {
      const desk = await birds(engine);
      for (let i = 0; i < 1000; i++) await deliverOne(desk, { ...unsure, messageId: `${i}@example.org` });
      expect(await deliverOne(desk, unsure)).toMatchObject({ kind: 'refused', code: 451 });
      const remembered = await desk.store.read((db) =>
        db.selectFrom('quotas').select('bucket').where('bucket', 'like', 'dns-wait:%').execute(),
      );
      expect(remembered).toHaveLength(1000);
    }, 60_000);

    test('nobody is asked to come again where no proof is wanted', async () => {
      const desk = await birds(engine, { spoof_protection: 'off' });
      expect(await deliverOne(desk, unsure)).toMatchObject({ kind: 'accepted' });
    });

    test('nothing is lost where another list takes the mail: it waits', async () => {
      const desk = await birds(engine);
      await desk.operate(createList, { address: 'fish', owners: ['ana@example.org'] });
      await desk.operate(setList, {
        list: 'fish',
        changes: { spoof_protection: 'off', post: 'anyone', require_addressed: 'false' },
      });
      const results = await deliver(desk, {
        ...unsure,
        to: ['birds@lists.example.org', 'fish@lists.example.org'],
      });
      expect(results).toMatchObject([{ kind: 'held' }, { kind: 'accepted' }]);
      const [waiting] = await desk.operate(listHeld, { list: 'birds' });
      expect(await desk.operate(approveHeld, { id: waiting?.id })).toMatchObject({ number: 1 });
    });
  });

  describe('newcomers', () => {
    const dana: Letter = { ...post, from: 'Dana <dana@example.com>', checks: proved };

    /** By mail, and a yes to the question. */
    async function join(desk: Desk): Promise<void> {
      await deliverOne(desk, { ...dana, to: 'birds-join@lists.example.org' });
      await desk.perform(confirm, holder, { token: tokenIn((await mailsFor(desk, 'dana@example.com'))[0]) });
    }

    async function approveAll(desk: Desk): Promise<void> {
      for (const { id } of await desk.operate(listHeld, {})) await desk.operate(approveHeld, { id });
    }

    test('wait with their first post until a moderator lets it through, however long they have been there', async () => {
      const desk = await birds(engine);
      await join(desk);
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'held' });
      desk.now += 300 * day;
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'held' });
      await approveAll(desk);
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'accepted' });
    });

    test('wait with as many as the list says, and are known after that whatever it says', async () => {
      const desk = await birds(engine, { hold_first_posts: '2' });
      await join(desk);
      for (const kind of ['held', 'held', 'accepted']) {
        expect((await deliverOne(desk, dana)).kind).toBe(kind);
        await approveAll(desk);
      }
      await desk.operate(setList, { list: 'birds', changes: { hold_first_posts: '10' } });
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'accepted' });
    });

    test('need not wait where the list does not say so', async () => {
      const desk = await birds(engine, { hold_first_posts: '0' });
      await join(desk);
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'accepted' });
    });

    test('who stay members of an owner: added, invited, asked to confirm, or let in', async () => {
      const desk = await birds(engine);
      for (const how of ['invite', 'confirm']) {
        const email = `${how}@example.com`;
        await desk.operate(inviteMembers, { list: 'birds', how, members: [{ email }] });
        await desk.perform(confirm, holder, { token: tokenIn((await mailsFor(desk, email))[0]) });
        expect(await deliverOne(desk, { ...dana, from: email })).toMatchObject({ kind: 'accepted' });
      }
      await desk.operate(setList, { list: 'birds', changes: { join: 'approve' } });
      await join(desk);
      await desk.perform(confirm, holder, {
        token: tokenIn((await mailsFor(desk, 'ana@example.org')).at(-1)),
      });
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'accepted' });
    });

    test('whose first post was refused to go out are newcomers still after leaving and coming back', async () => {
      const desk = await birds(engine);
      await join(desk);
      await desk.operate(setMember, {
        list: 'birds',
        email: 'dana@example.com',
        changes: { posting: 'reject' },
      });
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'refused' });
      await deliverOne(desk, { ...dana, to: 'birds-leave@lists.example.org' });
      desk.now += 8 * day;
      await takeOutbox(desk);
      await join(desk);
      expect(await deliverOne(desk, dana)).toMatchObject({ kind: 'refused' });
    });
  });

  describe('presets', () => {
    const letters: readonly (readonly [string, Letter])[] = [
      ['proved owner', { ...post, from: 'ana@example.org', checks: proved }],
      ['proved member', { ...post, checks: proved }],
      ['proved stranger', { ...fromStranger, checks: proved }],
      ['unproved owner', { ...post, from: 'ana@example.org', checks: unverified }],
      ['unproved member', { ...post, checks: unverified }],
      ['unproved stranger', { ...fromStranger, checks: unverified }],
    ];
    test.each([
      ['discussion', ['accepted', 'accepted', 'held', 'held', 'held', 'refused']],
      ['announcement', ['accepted', 'refused', 'refused', 'refused', 'refused', 'refused']],
      ['private', ['accepted', 'accepted', 'refused', 'held', 'held', 'refused']],
      ['newsletter', ['accepted', 'refused', 'refused', 'refused', 'refused', 'refused']],
    ] as const)('%s', async (preset, outcomes) => {
      const desk = await birds(engine, {}, preset);
      const found = [];
      for (const [who, letter] of letters) found.push([who, (await deliverOne(desk, letter)).kind]);
      expect(found).toEqual(letters.map(([who], i) => [who, outcomes[i]]));
    });
  });
});
