import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReplyReader } from '../../src/deliver/reply-reader.ts';
import type { Reply } from '../../src/domain/outcome.ts';

function read(...chunks: string[]): { replies: Reply[]; problem: string | undefined } {
  const reader = createReplyReader();
  const replies: Reply[] = [];
  for (const chunk of chunks) {
    const problem = reader.take(Buffer.from(chunk, 'latin1'), (reply) => replies.push(reply));
    if (problem) return { replies, problem };
  }
  return { replies, problem: undefined };
}

describe('replies', () => {
  test.each<[string, string, Reply[]]>([
    ['one line', '250 2.1.0 ok\r\n', [{ code: 250, text: '2.1.0 ok' }]],
    ['only a code', '250\r\n', [{ code: 250, text: '' }]],
    [
      'several lines',
      '550-5.1.1 No such\r\n550 5.1.1 user\r\n',
      [{ code: 550, text: '5.1.1 No such 5.1.1 user' }],
    ],
    [
      'several replies at once',
      '250 a\r\n354 b\r\n',
      [
        { code: 250, text: 'a' },
        { code: 354, text: 'b' },
      ],
    ],
    [
      'the same words again, alone and as the end of more',
      '250 a\r\n250-b\r\n250 a\r\n250 a\r\n',
      [
        { code: 250, text: 'a' },
        { code: 250, text: 'b a' },
        { code: 250, text: 'a' },
      ],
    ],
    ['lines that end in LF', '250 a\n', [{ code: 250, text: 'a' }]],
    ['control characters are gone', '250 a\x1b[31mred\x07\r\n', [{ code: 250, text: 'a [31mred' }]],
  ])('%s', (_, input, expected) => {
    expect(read(input)).toEqual({ replies: expected, problem: undefined });
  });

  test('are the same however they arrive', () => {
    const input = '250-a\r\n250 b\r\n550 5.1.1 no\r\n354 go\r\n';
    fc.assert(
      fc.property(fc.array(fc.nat(input.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...[...cuts].sort((a, b) => a - b), input.length];
        const chunks = places.slice(1).map((end, i) => input.slice(places[i], end));
        expect(read(...chunks)).toEqual(read(input));
      }),
    );
  });
});

describe('what is no SMTP is told apart', () => {
  test.each([
    ['words', 'hello\r\n'],
    ['a code below 200', '199 no\r\n'],
    ['a code above 599', '600 no\r\n'],
    ['a code of two digits', '25 no\r\n'],
    ['something else after the code', '250=ok\r\n'],
    ['codes that differ within a reply', '250-a\r\n550 b\r\n'],
    ['a line without end', 'a'.repeat(5000)],
    ['a long line', `250 ${'a'.repeat(5000)}\r\n`],
    ['a reply without end', '250-a\r\n'.repeat(101)],
  ])('%s', (_, input) => {
    expect(read(input).problem).toBeDefined();
  });

  test('and a long text is kept short', () => {
    const { replies } = read(`${`550-${'x'.repeat(300)}\r\n`.repeat(50)}550 end\r\n`);
    expect(replies[0]?.text.length).toBeLessThanOrEqual(500);
  });
});
