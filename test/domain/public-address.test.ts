import { expect, test } from 'vitest';
import { isReachable, networks } from '../../src/domain/public-address.ts';

test.each([
  ['8.8.8.8', true],
  ['172.15.255.255', true],
  ['172.32.0.0', true],
  ['2a00:1450:4001::1b', true],
  ['127.0.0.1', false],
  ['0.0.0.0', false],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['100.64.0.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['::127.0.0.1', false],
  ['fe80::1', false],
  ['fd00::1', false],
  ['2001:db8::1', false],
  ['2002:7f00:1::', false],
  ['64:ff9b::8.8.8.8', true],
  ['64:ff9b::7f00:1', false],
  ['64:ff9b::a00:1', false],
  ['::ffff:0:7f00:1', false],
  ['fec0::1', false],
  ['3fff::1', false],
  ['3fff:1000::1', true],
  ['5f00::1', false],
  ['192.88.99.1', false],
])('a public mail server can have %s: %s', (ip, expected) => {
  expect(isReachable(ip)).toBe(expected);
});

test('what the operator names is reachable, and nothing beside it', () => {
  const own = networks('10.1.0.0/16', '::1');
  expect(['10.1.2.3', '10.2.0.1', '::1', '127.0.0.1'].map((ip) => isReachable(ip, own))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
