import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrder, type MailHosts, type MxRecord, mailHosts, mostHosts } from '../../src/domain/mail-hosts.ts';

const mx = (...records: readonly (readonly [number, string])[]): MxRecord[] =>
  records.map(([priority, exchange]) => ({ priority, exchange }));
const hosts = (...tiers: readonly string[][]): MailHosts => ({ kind: 'hosts', tiers });

test.each([
  ['no record: the domain itself (RFC 5321 §5.1)', [], hosts(['example.org'])],
  ['by preference, equal ones together', mx([20, 'b'], [10, 'C'], [10, 'a.']), hosts(['a', 'c'], ['b'])],
  [
    'a host that is named twice counts once, where it is preferred',
    mx([10, 'a'], [20, 'a'], [20, 'b']),
    hosts(['a'], ['b']),
  ],
  ['null MX (RFC 7505)', mx([0, '']), { kind: 'null-mx' }],
  ['null MX, written with its dot', mx([0, '.']), { kind: 'null-mx' }],
  ['a null MX beside hosts means nothing', mx([0, ''], [10, 'a']), hosts(['a'])],
  ['we are the last of them: those before us', mx([10, 'a'], [20, 'us.example']), hosts(['a'])],
  [
    'we are among equals, and others come later',
    mx([10, 'us.example'], [10, 'a'], [20, 'b']),
    { kind: 'loop' },
  ],
  ['we are the only one', mx([10, 'US.example.']), { kind: 'loop' }],
] as const)('%s', (_, records, expected) => {
  expect(mailHosts('example.org', records, (host) => host === 'us.example')).toEqual(expected);
});

test('of a thousand hosts the ten that are preferred are known', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => ({ priority: 1_000 - i, exchange: `mx${i}` }));
  const found = mailHosts('example.org', many, () => false);
  expect(found).toEqual(hosts(...Array.from({ length: mostHosts }, (_, i) => [`mx${999 - i}`])));
});

test('an order has each host once, and no host before one that is preferred', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
      fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 1 }),
      (shape, dice) => {
        const tiers = shape.map((tier, i) => tier.map((_, k) => `${i}.${k}`));
        let next = 0;
        const ordered = inOrder(tiers, () => dice[next++ % dice.length] ?? 0);
        expect([...ordered].sort()).toEqual(tiers.flat().sort());
        const preferences = ordered.map((host) => Number(host.split('.')[0]));
        expect(preferences).toEqual([...preferences].sort((a, b) => a - b));
      },
    ),
  );
});
