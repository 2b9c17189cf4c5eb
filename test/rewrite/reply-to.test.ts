import { expect, test } from 'vitest';
import type { Author } from '../../src/domain/incoming.ts';
import type { List } from '../../src/domain/list.ts';
import { settingsFor } from '../../src/domain/setting-value.ts';
import { readHead } from '../../src/mail/headers.ts';
import { replyTo } from '../../src/rewrite/reply-to.ts';

const alice: Author = { name: 'Alice', email: 'alice@example.com' as Author['email'] };
const desk = 'Desk <desk@example.com>';
const birds = 'birds@lists.example.org';

interface Case {
  readonly mode: string;
  /** The author's own. */
  readonly own?: string;
  readonly ignored?: true;
  readonly rewritten?: true;
  readonly stranger?: true;
  /** A value, or what becomes of the field. */
  readonly expected: string;
}

test.each<Case>([
  { mode: 'author', expected: 'kept' },
  { mode: 'author', own: desk, expected: 'kept' },
  { mode: 'author', own: desk, ignored: true, expected: 'none' },
  { mode: 'author', rewritten: true, expected: 'Alice <alice@example.com>' },
  { mode: 'author', own: desk, rewritten: true, expected: 'kept' },
  { mode: 'author', own: desk, ignored: true, rewritten: true, expected: 'Alice <alice@example.com>' },
  { mode: 'list', expected: birds },
  { mode: 'list', own: desk, expected: `${birds}, ${desk}` },
  { mode: 'list', own: desk, ignored: true, expected: birds },
  { mode: 'list', own: birds, expected: 'kept' },
  { mode: 'list', own: `Birds <${birds}>, ${desk}`, expected: 'kept' },
  { mode: 'list', rewritten: true, expected: birds },
  { mode: 'list', stranger: true, expected: birds },
  { mode: 'list', rewritten: true, stranger: true, expected: `${birds}, Alice <alice@example.com>` },
  { mode: 'list', own: desk, rewritten: true, stranger: true, expected: `${birds}, ${desk}` },
  { mode: 'both', expected: `${birds}, Alice <alice@example.com>` },
  { mode: 'both', own: desk, expected: `${birds}, ${desk}` },
  { mode: 'both', own: desk, ignored: true, expected: `${birds}, Alice <alice@example.com>` },
  { mode: 'keep', expected: 'kept' },
  { mode: 'keep', own: desk, ignored: true, expected: 'kept' },
  { mode: 'keep', rewritten: true, expected: 'kept' },
  { mode: 'help@example.net', own: desk, expected: 'help@example.net' },
  { mode: 'help@example.net', own: 'help@example.net', expected: 'kept' },
  { mode: 'list', own: 'nobody', expected: birds },
  { mode: 'list', own: 'D\u00e9 <desk@example.com>', expected: `${birds}, desk@example.com` },
  { mode: 'list', own: `${'x'.repeat(600)} <desk@example.com>`, expected: `${birds}, desk@example.com` },
])('$mode, own $own, ignored $ignored, From rewritten $rewritten, stranger $stranger: $expected', (given) => {
  const { mode, own, ignored, rewritten = false, stranger, expected } = given;
  const head = readHead(Buffer.from(`${own ? `Reply-To: ${own}\r\n` : ''}From: x\r\n\r\n`, 'latin1'));
  const settings = { ...settingsFor('discussion'), reply_to: mode, respect_author_reply_to: !ignored };
  const list = { name: 'birds', domain: 'lists.example.org', settings } as List;
  const found = replyTo({ list, head, author: alice, fromRewritten: rewritten, stranger });
  expect(found.kind === 'set' ? found.value : found.kind).toBe(expected);
});
