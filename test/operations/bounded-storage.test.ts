import { describe, expect, test } from 'vitest';
import { signToken } from '../../src/mail/signed-token.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, takeOutbox } from '../support/letterbox.ts';
import { deliveryRows, notify } from '../support/outbox.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

/** What anybody can send in the name of a member, or to the return path of their own copy, must not fill the disk. */

async function birds(engine: TestEngine): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: 'birds', owners: ['ana@example.org'] });
  await desk.operate(addMembers, { list: 'birds', members: [{ email: 'bo@example.org' }] });
  return desk;
}

/** Of mails that came in, not of our own texts. */
async function keptMails(desk: Desk): Promise<number> {
  const kept = await desk.store.read((db) =>
    db
      .selectFrom('bodies')
      .select('id')
      .where('id', 'not in', (e) => e.selectFrom('mailings').select('body_id'))
      .execute(),
  );
  return kept.length;
}

onEachEngine((engine) => {
  describe('what is kept of mail', () => {
    test.each([
      ['one copy', 'bounce', 5],
      ['copies that went out together', 'batch', 200],
    ] as const)('reports of %s: so many a day', async (_, purpose, most) => {
      const desk = await birds(engine);
      await desk.store.write((tx) => notify(tx, { to: ['bo@example.org'], now: desk.now }));
      const [delivery] = await deliveryRows(desk.store);
      const token = signToken(desk.keys, purpose, delivery?.id ?? 0);
      const to = `birds-bounces+${token}@lists.example.org`;
      const send = (text: string) =>
        deliverOne(desk, { from: 'x@example.com', envelopeSender: '', to, text });
      for (let i = 0; i < most; i++) expect((await send(`report ${i}`)).kind).toBe('accepted');
      expect((await send('one more')).kind).toBe('dropped');
      expect(await keptMails(desk)).toBe(most);
      desk.now += 86_400_000;
      expect((await send('the next day')).kind).toBe('accepted');
    });

    test('a request sent to the list: only the one whose author is offered to post it', async () => {
      const desk = await birds(engine);
      const post = { from: 'bo@example.org', to: 'birds@lists.example.org', subject: 'unsubscribe' };
      for (const text of ['unsubscribe', 'Unsubscribe!', 'unsubscribe, please']) {
        expect(await deliverOne(desk, { ...post, text })).toMatchObject({ kind: 'done' });
      }
      expect((await takeOutbox(desk)).filter(({ subject }) => subject.startsWith('About'))).toHaveLength(1);
      expect(await keptMails(desk)).toBe(1);
    });

    test('a request sent to the list: none that would be too large to post', async () => {
      const desk = await birds(engine);
      const film = `\n-- \n${'x'.repeat(72)}\n`.repeat(80_000);
      const post = { from: 'bo@example.org', to: 'birds@lists.example.org', text: `unsubscribe\n${film}` };
      expect(await deliverOne(desk, post)).toMatchObject({ kind: 'done' });
      expect(await keptMails(desk)).toBe(0);
    });
  });
});
