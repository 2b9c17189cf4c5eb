import { expect, test } from 'vitest';
import { type Network, parseNetwork } from '../../src/domain/network.ts';
import { clientIp } from '../../src/web/client-ip.ts';

const proxies = ['127.0.0.1', '::1', '10.0.0.0/8'].map((text) => parseNetwork(text) as Network);

const cases: readonly (readonly [name: string, peer: string, forwarded: string | undefined, ip: string])[] = [
  ['a client of its own', '192.0.2.1', undefined, '192.0.2.1'],
  ['a client that claims to be another', '192.0.2.1', '203.0.113.5', '192.0.2.1'],
  ['behind a proxy of ours', '127.0.0.1', '203.0.113.5', '203.0.113.5'],
  ['behind two of them', '127.0.0.1', '203.0.113.5, 10.1.2.3', '203.0.113.5'],
  ['behind a proxy, with a claim of its own', '127.0.0.1', '198.51.100.9, 203.0.113.5', '203.0.113.5'],
  ['behind a proxy that tells nothing', '127.0.0.1', undefined, '127.0.0.1'],
  ['behind a proxy that tells nonsense', '127.0.0.1', '203.0.113.5, unknown', '127.0.0.1'],
  ['with an empty header', '127.0.0.1', '', '127.0.0.1'],
  ['over IPv6', '::1', '2001:db8::7', '2001:db8::7'],
  ['over an IPv4-mapped address', '::ffff:127.0.0.1', ' 203.0.113.5 ', '203.0.113.5'],
  ['where every hop is ours', '127.0.0.1', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['over a Unix socket', '', '203.0.113.5', ''],
];

test.each(cases)('a request %s', (_, peer, forwarded, ip) => {
  expect(clientIp(peer, forwarded, proxies)).toBe(ip);
});
