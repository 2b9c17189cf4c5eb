import { isInNetworks, type Network, parseNetwork } from './network.ts';

/**
 * Networks where nobody's public mail server can be (RFC 6890): a record that points there would have us talk to ourselves, or to
 * what stands behind our firewall.
 */
const special = networks(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
);

/** The same IPv4 networks behind a translator (RFC 6052 §2.1). */
const translated = special.flatMap(({ base, prefix }) =>
  base >> 32n === 0xffffn ? [{ base: (0x64_ff9bn << 96n) | (base & 0xffff_ffffn), prefix }] : [],
);

/** `except`: networks of our own where mail may go all the same. */
export function isReachable(ip: string, except: readonly Network[] = []): boolean {
  return (!isInNetworks(ip, special) && !isInNetworks(ip, translated)) || isInNetworks(ip, except);
}

export function networks(...texts: readonly string[]): readonly Network[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}
