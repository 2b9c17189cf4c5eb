import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedNetwork, isInNetworks, type Network, parseNetwork } from '../../src/domain/network.ts';

const networks = (...texts: string[]) => texts.map((text) => parseNetwork(text) as Network);

describe('a network', () => {
  it.each([
    ['an address is in itself', '192.0.2.1', '192.0.2.1', true],
    ['another is not', '192.0.2.2', '192.0.2.1', false],
    ['the last of a /24', '192.0.2.255', '192.0.2.0/24', true],
    ['one past the /24', '192.0.3.0', '192.0.2.0/24', false],
    ['host bits in the network do not matter', '192.0.2.9', '192.0.2.77/24', true],
    ['an odd prefix, inside', '10.0.0.127', '10.0.0.0/25', true],
    ['an odd prefix, one past', '10.0.0.128', '10.0.0.0/25', false],
    ['/0 holds every IPv4 address', '255.255.255.255', '0.0.0.0/0', true],
    ['but no IPv6 address', '2001:db8::1', '0.0.0.0/0', false],
    ['IPv4 as a dual-stack socket tells it', '::ffff:192.0.2.1', '192.0.2.0/24', true],
    ['the same in hex', '::ffff:c000:201', '192.0.2.0/24', true],
    ['IPv6, other spelling', '2001:DB8:0:0::0001', '2001:db8::/64', true],
    ['IPv6, next /64', '2001:db8:0:1::1', '2001:db8::/64', false],
    ['loopback', '::1', '::1', true],
    ['a zone is left out', 'fe80::1%eth0', 'fe80::/10', true],
    ['what is no address is in nothing', '', '0.0.0.0/0', false],
  ])('%s', (_, ip, network, expected) => {
    expect(isInNetworks(ip, networks('198.51.100.1', network))).toBe(expected);
  });

  it.each([
    '',
    'example.org',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/-1',
    '1.2.3.4/8/8',
    '::/129',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::1.2.3',
    '1.2.3.4::',
    '::ffff:1.2.3.4:5',
  ])('is not "%s"', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });

  it('reads every address it is given in any form, and never throws', () => {
    fc.assert(
      fc.property(fc.ipV6(), (ip) => isInNetworks(ip, networks(ip)) && isInNetworks(ip, networks(`${ip}/1`))),
    );
    fc.assert(fc.property(fc.ipV4(), (ip) => isInNetworks(`::ffff:${ip}`, networks(`${ip}/32`))));
    fc.assert(fc.property(fc.string(), (text) => parseNetwork(text) === undefined || text.length > 1));
  });
});

describe('what counts as one client', () => {
  it.each([
    ['two IPv4 neighbours', '192.0.2.1', '192.0.2.2', false],
    ['one IPv4 address in two spellings', '192.0.2.1', '::ffff:192.0.2.1', true],
    ['two addresses of one /64', '2001:db8::1', '2001:db8::ffff:1', true],
    ['two /64', '2001:db8::1', '2001:db8:0:1::1', false],
  ])('%s', (_, a, b, same) => {
    expect(countedNetwork(a) === countedNetwork(b)).toBe(same);
  });
});
