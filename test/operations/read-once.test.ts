import { expect, test, vi } from 'vitest';
import { readableText } from '../../src/mail/readable-text.ts';
import { createList } from '../../src/operations/lists/create-list.ts';
import { createDesk } from '../support/desk.ts';
import { deliver } from '../support/letterbox.ts';
import { onEachEngine } from '../support/stores.ts';

vi.mock('../../src/mail/readable-text.ts', async (original) => {
  const real = await original<typeof import('../../src/mail/readable-text.ts')>();
  return { ...real, readableText: vi.fn(real.readableText) };
});

onEachEngine((engine) => {
  test('the text of a mail to several lists is read once', async () => {
    const desk = createDesk(await engine.freshStore());
    const lists = ['birds', 'frogs', 'newts'];
    for (const address of lists) await desk.operate(createList, { address, owners: ['ana@example.org'] });
    vi.mocked(readableText).mockClear();
    const to = lists.map((name) => `${name}@lists.example.org`);
    const headers = [`Cc: ${to.slice(1).join(', ')}`];
    const results = await deliver(desk, { from: 'ana@example.org', to, headers, text: 'They are back.' });
    expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(readableText).toHaveBeenCalledTimes(1);
  });
});
