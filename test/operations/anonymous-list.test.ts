import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createList } from '../../src/operations/lists/create-list.ts';
import { setList } from '../../src/operations/lists/set-list.ts';
import { addMembers } from '../../src/operations/members/add-members.ts';
import { createDesk, type Desk } from '../support/desk.ts';
import { deliverOne, type Letter, takeOutbox } from '../support/letterbox.ts';
import { takeOutgoing } from '../support/outgoing.ts';
import { onEachEngine, type TestEngine } from '../support/stores.ts';

const list = 'birds@lists.example.org';
const alice = 'alice@example.com';

async function birds(engine: TestEngine, settings: Readonly<Record<string, string>> = {}): Promise<Desk> {
  const desk = createDesk(await engine.freshStore());
  await desk.operate(createList, { address: list, title: 'Birds', owners: ['mia@example.com'] });
  await desk.operate(addMembers, { list, members: [{ email: alice }, { email: 'bob@example.com' }] });
  await desk.operate(setList, { list, changes: { anonymous: 'true', ...settings } });
  await takeOutbox(desk);
  await takeOutgoing(desk);
  return desk;
}

const post = (desk: Desk, letter: Partial<Letter> = {}) =>
  deliverOne(desk, {
    from: `Alice Liddell <${alice}>`,
    to: list,
    subject: 'Nests',
    text: 'Two eggs.',
    messageId: 'one@alice-laptop.example',
    ...letter,
  });

const telltale = [
  'Received: from alice-laptop (192.0.2.77) by mx.example.com; Sat, 21 Nov 2026 10:00:00 +0000',
  'DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=abc=; b=Zm9v',
  'Sender: alice@example.com',
  'Reply-To: Alice <alice@example.com>',
  'Cc: Alice <alice@example.com>',
  'X-Originating-IP: [192.0.2.77]',
  'User-Agent: Alice/1.0',
  'Organization: Alice Ltd',
  'Autocrypt: addr=alice@example.com',
  'X-Anything: alice',
  'Content-ID: <1@alice-laptop.example>',
  'Content-Location: http://alice.example/',
  'Content-Description: by Alice',
  'Content-Alice: alice',
  'X-BeenThere: alice-family@example.net',
  'Importance: High (Alice)',
  'Auto-Submitted: no (Alice)',
  'In-Reply-To: Your letter to Alice',
  'MIME-Version: 1.0 (Alice Mail 1.0)',
  'Content-Type: text/plain; charset=utf-8',
];

onEachEngine((engine) => {
  describe('a post to an anonymous list', () => {
    test('goes out, and is kept, without anything that says who wrote it', async () => {
      const desk = await birds(engine, { dmarc: 'always', subject_tag: '[Birds]' });
      await post(desk, { headers: telltale });
      const [copy] = await takeOutgoing(desk);
      const [stored] = await takeOutbox(desk);
      for (const raw of [copy?.raw, stored?.raw].map(String))
        expect(raw).not.toMatch(/alice|192\.0\.2|Liddell/i);
      expect(copy?.header('From')).toBe(`Birds <${list}>`);
      expect(copy?.header('Subject')).toBe('[Birds] Nests');
      expect(copy?.header('Date')).toBe('Sat, 21 Nov 2026 12:00:00 +0000');
      expect(copy?.header('Content-Type')).toBe('text/plain; charset=utf-8');
      expect(copy?.header('MIME-Version')).toBe('1.0');
      expect(copy?.header('Importance')).toBe('High');
      expect(copy?.header('Auto-Submitted')).toBe('no');
      expect(copy?.raw.toString()).not.toMatch(/^In-Reply-To/im);
      expect(copy?.header('Received')).toMatch(/^by lists\.example\.org with/);
      expect(copy?.raw.toString()).toMatch(/\r\n\r\nTwo eggs\.\r\n$/);
      const kept = await desk.store.read((db) =>
        db.selectFrom('mailings').innerJoin('posts', 'posts.id', 'mailings.post_id').selectAll().execute(),
      );
      expect(JSON.stringify(kept)).not.toMatch(/alice@|Liddell/i);
    });

    test('goes to everybody, its author too', async () => {
      const desk = await birds(engine);
      await post(desk);
      expect((await takeOutbox(desk)).map(({ to }) => to).sort()).toEqual([
        alice,
        'bob@example.com',
        'mia@example.com',
      ]);
    });

    test('that comes twice goes out once', async () => {
      const desk = await birds(engine);
      await post(desk, { headers: ['X-Try: 1'] });
      await post(desk, { headers: ['X-Try: 2'] });
      expect(await takeOutgoing(desk)).toHaveLength(1);
    });

    test('is found by its answers, under its new name and under the one that its author knows', async () => {
      const desk = await birds(engine);
      await post(desk);
      const [first] = await takeOutgoing(desk);
      const id = first?.header('Message-ID') ?? '';
      expect(id).toMatch(/^<[0-9a-z]{25}@lists\.example\.org>$/);
      await post(desk, { messageId: 'two@b.example', headers: [`In-Reply-To: ${id}`] });
      await post(desk, { messageId: 'three@b.example', headers: ['References: <one@alice-laptop.example>'] });
      const [answer, own] = await takeOutgoing(desk);
      expect(answer?.header('In-Reply-To')).toBe(id);
      expect(own?.header('References')).toBe(id);
    });

    test('has the id of what is kept in its trace: that of the original would tell who has it', async () => {
      const desk = await birds(engine);
      await post(desk, { headers: telltale });
      const [copy] = await takeOutgoing(desk);
      const [stored] = await takeOutbox(desk);
      const id = hash('sha256', stored?.raw ?? '').slice(0, 16);
      expect(copy?.header('Received')).toContain(` id ${id} for <${list}>`);
    });

    test.each<[string, string, string | undefined]>([
      [
        'of our lists, by which a circle ends',
        'X-BeenThere: fish@lists.example.org',
        'fish@lists.example.org',
      ],
      ['of no other lists', 'X-BeenThere: fish@example.net', undefined],
    ])('keeps the marks %s', async (_, mark, kept) => {
      const desk = await birds(engine);
      await post(desk, { headers: [mark] });
      const [copy] = await takeOutgoing(desk);
      const marks = copy?.raw.toString().match(/(?<=^X-BeenThere: ).*(?=\r$)/gm);
      expect(marks).toEqual(kept ? [list, kept] : [list]);
    });
  });
});
