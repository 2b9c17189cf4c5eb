import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowsHost, parseStsPolicy, readStsId } from '../../src/domain/sts-policy.ts';

describe('the record of _mta-sts', () => {
  test.each([
    ['one', [['v=STSv1; id=20160831085700Z;']], '20160831085700Z'],
    ['in two strings', [['v=STSv1; ', 'id=a1']], 'a1'],
    ['among others', [['v=spf1 -all'], ['v=STSv1;id=a1;more=x']], 'a1'],
    ['with spaces', [['v=STSv1 ; id=a1 ;']], 'a1'],
    ['two of them', [['v=STSv1; id=a1'], ['v=STSv1; id=a2']], undefined],
    ['of another version', [['v=STSv2; id=a1']], undefined],
    ['without id', [['v=STSv1;']], undefined],
    ['with an id that is none', [['v=STSv1; id=a-1;']], undefined],
    ['none', [], undefined],
  ])('%s', (_, records, expected) => {
    expect(readStsId(records)).toBe(expected);
  });
});

const good =
  'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n';

describe('a policy', () => {
  test('as in RFC 8461 §3.2', () => {
    expect(parseStsPolicy(good)).toEqual({
      mode: 'enforce',
      mx: ['mail.example.com', '*.example.net'],
      maxAge: 604_800_000,
    });
  });

  test.each([
    ['with bare line feeds', good.replaceAll('\r', ''), 'enforce'],
    ['with a field nobody knows', `${good}later: x\r\n`, 'enforce'],
    ['that says its mode twice: the first counts', `${good}mode: none\r\n`, 'enforce'],
    ['of none, without mx', 'version: STSv1\nmode: none\nmax_age: 86400\n', 'none'],
    ['without version', good.replace('version: STSv1', ''), undefined],
    ['without mx', good.replaceAll(/mx:.*\r\n/g, ''), undefined],
    ['without max_age', good.replace(/max_age.*/, ''), undefined],
    ['with a max_age that is no number', good.replace('604800', 'week'), undefined],
    ['of a mode nobody knows', good.replace('enforce', 'strict'), undefined],
    ['with more mx than anybody has', good + 'mx: a.example\r\n'.repeat(100), undefined],
    ['that is a web page', '<html><body>Not found</body></html>', undefined],
    ['that is empty', '', undefined],
  ])('%s', (_, text, mode) => {
    expect(parseStsPolicy(text)?.mode).toBe(mode);
  });

  test('is kept a year at most', () => {
    expect(parseStsPolicy(good.replace('604800', '9999999999'))?.maxAge).toBe(31_557_600_000);
  });

  test('never throws, whatever a server sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => parseStsPolicy(text) === undefined || true),
    );
  });
});

test.each([
  ['mail.example.com', true],
  ['other.example.com', false],
  ['mx.example.net', true],
  ['a.mx.example.net', false],
  ['example.net', false],
  ['net', false],
])('the policy above allows %s: %s', (host, expected) => {
  expect(allowsHost({ mx: ['mail.example.com', '*.example.net'] }, host)).toBe(expected);
});
