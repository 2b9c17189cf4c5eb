import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offsetIn } from '../../src/mail/edit-leaf.ts';
import { readHead } from '../../src/mail/headers.ts';
import { mimeLimits, readMime } from '../../src/mail/mime-tree.ts';
import { addFooter } from '../../src/rewrite/footer.ts';
import { mail, standardFooter } from './golden-footers.ts';

describe('hostile mail', () => {
  const nested = (depth: number) => [
    'From: a@example.org',
    ...Array.from({ length: depth }, (_, i) => [
      `Content-Type: multipart/mixed; boundary=b${i}.`,
      '',
      `--b${i}.`,
    ]).flat(),
    '',
    'Three eggs.',
  ];

  test('that is nested deeper than is looked at is left as it is', () => {
    expect(addFooter(mail(nested(mimeLimits.depth)), standardFooter).kind).toBe('added');
    expect(addFooter(mail(nested(mimeLimits.depth + 1)), standardFooter).kind).toBe('left');
  });

  test.each([
    ['tags that never end', 'text/html', '<a '.repeat(700_000)],
    ['comments that never end', 'text/html', '<!--'.repeat(500_000)],
    ['scripts that never end', 'text/html', '<script>'.repeat(250_000)],
    ['quotes that never end', 'text/html', '<a b="'.repeat(350_000)],
    ['codes', 'text/html', '=C3=BC'.repeat(330_000)],
    ['soft line breaks', 'text/html', '=\r\n'.repeat(700_000)],
    ['equals signs', 'text/plain', '='.repeat(2_000_000)],
    ['base64 of one line', 'text/plain', 'QUFB'.repeat(500_000)],
    ['escapes', 'text/plain; charset=iso-2022-jp', '\x1b$B'.repeat(700_000)],
  ])('%s cost no more than their length', (_, type, body) => {
    const encoding = body.startsWith('=') ? 'quoted-printable' : body.startsWith('QUFB') ? 'base64' : '8bit';
    const raw = mail([
      'From: a@example.org',
      `Content-Type: ${type}`,
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      body,
    ]);
    const start = performance.now();
    addFooter(raw, standardFooter);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

/** Trees of parts with texts in any encoding; every leaf holds a mark of its own. */
const leaf = fc.record({
  type: fc.constantFrom(
    'text/plain',
    'text/html',
    'image/png',
    'text/calendar',
    'text/plain; format=flowed',
    '',
  ),
  encoding: fc.constantFrom('7bit', '8bit', 'quoted-printable', 'base64'),
  text: fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\r\n', '<', '=', '-', 'F'), maxLength: 60 }),
  ended: fc.boolean(),
});
type Leaf = { type: string; encoding: string; text: string; ended: boolean };
type Tree = Leaf | { kind: string; boundary: string; children: Tree[]; closed: boolean };
const { tree } = fc.letrec<{ tree: Tree; node: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('node')),
  node: fc.record({
    kind: fc.constantFrom('mixed', 'alternative', 'related', 'signed', 'report', 'digest'),
    boundary: fc.string({ unit: fc.constantFrom('a', 'b', '-', '='), minLength: 1, maxLength: 6 }),
    children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    closed: fc.boolean(),
  }),
}));

function render(node: Tree): string {
  if (!('children' in node)) {
    const bytes = Buffer.from(node.text);
    const body =
      node.encoding === 'base64'
        ? bytes.toString('base64')
        : node.encoding === 'quoted-printable'
          ? Array.from(bytes, (byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
          : bytes.toString('latin1');
    const charset = node.type.startsWith('text/') ? '; charset=utf-8' : '';
    const type = node.type === '' ? '' : `Content-Type: ${node.type}${charset}\r\n`;
    return `${type}Content-Transfer-Encoding: ${node.encoding}\r\n\r\n${body}${node.ended ? '\r\n' : ''}`;
  }
  const { kind, boundary, children, closed } = node;
  const parts = children.map((child) => `--${boundary}\r\n${render(child)}\r\n`).join('');
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\npreamble\r\n${parts}${closed ? `--${boundary}--\r\n` : ''}`;
}

/** The mail without these leaves, heads and bodies. */
function without(raw: Buffer, numbers: readonly string[]): string {
  const open = [readMime(raw, readHead(raw))];
  const kept: [start: number, end: number][] = [];
  for (let part = open.pop(); part; part = open.pop()) {
    open.push(...part.children);
    const bodyStart = offsetIn(raw, part.body);
    if (numbers.includes(part.number))
      kept.push([bodyStart - part.head.bodyStart, bodyStart + part.body.length]);
  }
  return kept
    .sort(([a], [b]) => b - a)
    .reduce((text, [start, end]) => `${text.slice(0, start)}|${text.slice(end)}`, raw.toString('latin1'));
}

describe('for any tree of parts', () => {
  test('no byte changes but of the leaves that the changes name', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const raw = Buffer.from(`From: a@example.org\r\nMIME-Version: 1.0\r\n${render(node)}`, 'latin1');
        const result = addFooter(raw, standardFooter);
        if (result.kind === 'left') return;
        const numbers = result.changes.flatMap(({ what }) => / part ([\d.]+)$/.exec(what)?.[1] ?? []);
        if (numbers.length > 0) expect(without(result.raw, numbers)).toBe(without(raw, numbers));
        else expect(isOnePieceMore(raw.toString('latin1'), result.raw.toString('latin1'))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

function isOnePieceMore(before: string, after: string): boolean {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  return after.endsWith(before.slice(start));
}
