import { expect, test } from 'vitest';
import { unchecked } from '../../src/domain/checks.ts';
import { findEarlierCopies } from '../../src/store/posts.ts';
import { storedJson } from '../../src/store/stored-json.ts';
import { holdText } from '../support/held.ts';
import { makeList } from '../support/outbox.ts';
import { onEachEngine } from '../support/stores.ts';

test.each([
  ['plain text', 'bird', 'bird'],
  ['a whole emoji', '🐦', '🐦'],
  ['half of one', '🐦'.slice(0, 1), '\ufffd'],
  ['its other half', '🐦'.slice(1), '\ufffd'],
  ['NUL', 'a\0b', 'a\ufffdb'],
  ['what only looks like one', '\\u0000 \\ud83d', '\\u0000 \\ud83d'],
])('%s', (_, text, kept) => {
  expect(JSON.parse(storedJson({ text: [text] }))).toEqual({ text: [kept] });
});

onEachEngine((engine) => {
  test.each([
    ['ends in half an emoji', '🐦'.slice(0, 1)],
    ['has a NUL', 'a\0b.exe'],
  ])('a held post whose file name %s is found when it comes again', async (_, filename) => {
    const store = await engine.freshStore();
    const found = await store.write(async (tx) => {
      const list = await makeList(tx, 'birds');
      await holdText(tx, 'x', {
        listId: list.id,
        checks: { ...unchecked, attachments: [{ filename, type: 'text/csv', bytes: 1 }] },
      });
      return findEarlierCopies(tx, list.id, {
        messageId: 'a@example.org',
        bodySha256: '',
        author: { email: 'a@example.org' },
        heldAfter: 0,
      });
    });
    expect(found).toMatchObject([{ where: 'held', identity: 'unverified' }]);
  });
});
