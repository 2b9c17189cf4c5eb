import { describe, expect, it } from 'vitest';
import { addBrackets, findUnknownParameter, readPath } from '../../src/receive/envelope-path.ts';

describe('the path of MAIL and RCPT', () => {
  it.each([
    ['plain', 'MAIL FROM:<a@example.com> SIZE=5', 'a@example.com'],
    ['null sender', 'MAIL FROM:<>', ''],
    ['no brackets', 'RCPT TO:a@example.com', 'a@example.com'],
    ['no brackets, a space, parameters', 'mail from: a@example.com SIZE=5', 'a@example.com'],
    ['a source route is ignored', 'RCPT TO:<@one.example,@two.example:a@example.com>', 'a@example.com'],
    ['what only looks like a route stays', 'RCPT TO:<@one.example>', '@one.example'],
    ['A-labels stay', 'RCPT TO:<a@xn--bcher-kva.example>', 'a@xn--bcher-kva.example'],
    ['brackets in a parameter are not the path', 'MAIL FROM:<a@example.com> X=<b>', 'a@example.com'],
  ])('%s', (_, command, path) => {
    expect(readPath(addBrackets(command))).toBe(path);
  });

  it('leaves a line without an address as it is', () => {
    for (const line of ['RCPT TO:', 'RCPT TO:<>', 'RCPT LALA: <>', 'NOOP a@example.com']) {
      expect(addBrackets(line)).toBe(line);
    }
  });
});

it('the first parameter that was not offered', () => {
  expect(findUnknownParameter(false, [])).toBeUndefined();
  expect(findUnknownParameter({ SIZE: '1', BODY: '7BIT' }, ['SIZE', 'BODY'])).toBeUndefined();
  expect(findUnknownParameter({ SIZE: '1', RET: 'HDRS' }, ['SIZE', 'BODY'])).toBe('RET');
});
