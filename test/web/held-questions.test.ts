import { describe, expect, test } from 'vitest';
import { type Checks, unchecked } from '../../src/domain/checks.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { approveHeld, discardHeld, rejectHeld } from '../../src/operations/moderation/decide-held.ts';
import { cancel } from '../../src/operations/requests/confirm.ts';
import { findHeld } from '../../src/store/held.ts';
import { deliverOne, proved, takeOutbox, tokenIn } from '../support/letterbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';
import { makeList, startSite } from './site.ts';

const bo = 'bo@example.org';
const unproved: Partial<Checks> = {
  identity: { ...unchecked.identity, class: 'unverified', policy: 'none', why: 'nothing is signed' },
};

/** A post of Bo's waits, and Bo has a link: to take it back where it is proved, else to say that it is Bo's. */
async function place(engine: TestEngine, checks: Partial<Checks>, subject = 'Nests') {
  const store = await engine.freshStore();
  const site = await startSite(store, { site: { senderChecks: 'own' } });
  const { desk } = site;
  await makeList(desk, { moderated: 'true' });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: bo, name: 'Bo' }] });
  await takeOutbox(desk);
  const result = await deliverOne(desk, {
    from: `Bo <${bo}>`,
    to: 'birds@lists.example.org',
    subject,
    text: 'Three eggs.',
    checks,
  });
  const id = result.kind === 'held' ? result.id : 0;
  const token = tokenIn((await takeOutbox(desk)).find(({ to }) => to === bo));
  return {
    desk,
    id,
    token,
    look: async () => (await site.ask(`/c/${token}`)).text,
    press: async (answer: string) => (await site.post(`/c/${token}`, { token, answer })).text,
    decision: async () => (await store.read((db) => findHeld(db, id)))?.decision,
  };
}

onEachEngine((engine) => {
  describe('the page that asks the author of a post that waits', () => {
    test.each([
      ['to take it back', proved, 'Take your mail back?'],
      ['whether it is theirs', unproved, 'Is this mail from you?'],
    ])('%s names it, as text on one line, cut', async (_, checks, title) => {
      const { look } = await place(engine, checks, `Nests <b>${'x'.repeat(200)}`);
      const page = await look();
      expect(page).toContain(`<h1>${title}</h1>`);
      expect(page).toMatch(/“Nests &lt;b(>|&gt;)x{90}…”/);
    });

    test('leaves the link good where they let it wait', async () => {
      const { press, look, decision, desk, token } = await place(engine, proved);
      const page = await press('no');
      expect(page).toContain('<h1>It still waits</h1>');
      expect(page).toContain('You can still take it back');
      const holder = { kind: 'holder', of: 'confirmation' } as const;
      expect((await desk.perform(cancel, holder, { token })).sentence).toContain('Your post still waits');
      expect(await look()).toContain('<h1>Take your mail back?</h1>');
      const taken = await press('yes');
      expect(taken).toContain('<h1>Done</h1>');
      expect(taken).toContain('Your post was taken back; nobody will get it.');
      expect(await decision()).toBe('withdrawn');
      expect(await look()).toContain('<h1>This was done already</h1>');
    });

    test.each([
      ['approved', approveHeld, 'It was posted.'],
      ['rejected', rejectHeld, 'It was not posted.'],
      ['discarded', discardHeld, 'It was not posted.'],
    ])('says what became of it once it was %s', async (decided, operation, fate) => {
      for (const checks of [proved, unproved]) {
        const { desk, id, press, look, decision } = await place(engine, checks);
        await desk.operate<unknown, unknown>(operation, { id });
        for (const page of [await look(), await press('yes'), await press('no'), await look()]) {
          expect(page).toContain('<h1>This mail no longer waits</h1>');
          expect(page).toContain('“Nests”');
          expect(page).toContain(fate);
          expect(page).not.toContain('<button');
        }
        expect(await decision()).toBe(decided);
      }
    });

    test('says so, too, where its author had answered and it was decided later', async () => {
      const { desk, id, press, look } = await place(engine, unproved);
      expect(await press('yes')).toContain('still waits for a moderator');
      desk.now += 60_000;
      await desk.operate(approveHeld, { id });
      const page = await look();
      expect(page).toContain('<h1>This mail no longer waits</h1>');
      expect(page).toContain('It was posted.');
    });
  });
});
