import { describe, expect, test } from 'vitest';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import type { IdentityClass } from '../../src/domain/identity.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { approveHeld } from '../../src/operations/moderation/decide-held.ts';
import { confirm } from '../../src/operations/requests/confirm.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, type Letter, proved, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

/** The same mail, from whomever: who has it by Cc knows its Message-ID and its text. */
const post: Letter = {
  from: 'Bo <bo@example.org>',
  to: 'birds@lists.example.org',
  subject: 'Nests',
  text: 'They are back.',
  messageId: 'nests@example.org',
  checks: proved,
};

async function birds(engine: TestEngine, settings: Record<string, string> = {}): Promise<Desk> {
  const desk = createDesk(await engine.freshStore(), { senderChecks: 'own' });
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'], title: 'Birds' });
  const members = [{ email: 'bo@example.org' }, { email: 'mo@example.org' }];
  await desk.operate(addMembers, { list: 'birds', members });
  if (Object.keys(settings).length > 0) await desk.operate(setList, { list: 'birds', changes: settings });
  await takeOutbox(desk);
  return desk;
}

function as(known: IdentityClass): Partial<Checks> {
  return { identity: { ...unchecked.identity, class: known } };
}

onEachEngine((engine) => {
  describe('a forgery that was sent ahead of a real post with its Message-ID and text', () => {
    test.each<[string, Partial<Letter>]>([
      ['in the same name', { checks: as('unverified') }],
      ['in another name', { from: 'Mo <mo@example.org>', checks: as('unverified') }],
      ['in the same name and with another text', { text: 'I hate birds.', checks: as('unverified') }],
    ])('%s, does not swallow it', async (_, forged) => {
      const desk = await birds(engine);
      const waits = await deliverOne(desk, { ...post, ...forged });
      expect(waits.kind).toBe('held');
      await takeOutbox(desk);
      expect(await deliverOne(desk, post)).toMatchObject({ kind: 'accepted' });
      expect((await takeOutbox(desk)).filter(({ kind }) => kind === 'post')).toHaveLength(3);
    });

    test('waits for a moderator, who cannot let it out a second time', async () => {
      const desk = await birds(engine);
      const forged = { ...post, from: 'Mo <mo@example.org>', checks: as('unverified') };
      const waits = await deliverOne(desk, forged);
      await deliverOne(desk, post);
      await takeOutbox(desk);
      const id = waits.kind === 'held' ? waits.id : 0;
      await expect(desk.operate(approveHeld, { id })).rejects.toThrow(
        'The same post is on the list already: discard held post 1.',
      );
      expect(await takeOutbox(desk)).toEqual([]);
    });

    test('does not go out a second time by the word of its author', async () => {
      const desk = await birds(engine);
      await deliverOne(desk, { ...post, checks: as('unverified') });
      const token = tokenIn((await takeOutbox(desk)).find(({ to }) => to === 'bo@example.org'));
      await deliverOne(desk, post);
      await takeOutbox(desk);
      await desk.perform(confirm, { kind: 'holder', of: 'confirmation' }, { token });
      expect((await takeOutbox(desk)).filter(({ kind }) => kind === 'post')).toEqual([]);
    });
  });

  test('a post whose text another member has posted first under its Message-ID waits, and moderators learn of it', async () => {
    const desk = await birds(engine);
    const stolen = await deliverOne(desk, { ...post, from: 'Mo <mo@example.org>' });
    expect(stolen.kind).toBe('accepted');
    expect(await deliverOne(desk, post)).toMatchObject({
      kind: 'held',
      note: expect.stringContaining('somebody else has posted the same text under the same Message-ID'),
    });
    expect(await deliverOne(desk, { ...post, from: 'Mo <mo@example.org>' })).toMatchObject({
      kind: 'accepted',
      note: expect.stringContaining('here already'),
    });
  });

  test('on an anonymous list, which knows no authors, a post that comes again is known', async () => {
    const desk = await birds(engine, { anonymous: 'true' });
    expect((await deliverOne(desk, post)).kind).toBe('accepted');
    expect(await deliverOne(desk, post)).toMatchObject({ note: expect.stringContaining('here already') });
  });

  test.each<[string, IdentityClass, IdentityClass]>([
    ['proved, and so it was before', 'verified', 'verified'],
    ['unproved, and so it was before', 'unverified', 'unverified'],
    ['unproved, and it was proved before', 'verified', 'unverified'],
  ])('a post that waits and comes again, %s, is known', async (_, before, now) => {
    const desk = await birds(engine, { moderated: 'true' });
    const first = await deliverOne(desk, { ...post, checks: as(before) });
    const again = await deliverOne(desk, { ...post, checks: as(now) });
    expect([first, again]).toMatchObject([
      { kind: 'held', id: 1 },
      { kind: 'held', id: 1 },
    ]);
  });

  test('a post is known among many that wait under its Message-ID', async () => {
    const desk = await birds(engine, { moderated: 'true' });
    for (let i = 0; i < 25; i++) {
      await deliverOne(desk, { ...post, text: `Forgery ${i}`, checks: as('unverified') });
    }
    const first = await deliverOne(desk, post);
    expect(first).toMatchObject({ kind: 'held', id: 26 });
    expect(await deliverOne(desk, post)).toMatchObject({ kind: 'held', id: 26 });
  });
});
