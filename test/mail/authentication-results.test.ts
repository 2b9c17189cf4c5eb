import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAuthenticationResults } from '../../src/mail/authentication-results.ts';

interface Said {
  readonly id: string;
  readonly results: readonly (readonly [
    method: string,
    result: string,
    properties: Record<string, string>,
    comment?: string,
  ])[];
}

function saidIn(value: string): Said | undefined {
  const read = readAuthenticationResults(value);
  return (
    read && {
      id: read.authservId,
      results: read.results.map(({ method, result, properties, comment }) => [
        method,
        result,
        Object.fromEntries(properties),
        ...(comment ? [comment.trim()] : []),
      ]) as unknown as Said['results'],
    }
  );
}

describe('what a server says', () => {
  test.each<[string, string, Said]>([
    ['nothing was looked at (RFC 8601 B.2)', 'example.org 1; none', { id: 'example.org', results: [] }],
    [
      'SPF (B.3)',
      'example.com;\t\tspf=pass smtp.mailfrom=example.net',
      { id: 'example.com', results: [['spf', 'pass', { 'smtp.mailfrom': 'example.net' }]] },
    ],
    [
      'comments wherever they may be (B.7)',
      "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
      {
        id: 'foo.example.net',
        results: [
          [
            'dkim',
            'fail',
            { 'policy.expired': '1362471462' },
            "Because I like it One yay wait for it A dot can go here like that this surprised me as I wasn't expecting it",
          ],
        ],
      },
    ],
    [
      'as OpenDMARC writes it',
      'mx.example.net; dmarc=fail (p=reject dis=none) header.from=example.org',
      {
        id: 'mx.example.net',
        results: [['dmarc', 'fail', { 'header.from': 'example.org' }, 'p=reject dis=none']],
      },
    ],
    [
      'as rspamd writes it',
      'mx.example.net; dkim=pass header.d=example.org header.s=k1 header.b="ab/cd+e"; dmarc=pass (policy=reject) header.from=example.org',
      {
        id: 'mx.example.net',
        results: [
          ['dkim', 'pass', { 'header.d': 'example.org', 'header.s': 'k1', 'header.b': 'ab/cd+e' }],
          ['dmarc', 'pass', { 'header.from': 'example.org' }, 'policy=reject'],
        ],
      },
    ],
    [
      'as Microsoft writes it',
      'mx.microsoft.com 1; spf=pass smtp.mailfrom=example.org; dmarc=pass action=none header.from=example.org; arc=none',
      {
        id: 'mx.microsoft.com',
        results: [
          ['spf', 'pass', { 'smtp.mailfrom': 'example.org' }],
          ['dmarc', 'pass', { action: 'none', 'header.from': 'example.org' }],
          ['arc', 'none', {}],
        ],
      },
    ],
    [
      'a reason in quotes',
      'a.example; dmarc=fail reason="no; \\"alignment\\"" header.from=b.example',
      {
        id: 'a.example',
        results: [['dmarc', 'fail', { reason: 'no; "alignment"', 'header.from': 'b.example' }]],
      },
    ],
    [
      'a name in quotes, in capitals',
      '"MX.Example.NET"; SPF=PASS',
      { id: 'mx.example.net', results: [['spf', 'pass', {}]] },
    ],
    [
      'a letter with a byte that is a space elsewhere',
      Buffer.from('a.example; spf=pass smtp.mailfrom=b.exampleàc=d@e.example').toString('latin1'),
      {
        id: 'a.example',
        results: [
          ['spf', 'pass', { 'smtp.mailfrom': Buffer.from('b.exampleàc=d@e.example').toString('latin1') }],
        ],
      },
    ],
    ['a semicolon at the end', 'a.example; spf=pass;', { id: 'a.example', results: [['spf', 'pass', {}]] }],
    [
      'a property twice: the first counts',
      'a.example; dmarc=pass header.from=b.example header.from=c.example',
      { id: 'a.example', results: [['dmarc', 'pass', { 'header.from': 'b.example' }]] },
    ],
    [
      'a result inside a comment is none',
      'a.example; spf=fail (dmarc=pass header.from=b.example; dmarc=pass)',
      { id: 'a.example', results: [['spf', 'fail', {}, 'dmarc=pass header.from=b.example; dmarc=pass']] },
    ],
  ])('%s', (_, value, said) => {
    expect(saidIn(value)).toEqual(said);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['only white space', ' \t'],
    ['a version that we do not know', 'a.example 2; spf=pass'],
    ['another version of a method', 'a.example; dkim/2=pass'],
    ['two names', 'a.example b.example; spf=pass'],
    ['no result', 'a.example; spf'],
    ['an empty result', 'a.example; spf='],
    ['two semicolons', 'a.example;; spf=pass'],
    ['a comment that never ends', 'a.example; spf=pass (never'],
    ['a quotation that never ends', 'a.example; spf=pass reason="never'],
    ['a bracket too many', 'a.example; spf=pass )'],
    [
      'a domain that hides another one behind a bracket',
      'a.example; dkim=pass header.d=b.example(.forger.example header.s=a); dmarc=none header.from=b.example',
    ],
    [
      'a sender that does',
      'a.example; spf=pass smtp.mailfrom=any@b.example(.forger.example) smtp.helo=forger.example',
    ],
    ['comments nested deeper than anybody does', `a.example; spf=pass ${'('.repeat(21)}${')'.repeat(21)}`],
    ['more than 16 KiB', `a.example; spf=pass (${'x'.repeat(16 * 1024)})`],
    ['more than 100 results', `a.example${'; spf=pass'.repeat(101)}`],
  ])('%s is not believed', (_, value) => {
    expect(readAuthenticationResults(value)).toBeUndefined();
  });

  test('any octets are read without an error, in linear time', () => {
    const piece = fc.constantFrom(
      'a',
      '=',
      ';',
      '(',
      ')',
      '"',
      '\\',
      ' ',
      '.',
      '/',
      '1',
      'dmarc',
      'pass',
      'é',
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => void readAuthenticationResults(pieces.join(''))));
    const began = performance.now();
    for (const hostile of ['(', '((', '"', '\\', 'a.b=c ', ';a=b', '()', 'a']) {
      readAuthenticationResults(`a.example; x=y ${hostile.repeat(16_000 / hostile.length)}`);
    }
    expect(performance.now() - began).toBeLessThan(500);
  });

  test('what is written by the grammar comes back as it was', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
    const value = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
    const quote = (text: string) => `"${text.replace(/["\\]/g, (mark) => `\\${mark}`)}"`;
    fc.assert(
      fc.property(
        word,
        word.filter((method) => method !== 'none'),
        word,
        word,
        value,
        (id, method, result, property, text) => {
          const read = readAuthenticationResults(
            `${id} 1 ;(c)${method} = ${result} header . ${property}=${quote(text)}`,
          );
          expect(read?.results).toMatchObject(
            [{ method, result, comment: 'c ' }].map(({ comment, ...rest }) => rest),
          );
          expect(read?.results[0]?.properties.get(`header.${property}`)).toBe(text);
        },
      ),
    );
  });
});
