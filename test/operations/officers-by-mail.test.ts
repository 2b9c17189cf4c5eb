import { describe, expect, test } from 'vitest';
import type { Checks } from '../../src/domain/checks.ts';
import type { RecipientResult } from '../../src/domain/incoming.ts';
import { closeList } from '../../src/operations/lists/close-list.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { showList } from '../../src/operations/lists/show-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { listMembers } from '../../src/operations/members/list-members.ts';
import { setMember } from '../../src/operations/members/set-member.ts';
import { listHeld } from '../../src/operations/moderation/list-held.ts';
import { cancel, confirm } from '../../src/operations/requests/confirm.ts';
import { showConfirmation } from '../../src/operations/requests/show-confirmation.ts';
import { openArchive } from '../support/archive.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const proof = (kind: 'verified' | 'unverified'): Partial<Checks> => ({
  identity: { class: kind, why: 'for the test', policy: 'none', temporary: false },
});
const holder = { kind: 'holder', of: 'test' } as const;
const request = 'birds-request@lists.example.org';
const [ana, mo, bo, eve] = [
  'ana@example.org',
  'mo@example.org',
  'bo@example.org',
  'eve@example.edu',
] as const;

/** Ana owns birds, Mo moderates it, Bo is a member; owls are Bo's. */
async function birds(engine: TestEngine): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), {
    limits: { confirmationsPerAddress: { count: 5, ms: 86_400_000 } },
  });
  await populate(desk);
  return desk;
}

async function populate(desk: Desk): Promise<void> {
  await desk.operate(createList, { address: 'birds', owners: [ana], title: 'Birds' });
  await desk.operate(createList, { address: 'owls', owners: [bo] });
  await desk.operate(addMembers, {
    list: 'birds',
    members: [
      { email: mo, name: 'Mo' },
      { email: bo, name: 'Bo' },
    ],
  });
  await desk.operate(setMember, { list: 'birds', email: mo, changes: { role: 'moderator' } });
  await takeOutbox(desk);
}

interface Said {
  readonly from?: string;
  readonly to?: string;
  readonly proved?: boolean;
}

const say = (desk: Desk, text: string, { from = mo, to = request, proved = true }: Said = {}) =>
  deliverOne(desk, { from, to, text, checks: proof(proved ? 'verified' : 'unverified') });

/** What one mail with commands is answered: subject and text. */
async function answerTo(desk: Desk, text: string, how: Said = {}) {
  await say(desk, text, how);
  const [answer, ...others] = (await takeOutbox(desk)).filter(
    ({ to, kind, header }) =>
      to === (how.from ?? mo) && kind === 'notice' && header('In-Reply-To') !== undefined,
  );
  expect(others).toEqual([]);
  return answer && { ...answer, text: answer.text.replaceAll('\r\n', '\n') };
}

async function emails(desk: Desk): Promise<string[]> {
  return (await desk.operate(listMembers, { list: 'birds', limit: 1000 })).members
    .map(({ email }) => email)
    .sort();
}

async function holdsEverything(desk: Desk): Promise<boolean> {
  return (await desk.operate(showList, { list: 'birds' })).settings.emergency === true;
}

/** A post of a stranger waits; its number. */
async function heldPost(desk: Desk, subject = 'A question'): Promise<number> {
  const result: RecipientResult = await deliverOne(desk, {
    from: eve,
    to: 'birds@lists.example.org',
    subject,
    checks: proof('verified'),
  });
  if (result.kind !== 'held') throw new Error(`not held: ${JSON.stringify(result)}`);
  await takeOutbox(desk);
  return result.id;
}

