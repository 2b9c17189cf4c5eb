import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockThread } from '../../src/operations/archive/lock-thread.ts';
import { setHeaderRule } from '../../src/operations/rules/set-header-rule.ts';
import { setSenderRule } from '../../src/operations/rules/set-sender-rule.ts';
import { openArchive, plainMail } from '../support/archive.ts';
import { noArchives, runCommandLine } from '../support/command-line.ts';
import { noDkim } from '../support/no-dkim.ts';
import { sqlite } from '../support/stores.ts';

const corpora = process.env.LISTWRIGHT_CORPORA;

/** What moves a terminal's cursor, changes its state or turns the direction of writing; line ends are our own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what we look for.
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe.skipIf(!corpora)('corpus html-xss, as subjects, names and patterns on a terminal', () => {
  const file = join(corpora ?? '', 'html-xss', 'vectors.json');
  const vectors: { readonly payload: string }[] = corpora ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const payloads = [
    ...vectors.map(({ payload }) => payload),
    '\u001b]0;pwned\u0007\u001b[2J',
    '\u202egnp.exe',
  ];

  it('what people wrote is shown, and controls nothing', async () => {
    const archive = await openArchive(await sqlite.freshStore());
    await archive.makeList('birds');
    const mails = payloads.map((payload, i) =>
      plainMail({
        id: `${i}@x`,
        from: 'bob@example.net',
        subject: `=?utf-8?B?${Buffer.from(payload.slice(0, 200)).toString('base64')}?=`,
      }),
    );
    for (let i = 0; i < mails.length; i += 50) await archive.bring('birds', ...mails.slice(i, i + 50));
    const { desk } = archive;
    for (const [i, payload] of payloads.entries()) {
      const escaped = payload
        .slice(0, 60)
        .replace(/\p{Cc}/gu, '')
        .replace(/[^\p{L}\p{N}]/gu, '.');
      await desk
        .operate(setHeaderRule, {
          list: i % 2 ? 'birds' : null,
          field: 'Subject',
          pattern: `^${escaped.slice(0, 10)}$`,
          action: 'accept',
        })
        .catch(expectLimit);
    }
    await desk.operate(setSenderRule, { list: 'birds', pattern: '/[<>"\u00e9]/', action: 'hold' });
    const openOperations = async () => ({
      ...desk,
      archives: noArchives,
      examine: () => Promise.reject(new Error('nothing is examined')),
      dkim: noDkim,
      close: async () => {},
    });
    const run = async (...words: string[]) => {
      const { stdout, stderr } = await runCommandLine(words, { openOperations, terminal: true });
      return `${stdout}${stderr}`;
    };
    await desk.operate(lockThread, { id: 1 });
    const said = [
      await run('sender', 'hold', 'birds', '*@example.net', '--dry-run'),
      await run('sender', 'ls'),
      await run('header', 'ls'),
      ...(await Promise.all(
        payloads.map((payload) => run('sender', 'forget', 'birds', `/${payload.slice(0, 100)}/`)),
      )),
      ...(await Promise.all(payloads.map((payload) => run('header', 'hold', 'birds', 'Subject', payload)))),
      await run('archive', 'unlock', '1'),
    ];
    expect(said[0]).toContain('<svg>');
    for (const text of said) expect(text).not.toMatch(control);
  });
});

/** So many patterns have no room together. */
function expectLimit(error: Error): void {
  expect(error.message).toMatch(/too large/);
}