onEachEngine((engine) => {
  describe('a moderator whose mail is verified', () => {
    test('holds every post, and lets them go again', async () => {
      const desk = await birds(engine);
      const answer = await answerTo(desk, 'hold');
      expect(answer?.subject).toBe('Your commands for Birds');
      expect(answer?.text).toContain('To undo it, write to birds-request@lists.example.org: free');
      expect(answer?.returnPath).toBe('null');
      expect(await holdsEverything(desk)).toBe(true);
      await say(desk, 'free');
      expect(await holdsEverything(desk)).toBe(false);
    });

    test('has the posts of one member wait, and no longer', async () => {
      const desk = await birds(engine);
      const post = async () =>
        (await deliverOne(desk, { from: bo, to: 'birds@lists.example.org', checks: proof('verified') })).kind;
      expect((await answerTo(desk, `moderate ${bo}`))?.text).toContain(`unmoderate ${bo}`);
      expect(await post()).toBe('held');
      await say(desk, `unmoderate ${bo}`);
      expect(await post()).toBe('accepted');
    });

    test('bans somebody, and takes it back', async () => {
      const desk = await birds(engine);
      const post = async () =>
        (await deliverOne(desk, { from: bo, to: 'birds@lists.example.org', checks: proof('verified') })).kind;
      expect((await answerTo(desk, `ban ${bo}`))?.text).toContain(`forget ${bo}`);
      expect(await post()).toBe('dropped');
      expect((await answerTo(desk, `unban ${bo}`))?.text).toContain(
        'Nothing is decided about bo@example.org',
      );
      expect(await post()).toBe('accepted');
    });

    test('lets a stranger post without being read first', async () => {
      const desk = await birds(engine);
      await say(desk, `allow ${eve}`);
      const letter = { from: eve, to: 'birds@lists.example.org', checks: proof('verified') };
      expect((await deliverOne(desk, letter)).kind).toBe('accepted');
    });

    test('closes a conversation and opens it again', async () => {
      const { desk, indexer } = await openArchive(await engine.freshStore());
      await populate(desk);
      const post = { from: bo, to: 'birds@lists.example.org', subject: 'Nests', checks: proof('verified') };
      await deliverOne(desk, { ...post, messageId: 'nests@example.org' });
      indexer.wake();
      await indexer.idle();
      const answer = { ...post, from: ana, headers: ['In-Reply-To: <nests@example.org>'] };
      expect((await answerTo(desk, 'lock 1'))?.text).toContain('Answers to “Nests” wait for a moderator.');
      expect((await deliverOne(desk, answer)).kind).toBe('held');
      expect((await answerTo(desk, 'unlock #1'))?.text).toContain('go out again');
      expect((await deliverOne(desk, answer)).kind).toBe('accepted');
      expect((await answerTo(desk, 'lock 99'))?.text).toContain('Not done: There is no post 99.');
    });

    test.each([[''], ['Please']])(
      'gives ten commands in one mail, and hears which were left: “%s”',
      async (subject) => {
        const desk = await birds(engine);
        const lines = Array.from({ length: 14 }, (_, i) => `ban b${i}@example.edu`);
        const letter = { from: mo, to: request, subject, text: lines.join('\n'), checks: proof('verified') };
        expect(await deliverOne(desk, letter)).toMatchObject({
          note: `${Array(10).fill('ban').join(', ')}: carried out, 4 left`,
        });
        const [done, left, ...others] = await takeOutbox(desk);
        expect(others).toEqual([]);
        expect(done?.text.match(/^> .*$/gm)?.map((line) => line.trim())).toEqual(
          lines.slice(0, 10).map((line) => `> ${line}`),
        );
        expect(left).toMatchObject({ to: mo, subject: '4 commands were not done' });
        expect(left?.text.match(/^> .*$/gm)?.map((line) => line.trim())).toEqual(
          lines.slice(10).map((line) => `> ${line}`),
        );
      },
    );

    test('hears of what was left every time, and of a long list its beginning', async () => {
      const desk = await birds(engine);
      const lines = Array.from({ length: 40 }, (_, i) => `ban b${i}@example.edu`);
      for (let i = 0; i < 12; i++) {
        await say(desk, lines.join('\n'));
        const left = (await takeOutbox(desk)).find(({ subject }) => subject === '30 commands were not done');
        expect(left?.text).toContain('> ban b29@example.edu');
        expect(left?.text).not.toContain('b30@');
        expect(left?.text).toContain('and 10 more');
      }
    });

    test('whom nothing proves hears of what was left without its words', async () => {
      const desk = await birds(engine);
      const lines = Array.from({ length: 11 }, (_, i) => `reject ${i + 1} buy at evil.example`);
      await say(desk, ['help', ...lines.slice(0, 9), 'ban x@evil.example'].join('\n'), { proved: false });
      const left = (await takeOutbox(desk)).find(({ subject }) => subject === 'One command was not done');
      expect(left?.text).toContain('> ban');
      expect(left?.text).not.toContain('evil');
    });

    test('bans no owner', async () => {
      const desk = await birds(engine);
      expect((await answerTo(desk, `ban ${ana}`))?.text).toContain('Not done: ana@example.org looks after');
    });

    test('takes a member off', async () => {
      const desk = await birds(engine);
      expect((await answerTo(desk, `remove ${bo}`))?.text).toContain(`${bo} is off the list`);
      expect(await emails(desk)).toEqual([ana, mo]);
    });

    test('invites somebody, once', async () => {
      const desk = await birds(engine);
      await say(desk, 'invite cy@example.com');
      const invited = (await takeOutbox(desk)).find(({ to }) => to === 'cy@example.com');
      expect(invited?.subject).toBe('You are invited to Birds');
      expect((await answerTo(desk, 'invite cy@example.com'))?.text).toContain('asked not long ago');
    });

    test('decides about posts, several in one mail', async () => {
      const desk = await birds(engine);
      const [first, second, third] = [await heldPost(desk), await heldPost(desk), await heldPost(desk)];
      const answer = await answerTo(
        desk,
        `approve ${first}\nreject ${second} Please ask elsewhere.\ndiscard #${third}\n--\nMo`,
      );
      expect(answer?.text).toContain('It went out as post 1.');
      expect(answer?.text).toContain('It was dropped without a word.');
      expect(await desk.operate(listHeld, { list: 'birds' })).toEqual([]);
    });

    test('is told what another had decided before', async () => {
      const desk = await birds(engine);
      const id = await heldPost(desk);
      await say(desk, `discard ${id}`, { from: ana });
      await takeOutbox(desk);
      expect((await answerTo(desk, `approve ${id}`))?.text).toContain('Not done: ');
    });

    test('is not taken to say it again by a mail program that repeats our answer as it is', async () => {
      const desk = await birds(engine);
      const answer = await answerTo(desk, 'hold');
      await desk.operate(setList, { list: 'birds', changes: { emergency: 'false' } });
      await say(desk, `I am on holiday.\n\n${answer?.text}`);
      expect(await holdsEverything(desk)).toBe(false);
    });

    test('does it at listserv@, too, naming the list', async () => {
      const desk = await birds(engine);
      await say(desk, 'hold birds', { to: 'listserv@lists.example.org' });
      expect(await holdsEverything(desk)).toBe(true);
    });

    test.each([
      ['add somebody without asking', 'add cy@example.com'],
      ['remove an owner', `remove ${ana}`],
      ['have the posts of an owner wait', `moderate ${ana}`],
    ])('may not %s', async (_, command) => {
      const desk = await birds(engine);
      expect((await answerTo(desk, command))?.text).toContain(
        'Not done: Only owners of this list may do that.',
      );
      expect(await emails(desk)).toEqual([ana, bo, mo]);
    });
  });

  describe('an owner whose mail is verified', () => {
    test('adds somebody, who hears of it', async () => {
      const desk = await birds(engine);
      await say(desk, 'add Cy@Example.com', { from: ana });
      expect(await emails(desk)).toEqual([ana, bo, 'cy@example.com', mo]);
      expect((await takeOutbox(desk)).map(({ to, subject }) => [to, subject])).toEqual([
        ['cy@example.com', 'You are now on Birds'],
        [ana, 'Your commands for Birds'],
      ]);
    });

    test('adds nobody to a list that is closed', async () => {
      const desk = await birds(engine);
      await desk.operate(closeList, { list: 'birds' });
      const answer = await answerTo(desk, 'add cy@example.com', { from: ana });
      expect(answer?.text).toContain('Not done: birds@lists.example.org is closed.');
      expect(await emails(desk)).toEqual([ana, bo, mo]);
    });

    test('removes a moderator, and not the last owner', async () => {
      const desk = await birds(engine);
      const answer = await answerTo(desk, `remove ${mo}\nremove ${ana}`, { from: ana });
      expect(answer?.text).toContain('would have no owner left');
      expect(await emails(desk)).toEqual([ana, bo]);
    });

    test('adds and invites a hundred people a day, not more', async () => {
      const desk = await birds(engine);
      for (let i = 0; i < 10; i++) {
        const lines = Array.from({ length: 10 }, (_, j) => `add new${i}-${j}@d${i}.example`);
        await say(desk, lines.join('\n'), { from: ana });
      }
      await takeOutbox(desk);
      const answer = await answerTo(desk, 'invite onemore@example.com', { from: ana });
      expect(answer?.text).toContain('has had its 100 additions and invitations of today');
      expect(await emails(desk)).toHaveLength(103);
    });
  });

  describe('in the name of a moderator, without proof', () => {
    const claimed = { proved: false } as const;

    test('nothing happens before that moderator says yes, once for all commands of the mail', async () => {
      const desk = await birds(engine);
      const question = await answerTo(desk, `remove ${bo}\nhold`, claimed);
      expect(question?.subject).toBe('Please confirm: commands for Birds');
      expect(question?.text).toContain(`remove ${bo}\n  hold`);
      expect([await emails(desk), await holdsEverything(desk)]).toEqual([[ana, bo, mo], false]);
      const token = tokenIn(question);
      expect(await desk.perform(showConfirmation, holder, { token })).toMatchObject({
        about: `remove ${bo}; hold`,
      });
      await desk.perform(confirm, holder, { token });
      expect([await emails(desk), await holdsEverything(desk)]).toEqual([[ana, mo], true]);
      expect(await takeOutbox(desk)).toMatchObject([{ to: mo, subject: 'Your commands for Birds' }]);
      expect(await desk.perform(confirm, holder, { token })).toMatchObject({ again: true });
    });

    test.each([
      ['a reply “yes” does it', 'yes', true],
      ['an empty reply does not', '', false],
      ['a reply “no” does not', 'no', false],
      ['other words do not', 'What is this?', false],
    ])('%s', async (_, text, done) => {
      const desk = await birds(engine);
      const token = tokenIn(await answerTo(desk, 'hold', claimed));
      await deliverOne(desk, { from: mo, to: `birds-confirm+${token}@lists.example.org`, text });
      expect(await holdsEverything(desk)).toBe(done);
    });

    test('an out-of-office reply does nothing, and hears nothing', async () => {
      const desk = await birds(engine);
      const token = tokenIn(await answerTo(desk, 'hold', claimed));
      await deliverOne(desk, {
        from: mo,
        to: `birds-confirm+${token}@lists.example.org`,
        text: 'yes',
        headers: ['Auto-Submitted: auto-replied'],
      });
      expect([await holdsEverything(desk), await takeOutbox(desk)]).toEqual([false, []]);
    });

    test('who has lost the role since may not do it any more', async () => {
      const desk = await birds(engine);
      const token = tokenIn(await answerTo(desk, 'hold', claimed));
      await desk.operate(setMember, { list: 'birds', email: mo, changes: { role: 'member' } });
      await desk.perform(confirm, holder, { token });
      expect(await holdsEverything(desk)).toBe(false);
    });

    test('called off, it cannot be done any more', async () => {
      const desk = await birds(engine);
      const token = tokenIn(await answerTo(desk, 'hold', claimed));
      await desk.perform(cancel, holder, { token });
      await desk.perform(confirm, holder, { token });
      expect(await holdsEverything(desk)).toBe(false);
    });

    test('ten questions a day reach that moderator, and none that somebody else could use up', async () => {
      const desk = await birds(engine);
      for (let i = 0; i < 30; i++) await say(desk, 'hold', claimed);
      expect(await takeOutbox(desk)).toHaveLength(10);
      await deliverOne(desk, { from: mo, to: 'birds-leave@lists.example.org' });
      expect(await takeOutbox(desk)).toHaveLength(1);
    });
  });

  test('ten questions a day reach an owner of many lists, not ten for each', async () => {
    const desk = await birds(engine);
    for (let i = 0; i < 6; i++) await desk.operate(createList, { address: `list${i}`, owners: [ana] });
    for (let i = 0; i < 12; i++) {
      await say(desk, `hold list${i % 6}`, {
        from: ana,
        to: 'listserv@lists.example.org',
        proved: false,
      });
    }
    expect(await takeOutbox(desk)).toHaveLength(10);
  });

  describe('with the token of a notice', () => {
    async function tokenOfNotice(desk: Desk): Promise<string> {
      await deliverOne(desk, { from: eve, to: 'birds@lists.example.org', checks: proof('verified') });
      return tokenIn((await takeOutbox(desk)).find(({ to }) => to === mo));
    }

    test('a post is decided about from any address, and the one it went to hears of it', async () => {
      const desk = await birds(engine);
      const token = await tokenOfNotice(desk);
      await say(desk, `discard ${token}`, { from: 'mo@home.example', proved: false });
      expect(await takeOutbox(desk)).toMatchObject([{ to: mo, subject: 'Your commands for Birds' }]);
      expect(await desk.operate(listHeld, { list: 'birds' })).toEqual([]);
    });

    test('nobody makes us write to strangers, nor often to anybody', async () => {
      const desk = await birds(engine);
      const token = await tokenOfNotice(desk);
      await desk.operate(setMember, { list: 'birds', email: mo, changes: { role: 'member' } });
      for (let i = 0; i < 5; i++) {
        await say(desk, `reject ${token} Buy number ${i}`, { from: 'vic@far.example', proved: false });
      }
      expect(await takeOutbox(desk)).toMatchObject([{ to: mo }]);
      expect(await desk.operate(listHeld, { list: 'birds' })).toHaveLength(1);
    });
  });

  describe('somebody who looks after nothing', () => {
    test.each([bo, eve])('%s hears one refusal, and nothing happens', async (from) => {
      const desk = await birds(engine);
      const answer = await answerTo(
        desk,
        `hold\nadd cy@example.com\ninvite cy@example.com\nmoderate ${ana}`,
        { from },
      );
      expect(answer?.text).toContain('Only moderators and owners of birds@lists.example.org may do that.');
      const id = await heldPost(desk);
      for (const proved of [true, false]) await say(desk, `approve ${id}`, { from, proved });
      expect([await emails(desk), await holdsEverything(desk)]).toEqual([[ana, bo, mo], false]);
      expect(await desk.operate(listHeld, { list: 'birds' })).toHaveLength(1);
    });

    test('is asked about leaving who says “remove” about an address of theirs', async () => {
      const desk = await birds(engine);
      await say(desk, `remove ${bo}`, { from: bo, proved: false });
      expect(await takeOutbox(desk)).toMatchObject([{ to: bo, subject: 'Please confirm: leave Birds' }]);
    });

    test('of another list’s posts learns nothing', async () => {
      const desk = await birds(engine);
      const id = await heldPost(desk);
      const real = await answerTo(desk, `approve ${id}`, { from: bo });
      desk.now += 3_600_000;
      const invented = await answerTo(desk, 'approve 999', { from: bo });
      expect(real?.text.replace(`${id}`, 'N')).toBe(invented?.text.replace('999', 'N'));
    });
  });

  test('“pending” lists what waits, to officers only', async () => {
    const desk = await birds(engine);
    const id = await heldPost(desk, 'A "question"\u202e');
    const answer = await answerTo(desk, 'review pending', { proved: false });
    expect(answer?.subject).toBe('Waiting for a moderator of Birds: 1');
    expect(answer?.text).toContain(`${id}  21 Nov 2026  ${eve}: A "question"`);
    expect((await answerTo(desk, 'pending', { from: bo }))?.subject).toBe('Not done');
  });

  test('“help” tells officers what they can do', async () => {
    const desk = await birds(engine);
    expect((await answerTo(desk, 'help'))?.subject).toBe('Help for those who look after Birds');
    expect((await answerTo(desk, 'help', { from: bo }))?.subject).toBe('Help: Birds');
  });

  test('no command makes an owner', async () => {
    const desk = await birds(engine);
    await say(desk, `set owner ${mo}\nset ${mo} role=owner\nadd ${mo} owner`, { from: ana });
    const { members } = await desk.operate(listMembers, { list: 'birds' });
    expect(members.filter(({ role }) => role === 'owner').map(({ email }) => email)).toEqual([ana]);
  });

  test('a list in emergency is still in it after a moderator of another list wrote “free”', async () => {
    const desk = await birds(engine);
    await desk.operate(setList, { list: 'birds', changes: { emergency: 'true' } });
    await say(desk, 'free birds', { from: bo, to: 'listserv@lists.example.org' });
    expect(await holdsEverything(desk)).toBe(true);
  });
});
